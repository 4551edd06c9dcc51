"""What the HTTP edge asks about orders, over a pool of connections and the log.

Grid and tracking come from their tables and may wait a bounded time for a position; the detail is folded
from the log itself. Nothing here writes.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool

from domain.order_events import OrderCommented
from eventstore.codec import Codec
from eventstore.patience import BoundedConnection
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.records import DataKey, RecordedEvent
from eventstore.statements import is_alive
from projections.engine.decoder import Decoder
from projections.engine.positions import require_recorded, wait_for
from projections.order_history.actors import Actors
from projections.order_history.history import FOLDS, OrderHistory, fold
from projections.order_history.reader import HistoryReader
from projections.order_history.reading_partitions import each
from projections.orders import customer_orders
from projections.orders.changes import changes, parts
from projections.orders.customer_orders import CustomerQuery
from projections.orders.detail import order_detail
from projections.orders.timeline import Happened, Shown, timeline_page
from projections.orders.tracking import TRACKING, tracking_document
from projections.orders_grid import read_model
from projections.orders_grid.query import GridQuery
from projections.paging.ends import ends
from projections.paging.query import Cursor, GridPage


def read_pool(conninfo: str, max_size: int = 16) -> ConnectionPool[Connection[Any]]:
    """An open pool for reading read models, acting as the role that ``conninfo`` names (daybook_app)."""
    return ConnectionPool(
        conninfo,
        min_size=1,
        max_size=max_size,
        timeout=5,
        connection_class=BoundedConnection,
        kwargs={"autocommit": True, "connect_timeout": 5},
        configure=_configure,
        check=_require_alive,
        name="read",
        open=True,
    )


def _require_alive(connection: Connection[Any]) -> None:
    """Let the pool replace a connection that was lost; costs a round trip only when the server has said something."""
    if not is_alive(connection):
        raise OperationalError("the connection was lost")


def _configure(connection: Connection[Any]) -> None:
    connection.execute("SET timezone = 'UTC'; SET jit = off; SET statement_timeout = 12000")


class OrderQueries:
    """Answers questions about orders. Thread-safe. Raises positions.PositionUnknown, past a bounded wait Behind."""

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], reader: LogReader, codec: Codec, keyring: Keyring
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._codec = codec
        self._keyring = keyring
        self._actors = Actors(pool)
        self._histories = HistoryReader(reader, codec, keyring)
        self._decoder = Decoder(codec, keyring, codec.event_classes.values())

    def grid_page(self, query: GridQuery) -> GridPage:
        """A page of the orders grid."""
        with self._pool.connection() as connection:
            return read_model.page(connection, query)

    def status_counts(self) -> dict[str, int]:
        """How many orders there are in each status."""
        with self._pool.connection() as connection:
            return read_model.status_counts(connection)

    def order_detail(
        self,
        order_id: UUID,
        min_position: int | None = None,
        timeline_before: int | None = None,
        *,
        reasons: bool = False,
    ) -> Mapping[str, Any] | None:
        """One order as it is now, with the newest part of its timeline before a position; None when there is none.

        With ``reasons`` the timeline says why, too. Raises Unreadable when an event of it cannot be read.
        """
        position = require_recorded(self._reader.head, min_position)
        partition = self._reader.read_partition(order_id)
        history = OrderHistory(order_id)
        rows = partition.events
        happened = each(rows, lambda row: self._told(history, row, partition.data_key, reasons=reasons))
        detail = order_detail(history, max(position, rows[-1].position if rows else 0), datetime.now(UTC))
        if detail is None:
            return None
        actors = self._actors.shown(rows)
        comments = zip(detail["comments"], _authors(happened, actors), strict=True)
        return {
            **detail,
            "comments": [comment | {"author": author} for comment, author in comments],
            **timeline_page(happened, actors, history.order.currency, timeline_before),
        }

    def _told(self, history: OrderHistory, row: RecordedEvent, key: DataKey | None, *, reasons: bool) -> Happened:
        """Fold an event into the history, and keep what the timeline tells of it."""
        event = self._decoder.event(row, key)
        before = parts(history, event)
        fold(history, row, event if type(event) in FOLDS else None)
        after = parts(history, event)
        changed = None if before is None or after is None else changes(before, after)
        reason = self._codec.reason(row, self._keyring.cipher(row.partition_id, key)) if reasons else None
        return Happened(row, event, changed, reason)

    def tracking(self, token: str, min_position: int | None = None) -> Mapping[str, Any] | None:
        """What the holder of a link sees; None when there is no order behind it."""
        with self._pool.connection() as connection:
            position = wait_for(connection, TRACKING.name, min_position)
            document = tracking_document(connection, token)
        return None if document is None else document | {"position": position}

    def customer_orders(self, customer_id: str, query: CustomerQuery) -> GridPage:
        """A page of a customer's orders, each as the customer sees it."""
        position = require_recorded(self._reader.head, query.min_position)
        customer_hash = self._keyring.customer_hash(customer_id)
        with self._pool.connection() as connection:
            places = customer_orders.places(connection, customer_hash, query)
        taken = places[: query.limit]
        shown, following, previous = ends(taken, len(places) > len(taken), query.cursor, _customer_place)
        histories = self._histories.several([order_id for order_id, _ in shown])
        items = [customer_orders.item(histories[order_id]) for order_id, _ in shown if order_id in histories]
        encoded = b",".join([msgspec.json.encode(item) for item in items if item is not None])
        return GridPage(encoded, following, previous, position)


def _authors(happened: Iterable[Happened], actors: Shown) -> list[Mapping[str, str | None]]:
    """Who wrote each comment, in their order."""
    rows = [told.row for told in happened if isinstance(told.event, OrderCommented)]
    return [actors[row.actor_type, row.actor_id] for row in rows]


def _customer_place(place: tuple[UUID, int]) -> Cursor:
    order_id, from_position = place
    return Cursor(customer_orders.LIST, str(from_position), order_id)
