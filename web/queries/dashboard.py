"""GET /queries/dashboard: how the shop is doing, over the last days."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from flask import request

from web.guard import View
from web.parameters import single_parameters, whole_number
from web.queries.answering import json_answer

DAYS = 30
DAYS_MAX = 92


class Dashboard(Protocol):
    """Counts over the read models."""

    def figures(self, days: int) -> Mapping[str, Any]: ...


def dashboard_view(dashboard: Dashboard) -> View:
    """The figures as JSON."""
    return lambda: json_answer(msgspec.json.encode(dashboard.figures(days_asked())))


def days_asked() -> int:
    """Over how many days."""
    return whole_number(single_parameters(request, {"days"}), "days", DAYS, 1, DAYS_MAX)
