"""The past of one order over HTTP (GET): how it was shown, and what changed between two points.

A point is a version of the order or a moment. Nothing here folds or reads; what cannot be asked is refused with how to.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, request

from projections.orders.past import DiffTooLongError
from projections.orders.points import NoSuchPointError, Point
from projections.paging.parameters import read_time
from projections.paging.query import InvalidParameterError
from web.audit.ports import PastOrders
from web.guard import View
from web.parameters import invalid_parameter, single_parameters, whole_number
from web.problems import Problem

VERSION_MAX = 2**31 - 1
NUMBER_MAX = 2**63 - 1
CLOCKS = ("recorded_at", "occurred_at")


def past_order_view(past: PastOrders) -> View:
    """GET /audit/orders/{order_id}?version= | ?as_of= [&by=occurred_at]; without either as it is now."""

    def view(order_id: UUID) -> Response:
        given = single_parameters(request, {"version", "as_of", "by", "timeline_before"})
        before = whole_number(given, "timeline_before", 0, 0, NUMBER_MAX) if "timeline_before" in given else None
        point = _point(given)
        return _answer(order_id, lambda: past.order_at(order_id, point, before))

    return view


def diff_view(past: PastOrders) -> View:
    """GET /audit/orders/{order_id}/diff?from=&to=: each a version or a moment; to is now unless given."""

    def view(order_id: UUID) -> Response:
        given = single_parameters(request, {"from", "to"})
        if "from" not in given:
            raise Problem(400, "missing_parameter", "from: Required: a version of the order, or a moment.")
        since = _version_or_moment(given, "from")
        until = _version_or_moment(given, "to") if "to" in given else Point(moment=datetime.now(UTC))
        return _answer(order_id, lambda: past.changes(order_id, since, until))

    return view


def _answer(order_id: UUID, ask: Any) -> Response:
    try:
        found: Mapping[str, Any] | None = ask()
    except NoSuchPointError as elsewhere:
        raise Problem(404, "not_found", str(elsewhere)) from elsewhere
    except DiffTooLongError as long:
        raise Problem(422, "diff_too_long", f"{long} Ask for a shorter stretch.") from long
    if found is None:
        raise Problem(404, "not_found", f"There is no order {order_id}.")
    return Response(msgspec.json.encode(found), content_type="application/json", headers={"Cache-Control": "no-cache"})


def _point(given: Mapping[str, str]) -> Point:
    by = given.get("by", CLOCKS[0])
    if by not in CLOCKS:
        raise invalid_parameter("by", f"Must be one of {', '.join(CLOCKS)}.")
    if "version" in given and given.keys() & {"as_of", "by"}:
        raise invalid_parameter("version", "Ask for a version or for a moment, not for both.")
    if "version" in given:
        return Point(version=whole_number(given, "version", 1, 1, VERSION_MAX))
    moment = _moment("as_of", given["as_of"]) if "as_of" in given else datetime.now(UTC)
    return Point(moment=moment, occurred=by == CLOCKS[1])


def _version_or_moment(given: Mapping[str, str], name: str) -> Point:
    if given[name].isdigit():
        return Point(version=whole_number(given, name, 1, 1, VERSION_MAX))
    return Point(moment=_moment(name, given[name]))


def _moment(name: str, text: str) -> datetime:
    """A moment that has passed; a day means its end, and today means now."""
    try:
        moment = read_time(name, text, end_of_day=True)
    except InvalidParameterError as wrong:
        raise invalid_parameter(name, wrong.message, malformed=wrong.malformed) from wrong
    now = datetime.now(UTC)
    if moment <= now:
        return moment
    if text == now.date().isoformat():
        return now
    raise invalid_parameter(name, "Lies ahead: only what has passed can be asked for.", malformed=False)
