"""The orders grid, one order in detail, a customer's orders, and the customer's tracking document."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, request

from access.roles import RIGHTS, Right, Role
from projections.orders.customer_orders import parse_customer_query
from projections.orders_grid.columns import STATUSES
from projections.orders_grid.parameters import PARAMETERS, parse_grid_query
from projections.paging.parameters import PAGING
from projections.paging.query import Count
from web.guard import View, caller_now
from web.parameters import single_parameters
from web.problems import Problem
from web.queries.answering import (
    FRESH,
    etag,
    json_answer,
    min_position,
    page_answer,
    parse_query,
    place_asked,
    refuse_when_behind,
    versioned,
)
from web.queries.ports import OrderQueries

TOKEN_MAX = 128
# What these streams tell of an order does not move the order's version.
BESIDE = frozenset({"approval", "printing", "notification"})

CUSTOMER_ID_MAX = 128


def grid_view(orders: OrderQueries) -> View:
    """GET /queries/orders."""
    return refuse_when_behind(lambda: page_answer(orders.grid_page(parse_query(PARAMETERS, parse_grid_query))))


def counts_view(orders: OrderQueries) -> View:
    """GET /queries/orders/counts: by status as the read model keeps them, or an estimate where filters are given."""

    def view() -> Response:
        query = parse_query(PARAMETERS - {"limit", "cursor", "count", "sort", "after"}, parse_grid_query)
        plain = not (query.by_text or query.times or query.numbers or query.choices)
        found = orders.grid_page(replace(query, limit=1))
        counts = dict(orders.status_counts()) if plain else {}
        if not plain:
            for status in query.choices.get("status", STATUSES):
                narrowed = replace(query, choices={**query.choices, "status": (status,)}, limit=1, count=Count.ESTIMATE)
                counts[status] = orders.grid_page(narrowed).count or 0
        body = {"counts": counts, "total": sum(counts.values()), "estimate": not plain, "position": found.position}
        return json_answer(msgspec.json.encode(body))

    return refuse_when_behind(view)


def order_view(orders: OrderQueries) -> View:
    """GET /queries/orders/{order_id}. Reasons are for those who may read the audit trail."""

    def view(order_id: UUID) -> Response:
        given = single_parameters(request, {"min_position", "timeline_before"})
        places = [place_asked(given, name) for name in ("min_position", "timeline_before")]
        reasons = Right.AUDIT in RIGHTS[caller_now().role]
        order = orders.order_detail(order_id, *places, reasons=reasons)
        if order is None:
            raise Problem(404, "not_found", f"There is no order {order_id}.")
        if _seen(order):
            return Response(status=304, headers=FRESH | {"ETag": etag(order)})
        return versioned(order)

    return refuse_when_behind(view)


def _seen(order: Mapping[str, Any]) -> bool:
    """Whether the caller has it already.

    Parcels and printings move without a new version, so an order that has any is always shown.
    """
    moves = (
        order["shipments"] or order["timeline_before"] or any(told["aggregate"] in BESIDE for told in order["timeline"])
    )
    return not moves and request.if_none_match.contains_weak(str(order["version"]))


def tracking_view(orders: OrderQueries) -> View:
    """GET /queries/tracking/{token}: whoever has the link may look."""

    def view(token: str) -> Response:
        position = min_position()
        parcels = orders.tracking(token, position) if len(token) <= TOKEN_MAX and "\0" not in token else None
        if parcels is None:
            raise Problem(404, "not_found", "There is no order behind this link.")
        return json_answer(msgspec.json.encode(parcels))

    return refuse_when_behind(view)


def customer_orders_view(orders: OrderQueries) -> View:
    """GET /queries/customers/{customer_id}/orders: a customer's key opens that customer's orders only."""

    def view(customer_id: str) -> Response:
        caller = caller_now()
        if caller.role is Role.CUSTOMER and caller.customer_id != customer_id:
            raise Problem(403, "forbidden", "A customer's key opens that customer's own orders only.")
        query = parse_query(PAGING, parse_customer_query)
        if len(customer_id) > CUSTOMER_ID_MAX or "\0" in customer_id:
            raise Problem(404, "not_found", "There is no such customer.")
        return page_answer(orders.customer_orders(customer_id, query))

    return refuse_when_behind(view)
