"""A customer's orders, the newest first, each with its timeline, documents and parcels, folded from the log.

They are found by the hash under which the customer's data keys stand in the log, so no table holds who
bought what; once a customer's keys are erased nothing is found any more. It never writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from psycopg import Connection

from domain.values import to_text
from eventstore import feed
from eventstore.errors import Unreadable
from projections.order_history.history import OrderHistory
from projections.order_history.reader import unreadable_order
from projections.orders.shapes.customer import CustomerOrderShown, UnreadableOrder
from projections.orders.tracking import document
from projections.paging.parameters import PAGING, check_names, parse_position, read_limit
from projections.paging.query import Cursor, InvalidParameterError

LIST = "customer_orders"
LIMIT_DEFAULT = 20


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """One question about a customer's orders."""

    limit: int = LIMIT_DEFAULT
    cursor: Cursor | None = None
    min_position: int | None = None


def parse_customer_query(given: Mapping[str, Sequence[str]]) -> CustomerQuery:
    """The query that these parameters ask; raises InvalidParameterError for the first wrong one."""
    check_names(given, PAGING, ())
    single = {name: values[0] for name, values in given.items()}
    cursor = Cursor.from_token(single["cursor"]) if "cursor" in single else None
    if cursor is not None and (cursor.sort != LIST or not _is_place(cursor)):
        raise InvalidParameterError("cursor", "This cursor belongs to another list.")
    position = parse_position(single.get("min_position"))
    return CustomerQuery(read_limit(single, LIMIT_DEFAULT), cursor, position)


def _is_place(cursor: Cursor) -> bool:
    value = cursor.value or ""
    return value.isascii() and value.isdigit() and len(value) < 19


def places(connection: Connection[Any], customer_hash: bytes, query: CustomerQuery) -> list[tuple[UUID, int]]:
    """The ids of the orders beyond the cursor in the direction of the walk, with where each began in the log."""
    cursor = query.cursor
    beyond = None if cursor is None else cursor.value
    up = cursor is not None and cursor.backward
    return feed.partitions_of_customer(connection, customer_hash, query.limit + 1, beyond, up=up)


def item(history: OrderHistory | Unreadable) -> CustomerOrderShown | UnreadableOrder | None:
    """The order as its customer sees it; None when there is none any more."""
    if isinstance(history, Unreadable):
        return cast("UnreadableOrder", unreadable_order(history))
    placed, order = history.placed, history.order
    if placed is None:
        return None
    return {
        "order_id": str(history.order_id),
        **document(history, placed),
        "currency": order.currency,
        "grand_total": to_text(order.grand_total, order.currency),
        "tracking_token": placed.tracking_token,
    }
