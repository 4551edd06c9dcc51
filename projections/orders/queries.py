"""What the HTTP edge asks about orders, over a pool of connections and the log.

Grid and tracking come from their tables and may wait a bounded time for a position; the detail is folded
from the log itself. Nothing here writes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from eventstore.codec import Codec
from eventstore.patience import BoundedConnection
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.statements import require_alive
from projections.engine.positions import require_recorded, wait_for
from projections.order_history.actors import Actors
from projections.order_history.reader import HistoryReader
from projections.orders import customer_orders
from projections.orders.customer_orders import CustomerQuery
from projections.orders.telling import OrderTeller
from projections.orders.tracking import TRACKING, tracking_document
from projections.orders_grid import read_model
from projections.orders_grid.query import GridQuery
from projections.orders_grid.stores import stores_seen
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
        # psycopg prepares nothing by itself: it would have the server forget what pages prepared here at each ROLLBACK.
        kwargs={"autocommit": True, "connect_timeout": 5, "prepare_threshold": None},
        configure=_configure,
        check=require_alive,
        name="read",
        open=True,
    )


def _configure(connection: Connection[Any]) -> None:
    connection.execute("SET timezone = 'UTC'; SET jit = off; SET statement_timeout = 12000")


class OrderQueries:
    """Answers questions about orders. Thread-safe. Raises positions.PositionUnknown, past a bounded wait Behind."""

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], reader: LogReader, codec: Codec, keyring: Keyring
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._keyring = keyring
        self._teller = OrderTeller(codec, keyring, Actors(pool))
        self._histories = HistoryReader(reader, codec, keyring)

    def grid_page(self, query: GridQuery) -> GridPage:
        """A page of the orders grid."""
        with self._pool.connection() as connection:
            return read_model.page(connection, query)

    def status_counts(self) -> dict[str, int]:
        """How many orders there are in each status."""
        with self._pool.connection() as connection:
            return read_model.status_counts(connection)

    def stores(self) -> list[str]:
        """The stores that sold something."""
        with self._pool.connection() as connection:
            return stores_seen(connection)

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
        rows = partition.events
        return self._teller.told(
            order_id,
            rows,
            partition.data_key,
            position=max(position, rows[-1].position if rows else 0),
            now=datetime.now(UTC),
            before=timeline_before,
            reasons=reasons,
        )

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


def _customer_place(place: tuple[UUID, int]) -> Cursor:
    order_id, from_position = place
    return Cursor(customer_orders.LIST, str(from_position), order_id)
