"""Which orders are meant by a form beneath the grid: those that are ticked, or all that match, as of now."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from flask import request

from projections.orders_grid.parameters import parse_grid_query
from web.pages.listing import PLACE, Asked, items_of, read
from web.pages.remembering import seen
from web.pages.visitor import translate as _
from web.problems import Problem
from web.queries.ports import OrderQueries

PAGE = "200"
NAMED_MAX = 100
"""Of so many ids the list is no longer than the grid takes."""

T = TypeVar("T")


def chosen_orders(orders: OrderQueries, most: int) -> list[tuple[str, str]]:
    """Id and number of each order; the number is empty of one that the grid does not know. Raises Problem."""
    if request.form.get("all"):
        return _some(list(islice(_matching(orders), most + 1)), most)
    ticked = _some(list(dict.fromkeys(request.form.getlist("order"))), most)
    ids = [str(id_of(each)) for each in ticked]
    numbers = dict(_numbers(orders, ids))
    return [(order_id, numbers.get(order_id, "")) for order_id in ids]


def _some(chosen: list[T], most: int) -> list[T]:
    """What is chosen, if it is something and not too much."""
    if not chosen:
        raise Problem(422, "invalid_value", _("Tick the orders first."))
    if len(chosen) > most:
        raise Problem(422, "invalid_value", f"At most {most} orders at once: narrow the list down.")
    return chosen


def id_of(text: str) -> UUID:
    """The id in a row's box; raises Problem."""
    try:
        return UUID(text)
    except ValueError:
        raise Problem(422, "invalid_value", _("Tick the rows first.")) from None


def _numbers(orders: OrderQueries, ids: list[str]) -> Iterator[tuple[str, str]]:
    """Id and number of those orders: people know them by number."""
    for start in range(0, len(ids), NAMED_MAX):
        asked = (("order_id", ",".join(ids[start : start + NAMED_MAX])), ("limit", PAGE))
        found = orders.grid_page(read(Asked("/", asked), parse_grid_query))
        yield from ((item["order_id"], item["order_number"]) for item in items_of(found))


def _matching(orders: OrderQueries) -> Iterator[tuple[str, str]]:
    pairs = [pair for pair in parse_qsl(request.form.get("query", "")) if pair[0] not in PLACE | {"columns"}]
    position = seen()
    pairs += [("limit", PAGE)] + ([("min_position", str(position))] if position else [])
    cursor = ""
    while True:
        asked = Asked("/", (*pairs, *([("cursor", cursor)] if cursor else [])))
        found = orders.grid_page(read(asked, parse_grid_query))
        yield from ((item["order_id"], item["order_number"]) for item in items_of(found))
        if found.next is None:
            return
        cursor = found.next.token()
