"""Ways to record the same events: our committer, the eventsourcing library's recorder, plain INSERTs.

What is recorded is a ten-line order, encoded beforehand: its payload and its personal part. Ours seals the personal
part under a fresh data key, hashes the request for its idempotency key and draws a number; the others write the same
bytes without any of that. The plain INSERT writes the same columns into a table with the same indexes, one autocommit
statement per event, prepared and binary; "plain rows" also writes the idempotency row and the data key as ours does.
None may skip durability.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from random import Random
from typing import Any, LiteralString, NamedTuple, Protocol
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from adapters.identifiers import new_id
from domain.order_events import OrderPlaced
from domain.order_values import OrderLine, ShippingCharge
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.personal_data import Cipher, Keyring
from eventstore.records import Append, IdempotencyKey, Metadata, NewEvent

THREADS = 16


class Urls(NamedTuple):
    """How the application and the owner connect."""

    app: str
    owner: str


PLAIN_SCHEMA = """
    CREATE SCHEMA bench;
    CREATE SEQUENCE bench.position;
    CREATE TABLE bench.events (LIKE log.events INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION);
    ALTER TABLE bench.events ADD PRIMARY KEY (position), ADD UNIQUE (stream_id, version);
    CREATE INDEX ON bench.events (partition_id, position);
    CREATE TABLE bench.data_keys (LIKE log.data_keys INCLUDING ALL);
    CREATE TABLE bench.idempotency_keys (LIKE log.idempotency_keys INCLUDING ALL);
"""
_ADDRESS = {
    "name": "Ana Silva", "street": ["Rua Nova 1", "2 dto"], "city": "Porto", "postcode": "4000-001", "country": "PT",
}  # fmt: skip
_LINES = tuple(
    OrderLine(
        line_id=str(number), sku=f"MUG-{number:04}", name="Mug, white, with a handle", quantity=number + 1,
        unit_price=999, tax_rate="0.23", subtotal=999 * (number + 1), tax=230 * (number + 1), weight_grams=400,
    )
    for number in range(10)
)  # fmt: skip


_keys = Random()


def _new_key() -> str:
    """An idempotency key as a client makes it: a random UUID."""
    return str(UUID(int=_keys.getrandbits(128), version=4))


def _encoded() -> tuple[bytes, bytes]:
    placed = OrderPlaced(
        occurred_at=datetime.now(UTC), store="main", currency="EUR", payment_method="bank_transfer", lines=_LINES,
        shipping=ShippingCharge(method="flat_rate", amount=500),
        customer={"id": "c-1001", "email": "ana@example.com", "name": "Ana Silva"},
        billing_address=_ADDRESS, shipping_address=_ADDRESS, tracking_token="0" * 32,
    )  # fmt: skip
    cipher = Cipher(bytes(32))
    payload, sealed = Codec([OrderPlaced]).encode(placed, cipher)
    return payload, cipher.unseal(sealed or b"", placed.originator_id, placed.originator_version)


PAYLOAD, PERSONAL = _encoded()
CUSTOMER_HASH, WRAPPED, SEALED, REQUEST_HASH = bytes(32), bytes(60), bytes(len(PERSONAL) + 28), bytes(32)


class Contender(Protocol):
    """One way to record orders durably."""

    def record(self) -> None: ...
    def close(self) -> None: ...


class Ours:
    """log.append by group commit: event, number, idempotency key, data key."""

    def __init__(self, urls: Urls) -> None:
        self._committer = GroupCommitter(urls.app)
        self._keyring = Keyring(bytes(32))

    def record(self) -> None:
        order_id, command_id = new_id(), new_id()
        data_key, cipher = self._keyring.new_data_key(order_id, "c-1001")
        sealed = cipher.seal(PERSONAL, order_id, 1)
        event = NewEvent(
            order_id, 1, order_id, order_id, "order", OrderPlaced.TOPIC, 1, PAYLOAD, sealed, "order", datetime.now(UTC)
        )
        key = IdempotencyKey("integrator", _new_key(), self._keyring.request_hash(PAYLOAD))
        metadata = Metadata(command_id, command_id, None, "api_key", "integrator")
        self._committer.append(Append([event], metadata, key, (), (), (data_key,)))

    def close(self) -> None:
        self._committer.close()


class Library:
    """The eventsourcing library's default recorder; the event's state is the same bytes."""

    def __init__(self, urls: Urls) -> None:
        part = conninfo_to_dict(urls.owner)
        self._datastore = PostgresDatastore(
            str(part["dbname"]), str(part["host"]), str(part.get("port", 5432)), str(part["user"]),
            str(part.get("password", "")), pool_size=THREADS, connect_timeout=30,
        )  # fmt: skip
        self._recorder = PostgresApplicationRecorder(self._datastore, events_table_name="library_events")
        self._recorder.create_table()

    def record(self) -> None:
        self._recorder.insert_events([StoredEvent(new_id(), 1, OrderPlaced.TOPIC, PAYLOAD + PERSONAL)])

    def close(self) -> None:
        self._datastore.close()


class Plain:
    """A prepared autocommit INSERT of the event's row; as many connections as threads."""

    SQL: LiteralString = """
        INSERT INTO bench.events VALUES (nextval('bench.position'), %b, %b, %b, %b, %b, %b, %b, %b, %b, NULL, NULL,
            clock_timestamp(), %b, %b, %b, %b, %b, %b)
    """

    def __init__(self, urls: Urls) -> None:
        self._url = urls.owner
        self._idle: deque[psycopg.Cursor[Any]] = deque()

    def record(self) -> None:
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = psycopg.connect(self._url, autocommit=True).cursor(binary=True)
        cursor.execute(self.SQL, self._values(new_id(), new_id()), prepare=True)
        self._idle.append(cursor)

    def _values(self, order_id: UUID, command_id: UUID) -> tuple[Any, ...]:
        return (
            order_id, 1, order_id, order_id, "order", OrderPlaced.TOPIC, 1, PAYLOAD, SEALED, datetime.now(UTC),
            "api_key", "integrator", command_id, command_id, None,
        )  # fmt: skip

    def close(self) -> None:
        for cursor in self._idle:
            cursor.connection.close()


class PlainRows(Plain):
    """The same in one statement with the idempotency row and the data key."""

    SQL = (
        "WITH e AS ("
        + Plain.SQL
        + " RETURNING position), k AS (INSERT INTO bench.data_keys SELECT %b, %b, %b, position, now() FROM e) "
        "INSERT INTO bench.idempotency_keys SELECT %b, %b, %b, %b, %b, position, position FROM e"
    )

    def _values(self, order_id: UUID, command_id: UUID) -> tuple[Any, ...]:
        return (
            *super()._values(order_id, command_id), order_id, CUSTOMER_HASH, WRAPPED, "integrator", _new_key(),
            REQUEST_HASH, command_id, order_id,
        )  # fmt: skip


CONTENDERS: dict[str, type[Ours | Library | Plain]] = {
    "ours": Ours, "library": Library, "plain": Plain, "plain rows": PlainRows,
}  # fmt: skip
