"""The orders grid, one order in detail, and the customer's tracking document."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request

from projections.grid_parameters import PARAMETERS, parse_grid_query
from projections.grid_query import Cursor, GridPage, InvalidParameterError
from projections.positions import Behind
from web.access import View
from web.parameters import invalid_parameter, single_parameters, whole_number
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.queries.ports import OrderQueries
from web.requests import unknown_parameters

TOKEN_MAX = 128
FRESH = {"Cache-Control": "private, no-cache"}


def grid_view(orders: OrderQueries) -> View:
    """GET /queries/orders."""

    def view() -> Response:
        given = request.args.to_dict(flat=False)
        if not given.keys() <= PARAMETERS:
            raise unknown_parameters(sorted(given.keys() - PARAMETERS))
        try:
            query = parse_grid_query(given)
        except InvalidParameterError as error:
            raise invalid_parameter(error.name, error.message, malformed=error.malformed) from None
        return _json(_page(orders.grid_page(query), given))

    return _waiting(view)


def order_view(orders: OrderQueries) -> View:
    """GET /queries/orders/{order_id}."""

    def view(order_id: UUID) -> Response:
        order = orders.order_detail(order_id, _min_position())
        if order is None:
            raise Problem(404, "not_found", f"There is no order {order_id}.")
        if _seen(order):
            return Response(status=304, headers=FRESH | {"ETag": _etag(order)})
        return _json(msgspec.json.encode(order), FRESH | {"ETag": _etag(order)})

    return _waiting(view)


def _etag(order: Mapping[str, Any]) -> str:
    return f'"{order["version"]}"'


def _seen(order: Mapping[str, Any]) -> bool:
    """Whether the caller has this version already; parcels move without one, so an order with shipments is shown."""
    return not order["shipments"] and request.if_none_match.contains_weak(str(order["version"]))


def tracking_view(orders: OrderQueries) -> View:
    """GET /queries/tracking/{token}: whoever has the link may look."""

    def view(token: str) -> Response:
        position = _min_position()
        parcels = orders.tracking(token, position) if len(token) <= TOKEN_MAX and "\0" not in token else None
        if parcels is None:
            raise Problem(404, "not_found", "There is no order behind this link.")
        return _json(msgspec.json.encode(parcels))

    return _waiting(view)


def _waiting(view: View) -> View:
    """The view, answering 503 with the position reached when that is still below the one asked for."""

    def patient(**arguments: Any) -> Any:
        try:
            return view(**arguments)
        except Behind as behind:
            headers = {"Retry-After": RETRY_AFTER_SECONDS}
            raise Problem(503, behind.code, str(behind), headers=headers, position=behind.position) from None

    return patient


def _min_position() -> int | None:
    given = single_parameters(request, {"min_position"})
    return whole_number(given, "min_position", 0, 0, 2**63 - 1) if given else None


def _page(page: GridPage, given: dict[str, list[str]]) -> bytes:
    """The page's JSON around items that are JSON already."""
    tail: dict[str, Any] = {
        "next": _url(page.next, given),
        "previous": _url(page.previous, given),
        "position": page.position,
    }
    if page.count is not None:
        tail["count"] = page.count
    return b'{"items":[' + page.items + b"]," + msgspec.json.encode(tail)[1:]


def _url(cursor: Cursor | None, given: dict[str, list[str]]) -> str | None:
    """The same list with its filters, from ``cursor`` on."""
    if cursor is None:
        return None
    kept = {name: values for name, values in given.items() if name not in {"cursor", "min_position"}}
    return f"{request.path}?{urlencode({**kept, 'cursor': [cursor.token()]}, doseq=True)}"


def _json(body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, headers=headers, content_type="application/json")
