"""Reading the log: by partition for a decision, by position for a follower.

Appends commit one batch at a time in the order of their positions, so what is visible never has
a gap: `position > last` is all a follower needs. Nothing here writes; a read over a connection
that turns out to be lost is simply asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.adapt import Transformer
from psycopg.pq import Format
from psycopg_pool import ConnectionPool, PoolTimeout

from eventstore import queries, wire
from eventstore.errors import LogUnavailable
from eventstore.patience import BoundedConnection, NoAnswer
from eventstore.records import Claim, DataKey, EventFacts, IdempotencyRow, Partition, RecordedEvent
from eventstore.statements import Statement, is_alive, prepare, run

ATTEMPTS = 3
PARTITIONS_AT_ONCE = 1000
EVENTS_AT_ONCE = 10_000
CONNECT_TIMEOUT_SECONDS = 5
# All of it shorter than our own patience.
READ_TIMEOUT_MS = 12_000

CHANNEL = "daybook_log"

_T = TypeVar("_T")
_Event = TypeVar("_Event", RecordedEvent, EventFacts)
_Row = tuple[Any, ...]
_END = 2**63 - 1
_LAST_KEY = "\U0010ffff"
_EVENT_COLUMNS = len(RecordedEvent.__struct_fields__)


def log_pool(conninfo: str, max_size: int = 16) -> ConnectionPool[Connection[Any]]:
    """Return an open pool of connections set up for reading the log."""
    return ConnectionPool(
        conninfo,
        min_size=1,
        max_size=max_size,
        timeout=CONNECT_TIMEOUT_SECONDS,
        configure=_configure,
        connection_class=BoundedConnection,
        kwargs={
            "autocommit": True,
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "application_name": "daybook-read",
            "tcp_user_timeout": READ_TIMEOUT_MS,
        },
        name="log",
        open=True,
    )


def _configure(connection: Connection[Any]) -> None:
    """Plans made once, through the indexes: planning anew would cost more than most of these reads."""
    connection.execute(
        f"SET statement_timeout = {READ_TIMEOUT_MS}; SET timezone = 'UTC'; SET jit = off; "
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"
    )
    for statement in queries.ALL:
        prepare(connection, statement)


class LogReader:
    """Reads the log through a `log_pool`; thread-safe. Raises LogUnavailable."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        self._pool = pool

    def head(self) -> int:
        """Return the last position, 0 when the log is empty."""
        rows = self._rows(queries.HEAD, ())
        return int(rows[0][0]) if rows else 0

    def read_partition(
        self, partition_id: UUID, *, idempotency: tuple[str, str] | None = None, up_to_position: int | None = None
    ) -> Partition[RecordedEvent]:
        """Return a partition's events, its data key and the row of (caller, key): one round trip."""
        return self._partition(RecordedEvent, queries.PARTITION, partition_id, idempotency, up_to_position)

    def read_partition_of(
        self, stream_id: UUID, *, idempotency: tuple[str, str] | None = None, up_to_position: int | None = None
    ) -> Partition[RecordedEvent]:
        """Like `read_partition`, for the partition that the stream belongs to."""
        return self._partition(RecordedEvent, queries.PARTITION_OF, stream_id, idempotency, up_to_position)

    def read_facts(self, partition_id: UUID, *, idempotency: tuple[str, str] | None = None) -> Partition[EventFacts]:
        """Like `read_partition`, of each event only what a decision needs."""
        return self._partition(EventFacts, queries.FACTS, partition_id, idempotency, None)

    def read_facts_of(self, stream_id: UUID, *, idempotency: tuple[str, str] | None = None) -> Partition[EventFacts]:
        """Like `read_facts`, for the partition that the stream belongs to."""
        return self._partition(EventFacts, queries.FACTS_OF, stream_id, idempotency, None)

    def read_facts_each(self, known: Mapping[UUID, int]) -> dict[UUID, Partition[EventFacts]]:
        """Like `read_facts_of` for several streams, in one round trip; those that do not exist are absent.

        So are those of whose partition as many events are ``known`` as there are: it only ever grows.
        """
        params = (wire.uuid_array(list(known)), wire.integer_array(wire.integers(known.values())))
        found: dict[UUID, Partition[EventFacts]] = {}
        for wanted, *facts, wrapped, from_position in self._rows(queries.FACTS_EACH, params) if known else ():
            partition = found.get(wanted)
            if partition is None:
                partition = found[wanted] = Partition([], _data_key(wrapped, from_position), None)
            partition.events.append(EventFacts(*facts))
        return found

    def recorded_each(self, caller: str, keys: Sequence[str]) -> set[str]:
        """Those of a caller's keys under which something was recorded."""
        rows = self._rows(queries.RECORDED_EACH, (caller.encode(), wire.text_array(keys))) if keys else ()
        return {key for (key,) in rows}

    def read_partitions(self, partition_ids: Sequence[UUID]) -> dict[UUID, Partition[RecordedEvent]]:
        """Return several partitions in one round trip; those without events are absent. At most 1,000."""
        if len(partition_ids) > PARTITIONS_AT_ONCE:
            raise ValueError(f"at most {PARTITIONS_AT_ONCE} partitions at once")
        found: dict[UUID, Partition[RecordedEvent]] = {}
        for row in self._rows(queries.PARTITIONS, (wire.uuid_array(partition_ids),)):
            event = RecordedEvent(*row[:_EVENT_COLUMNS])
            partition = found.get(event.partition_id)
            if partition is None:
                partition = Partition([], _data_key(*row[_EVENT_COLUMNS:]), None)
                found[event.partition_id] = partition
            partition.events.append(event)
        return found

    def read_stream(self, stream_id: UUID) -> list[RecordedEvent]:
        """Return the events of one stream, by version."""
        return _events(self._rows(queries.STREAM, (stream_id.bytes,)))

    def read_after(self, position: int, limit: int) -> list[RecordedEvent]:
        """Return at most `limit` events (and at most 10,000) after `position`, in log order."""
        params = (wire.int8(position), wire.int8(min(limit, EVENTS_AT_ONCE)))
        return _events(self._rows(queries.AFTER, params))

    def read_matching(
        self, position: int, up_to_position: int, limit: int, topics: Sequence[str] | None = None
    ) -> list[RecordedEvent]:
        """Return at most `limit` events of `topics` (of all, for None) after one position and up to another."""
        wanted = None if topics is None else wire.text_array(topics)
        params = (wire.int8(position), wire.int8(up_to_position), wanted, wire.int8(min(limit, EVENTS_AT_ONCE)))
        return _events(self._rows(queries.MATCHING, params))

    def read_first_of(self, stream_ids: Sequence[UUID]) -> list[RecordedEvent]:
        """Return the first event of each stream that exists."""
        return _events(self._rows(queries.FIRST_OF, (wire.uuid_array(stream_ids),)))

    def read_range(self, first_position: int, last_position: int) -> list[RecordedEvent]:
        """Return the events from `first_position` to `last_position`, both included; at most 10,000."""
        if last_position - first_position >= EVENTS_AT_ONCE:
            raise ValueError(f"at most {EVENTS_AT_ONCE} events at once")
        return _events(self._rows(queries.RANGE, (wire.int8(first_position), wire.int8(last_position))))

    def data_keys(self, partition_ids: Sequence[UUID]) -> dict[UUID, DataKey]:
        """Return the data keys of those partitions that have one."""
        rows = self._rows(queries.DATA_KEYS, (wire.uuid_array(partition_ids),))
        return {partition_id: DataKey(wrapped, position) for partition_id, wrapped, position in rows}

    def partitions_of_customer(self, customer_hash: bytes, limit: int) -> list[UUID]:
        """Return at most `limit` partitions that have a data key of the customer, by the position it is good from."""
        return [row[0] for row in self._rows(queries.CUSTOMER, (customer_hash, wire.int8(limit)))]

    def recorded(self, caller: str, key: str) -> IdempotencyRow | None:
        """Return what was recorded under a caller's key: this decides an unknown outcome."""
        rows = self._rows(queries.RECORDED, (caller.encode(), key.encode()))
        return IdempotencyRow(*rows[0]) if rows else None

    def claim_holder(self, kind: str, key: str) -> UUID | None:
        """Return the partition that holds a claim."""
        rows = self._rows(queries.CLAIM, (kind.encode(), key.encode()))
        holder: UUID | None = rows[0][0] if rows else None
        return holder

    def claims_starting_with(self, kind: str, prefix: str, limit: int, after: str = "") -> list[Claim]:
        """Return at most `limit` claims of a kind whose key begins with `prefix` and comes `after` another, by key."""
        beyond = prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else _LAST_KEY
        params = (kind.encode(), prefix.encode(), beyond.encode(), wire.int8(limit), after.encode())
        return [Claim(*row) for row in self._rows(queries.CLAIMS, params)]

    def partitions_of(self, stream_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return the partition of each stream that exists."""
        return dict(self._rows(queries.PARTITIONS_OF, (wire.uuid_array(stream_ids),)))

    def _partition(
        self,
        kind: type[_Event],
        statement: Statement,
        of: UUID,
        idempotency: tuple[str, str] | None,
        up_to_position: int | None,
    ) -> Partition[_Event]:
        caller, key = idempotency or (None, None)
        params = (
            of.bytes,
            None if caller is None else caller.encode(),
            None if key is None else key.encode(),
            wire.int8(_END if up_to_position is None else up_to_position),
        )
        rows = self._rows(statement, params)
        columns = len(kind.__struct_fields__)
        wrapped, from_position, *recorded = rows[0][columns:]
        return Partition(
            [kind(*row[:columns]) for row in rows[1:]],
            _data_key(wrapped, from_position),
            None if recorded[0] is None else IdempotencyRow(*recorded),
        )

    def _rows(self, statement: Statement, params: Sequence[bytes | None]) -> list[_Row]:
        def ask(connection: Connection[Any]) -> list[_Row]:
            answer = run(connection, statement, params)
            transformer = Transformer.from_context(connection)
            transformer.set_pgresult(answer, set_loaders=True, format=Format.BINARY)
            return transformer.load_rows(0, answer.ntuples, tuple)

        return self._asked(ask)

    def _asked(self, ask: Callable[[Connection[Any]], _T]) -> _T:
        """Ask, and again over another connection when this one was lost: a read changes nothing.

        Only then is it worth a look whether the next one stands: after a restart of the server all idle ones are dead.
        """
        for attempt in range(ATTEMPTS):
            try:
                connection = self._standing() if attempt else self._pool.getconn()
                try:
                    return ask(connection)
                finally:
                    self._pool.putconn(connection)
            except psycopg.OperationalError as failure:
                if attempt == ATTEMPTS - 1 or isinstance(failure, (PoolTimeout, NoAnswer)):
                    raise LogUnavailable(str(failure)) from failure
        raise AssertionError("unreachable")

    def _standing(self) -> Connection[Any]:
        """A connection of the pool that was not lost while it was idle."""
        connection = self._pool.getconn()
        while not is_alive(connection):
            connection.close()
            self._pool.putconn(connection)
            connection = self._pool.getconn()
        return connection


def _events(rows: list[_Row]) -> list[RecordedEvent]:
    return [RecordedEvent(*row) for row in rows]


def _data_key(wrapped: bytes | None, from_position: int | None) -> DataKey | None:
    return None if wrapped is None or from_position is None else DataKey(wrapped, from_position)


class LogListener:
    """Wakes a follower when something was appended: a hint to read, never the news itself.

    Holds one connection; not thread-safe. Notifications are lost while a connection is: read
    after every wait, whatever it says.
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: Connection[Any] | None = None

    def wait(self, timeout_seconds: float) -> bool:
        """Wait for an append, at most this long; tell whether there was one. Raises LogUnavailable."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = BoundedConnection.connect(
                    self._conninfo, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS
                )
                self._connection.execute(f"LISTEN {CHANNEL}")
                return True  # what was appended before is unheard of
            return any(True for _ in self._connection.notifies(timeout=timeout_seconds, stop_after=1))
        except psycopg.OperationalError as failure:
            self.close()
            raise LogUnavailable(str(failure)) from failure

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
