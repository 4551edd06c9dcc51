"""The eventsourcing library's ProjectionRunner with a view equivalent to the orders grid, over the same events.

It gets every advantage that leaves it what it is: our codec instead of its own, our fold, all data keys and all orders
in memory, the same table with the same indexes. What remains is its way of following: one event at a time, each in a
transaction of its own with its tracking record.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from application.unit_of_work import EVENT_CLASSES
from benchmarks.harness import MASTER_KEY, Database
from eventstore.codec import Codec
from eventstore.feed import FeedEvent
from eventstore.personal_data import Keyring
from eventstore.records import DataKey
from projections.engine.decoder import Decoder
from projections.orders_grid.read_model import ORDERS_GRID

# The library's own table, filled with the same bytes: partition, topic, payload and sealed part in one state.
_EVENTS = """
    CREATE TABLE peer_events (
        originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text, state bytea,
        notification_id bigserial, PRIMARY KEY (originator_id, originator_version));
    CREATE UNIQUE INDEX peer_notification_id_idx ON peer_events (notification_id);
    INSERT INTO peer_events
    SELECT stream_id, version, topic,
           uuid_send(partition_id) || int8send(coalesce(number, 0)) || int4send(octet_length(payload)) || payload
           || coalesce(sealed, ''), position
    FROM log.events WHERE position <= %s ORDER BY position;
"""
_NOW = datetime.now(UTC)
_KEYS = "SELECT partition_id, wrapped, from_position FROM log.data_keys"


class PeerMapper(Mapper[UUID]):
    """Opens and decodes a stored event with our codec."""

    keys: ClassVar[dict[UUID, DataKey]] = {}

    def __init__(self) -> None:
        keyring = Keyring(MASTER_KEY)
        self._decoder = Decoder.of(ORDERS_GRID, Codec(EVENT_CLASSES), keyring)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        state = stored_event.state
        partition_id, number = UUID(bytes=bytes(state[:16])), int.from_bytes(state[16:24], "big")
        end = 28 + int.from_bytes(state[24:28], "big")
        key = self.keys.get(partition_id)
        row = FeedEvent(
            2**62, UUID(str(stored_event.originator_id)), stored_event.originator_version, partition_id,
            stored_event.topic, 1, bytes(state[28:end]), bytes(state[end:]) or None, number or None, _NOW, _NOW,
            key.wrapped if key else None, key.from_position if key else None,
        )  # fmt: skip
        return row, self._decoder.fed(row)


class Peer(Application[UUID]):
    """The application whose events are followed; its table is ``peer_events``."""

    name = "peer"

    def construct_mapper(self) -> Mapper[UUID]:
        return PeerMapper()


class PeerView(PostgresTrackingRecorder):
    """A table with the columns and the indexes of the orders grid, and the library's tracking beside it."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:
        super().__init__(datastore, **options)
        columns = sql.SQL(", ").join(map(sql.Identifier, ORDERS_GRID.columns))
        values = sql.SQL(", ").join(
            sql.SQL("excluded.{}").format(sql.Identifier(column)) for column in ORDERS_GRID.columns
        )
        self._upsert = sql.SQL(
            "INSERT INTO peer_grid ({columns}) VALUES ({given}) "
            "ON CONFLICT (order_id) DO UPDATE SET ({columns}) = ROW ({values})"
        ).format(columns=columns, values=values, given=sql.SQL(", ").join(sql.Placeholder() * len(ORDERS_GRID.columns)))

    def upsert(self, row: Any, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(self._upsert, row, prepare=True)
            self._insert_tracking(cursor, tracking)


class PeerProjection(Projection[PeerView]):
    """Keeps every order in memory, from one round to the next too, which spares it a read per event."""

    name = "peer_grid"
    orders: ClassVar[dict[UUID, Any]] = {}

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        row, event = domain_event
        order = self.orders.get(row.partition_id)
        if order is None:
            order = self.orders[row.partition_id] = ORDERS_GRID.start(row.partition_id)
        ORDERS_GRID.fold(order, row, event)
        for values in ORDERS_GRID.rows(order):
            self.view.upsert(values, tracking)


START_SECONDS = 60.0


def prepare(database: Database, events: int) -> None:
    """Give the library its tables with the first ``events`` of the log."""
    PeerProjection.orders.clear()
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute(_EVENTS.replace("%s", str(events)).encode())
        connection.execute("CREATE TABLE peer_grid (LIKE read.orders_grid INCLUDING ALL)")
        connection.execute("ANALYZE peer_events")
        PeerMapper.keys = {row[0]: DataKey(row[1], row[2]) for row in connection.execute(_KEYS).fetchall()}


def follow(database: Database, seconds: float) -> float:
    """Let the library follow for so long, from where it was; returns its events per second."""
    with _runner(database) as runner:
        begin, started = _reached(runner), time.perf_counter()
        time.sleep(seconds)
        return (_reached(runner) - begin) / (time.perf_counter() - started)


@contextmanager
def _runner(database: Database) -> Iterator[ProjectionRunner[Peer, PeerView]]:
    parts = conninfo_to_dict(database.owner_url)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port", 5432)),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
    }
    with ProjectionRunner(
        application_class=Peer, projection_class=PeerProjection, view_class=PeerView, env=env
    ) as runner:
        before, patience = _reached(runner), time.monotonic() + START_SECONDS
        while _reached(runner) == before:
            if time.monotonic() > patience:
                raise TimeoutError("the library's runner does not follow: its first error has ended it")
            time.sleep(0.01)
        yield runner


def _reached(runner: ProjectionRunner[Peer, PeerView]) -> int:
    return runner.view.max_tracking_id(Peer.name) or 0
