"""What was noted beside the log, over HTTP (GET): commands that were refused, and who looked at personal data."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request

from access.noted_pages import NotedAsked, NotedPage
from projections.paging.parameters import read_time
from projections.paging.query import InvalidParameterError
from projections.paging.times import rfc3339
from web.guard import View
from web.parameters import invalid_parameter, single_parameters, whole_number

LIMIT_DEFAULT = 100
LIMIT_MAX = 500
TEXT_MAX = 200
COMMON = frozenset({"actor", "recorded_from", "recorded_to", "limit", "cursor"})
OF_REFUSALS = frozenset({"code", "command", "target_id"})
OF_ACCESSES = frozenset({"kind", "subject_id", "customer_id"})
HIDDEN = frozenset({"customer_hash", "refusal_id", "access_id"})


class Noted(Protocol):
    """Reads what was noted."""

    def page(self, asked: NotedAsked, conditions: Mapping[str, Any]) -> NotedPage: ...


CustomerHash = Callable[[str], bytes]


def refusals_view(refusals: Noted) -> View:
    """GET /audit/refusals: the last first."""

    def view() -> Response:
        given = single_parameters(request, COMMON | OF_REFUSALS)
        return _json(given, refusals_page(refusals, given))

    return view


def accesses_view(accesses: Noted, customer_hash: CustomerHash) -> View:
    """GET /audit/accesses: the last first."""

    def view() -> Response:
        given = single_parameters(request, COMMON | OF_ACCESSES)
        return _json(given, accesses_page(accesses, given, customer_hash))

    return view


def refusals_page(refusals: Noted, given: Mapping[str, str]) -> NotedPage:
    """The page that these parameters ask for. Raises Problem."""
    conditions = {name: _text(given, name) for name in ("code", "command")}
    return refusals.page(asked_of(given), conditions | {"target_id": _uuid(given, "target_id")})


def accesses_page(accesses: Noted, given: Mapping[str, str], customer_hash: CustomerHash) -> NotedPage:
    """The same of accesses."""
    customer = _text(given, "customer_id")
    conditions = {
        "kind": _text(given, "kind"),
        "subject_id": _uuid(given, "subject_id"),
        "customer_hash": None if customer is None else customer_hash(customer),
    }
    return accesses.page(asked_of(given), conditions)


def asked_of(given: Mapping[str, str]) -> NotedAsked:
    """What both are asked for. Raises Problem."""
    try:
        times = {
            name: read_time(name, given[name], end_of_day=name == "recorded_to")
            for name in ("recorded_from", "recorded_to")
            if name in given
        }
    except InvalidParameterError as wrong:
        raise invalid_parameter(wrong.name, wrong.message, malformed=wrong.malformed) from wrong
    return NotedAsked(
        actor=_text(given, "actor"),
        noted_from=times.get("recorded_from"),
        noted_to=times.get("recorded_to"),
        before=whole_number(given, "cursor", 0, 1, 2**63 - 1) if "cursor" in given else None,
        limit=whole_number(given, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX),
    )


def shown(item: Mapping[str, Any]) -> dict[str, Any]:
    """A note as it is told: times as RFC 3339, the actor as everywhere."""
    told = {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in item.items()}
    known = told.pop("actor_id")
    actor = {"type": told.pop("actor_type"), "id": known, "name": told.pop("actor_name")}
    kept = {name: value for name, value in told.items() if name not in HIDDEN}
    return kept | {"actor": None if known is None else actor}


def _json(given: Mapping[str, str], page: NotedPage) -> Response:
    following = None
    if page.next is not None:
        following = f"{request.path}?{urlencode({**given, 'cursor': page.next})}"
    body = {"items": [shown(item) for item in page.items], "next": following}
    return Response(msgspec.json.encode(body), content_type="application/json", headers={"Cache-Control": "no-store"})


def _text(given: Mapping[str, str], name: str) -> str | None:
    text = given.get(name)
    if text is not None and (not text.strip() or len(text) > TEXT_MAX or "\0" in text):
        raise invalid_parameter(name, f"Must be a text of at most {TEXT_MAX} characters.", malformed=False)
    return text


def _uuid(given: Mapping[str, str], name: str) -> UUID | None:
    try:
        return UUID(given[name]) if name in given else None
    except ValueError:
        raise invalid_parameter(name, "Must be a UUID.") from None
