"""Which orders are meant by a form beneath the grid: those that are ticked, or all that match, as of now."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qsl

from flask import request

from projections.orders_grid.parameters import parse_grid_query
from web.pages.listing import PLACE, Asked, items_of, read
from web.pages.remembering import seen
from web.pages.visitor import translate as _
from web.problems import Problem
from web.queries.ports import OrderQueries

PAGE = "200"


def chosen_orders(orders: OrderQueries, most: int) -> list[tuple[str, str]]:
    """Id and number of each order; the number is empty where only the box was ticked. Raises Problem."""
    if request.form.get("all"):
        matching = list(islice(_matching(orders), most + 1))
    else:
        matching = [(order_id, "") for order_id in dict.fromkeys(request.form.getlist("order"))]
    if not matching:
        raise Problem(422, "invalid_value", _("Tick the orders first."))
    if len(matching) > most:
        raise Problem(422, "invalid_value", f"At most {most} orders at once: narrow the list down.")
    return matching


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
