"""The audit trail: every event of an order, or of access, with who, when, why and its place in the log."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request

from web.audit.ports import AuditTrail
from web.guard import View
from web.parameters import single_parameters, whole_number
from web.problems import Problem

LIMIT_DEFAULT = 100
LIMIT_MAX = 500


def order_events_view(audit: AuditTrail) -> View:
    """GET /audit/orders/{order_id}/events."""

    def view(order_id: UUID) -> Response:
        after, limit = _asked()
        events = audit.order_events(order_id, after, limit + 1)
        if events is None:
            raise Problem(404, "not_found", f"There is no order {order_id}.")
        return _page(events, limit)

    return view


def access_events_view(audit: AuditTrail) -> View:
    """GET /audit/access/events: keys made, replaced and revoked, periods closed."""

    def view() -> Response:
        after, limit = _asked()
        return _page(audit.access_events(after, limit + 1), limit)

    return view


def _asked() -> tuple[int, int]:
    """After which position, and how many events."""
    given = single_parameters(request, {"cursor", "limit"})
    after = whole_number(given, "cursor", 0, 0, 2**63 - 1)
    return after, whole_number(given, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX)


def _page(events: Sequence[Mapping[str, Any]], limit: int) -> Response:
    page = events[:limit]
    following = None
    if len(events) > limit:
        following = f"{request.path}?{urlencode({'cursor': page[-1]['position'], 'limit': limit})}"
    return Response(msgspec.json.encode({"items": page, "next": following}), content_type="application/json")
