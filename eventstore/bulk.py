"""Very many appends at once, by COPY under the log's own lock: for seeding a new log, as its owner.

One transaction: every follower sees all of it or nothing, and other appends wait until it ends. It
checks what log.append checks (places, holes, keys, claims), but refuses the whole for one fault and
answers no repeats. It must not be used to get around the committer in a running system.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import psycopg
from psycopg import Connection, sql

from eventstore.errors import StreamConflict
from eventstore.records import Append, NewEvent

APPENDS_PER_COPY = 2_000
LOCK = 7233174018682054503  # the same number as in log.append

_COLUMNS = {
    "events": (
        "int8 uuid int4 uuid uuid text text int2 bytea bytea text int8 timestamptz timestamptz text text uuid uuid uuid"
    ),
    "data_keys": "uuid bytea bytea int8 timestamptz",
    "idempotency_keys": "text text bytea uuid uuid int8 int8",
    "claims": "text text uuid",
}


class _Load:
    """The rows of one piece of the load, and where the next event will stand."""

    def __init__(self, position: int, moment: datetime, numbers: dict[str, int]) -> None:
        self.position = position
        self.moment = moment
        self.numbers = numbers
        self.rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def add(self, append: Append) -> None:
        first = self.position + 1
        for event in append.events:
            self._add_event(event, append)
        for key in append.data_keys:
            self.rows["data_keys"].append((key.partition_id, key.customer_hash, key.wrapped, first, self.moment))
        if (asked := append.idempotency) is not None:
            names = (append.metadata.command_id, append.events[0].partition_id)
            row = (asked.caller, asked.key, asked.request_hash, *names, first, self.position)
            self.rows["idempotency_keys"].append(row)
        self.rows["claims"] += [(claim.kind, claim.key, claim.partition_id) for claim in append.claims]

    def _add_event(self, event: NewEvent, append: Append) -> None:
        self.position += 1
        number = None
        if event.series is not None:
            number = self.numbers[event.series] = self.numbers[event.series] + 1
        asked = append.metadata
        self.rows["events"].append(
            (
                self.position, event.stream_id, event.version, event.partition_id, event.order_id, event.aggregate,
                event.topic, event.schema_version, event.payload, event.sealed, event.series, number, self.moment,
                event.occurred_at, asked.actor_type, asked.actor_id, asked.command_id, asked.correlation_id,
                asked.causation_id,
            )
        )  # fmt: skip

    def drain(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        for table, rows in self.rows.items():
            if rows:
                yield table, rows
        self.rows.clear()


def load(owner_conninfo: str, appends: Iterable[Append], appends_per_copy: int = APPENDS_PER_COPY) -> tuple[int, int]:
    """Record all appends in their order; return the log's last position before and after.

    Releases are not supported. Raises StreamConflict for the first hole; psycopg.errors.UniqueViolation for
    a place, key or claim that is taken. Nothing is recorded then.
    """
    remaining = iter(appends)
    with psycopg.connect(owner_conninfo, application_name="daybook-load") as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        head, moment = _head(connection)
        work = _Load(head, moment, _numbers(connection))
        while piece := list(islice(remaining, appends_per_copy)):
            for append in piece:
                if append.releases:
                    raise ValueError("a load cannot give claims back")
                work.add(append)
            for table, rows in work.drain():
                _copy(connection, table, rows)
        _check(connection, head)
        _keep_numbers(connection, work.numbers)
        connection.execute("SELECT pg_notify('daybook_log', '')")
    return head, work.position


def _head(connection: Connection[Any]) -> tuple[int, datetime]:
    row = connection.execute(
        "SELECT coalesce(max(e.position), 0), greatest(clock_timestamp(), max(e.recorded_at)) FROM"
        " (SELECT position, recorded_at FROM log.events ORDER BY position DESC LIMIT 1) e"
    ).fetchone()
    if row is None:
        raise AssertionError("an aggregate has a row")
    return row[0], row[1]


def _numbers(connection: Connection[Any]) -> dict[str, int]:
    return defaultdict(int, connection.execute("SELECT series, last_number FROM log.number_series").fetchall())


def _keep_numbers(connection: Connection[Any], numbers: dict[str, int]) -> None:
    for series, number in numbers.items():
        connection.execute(
            "INSERT INTO log.number_series AS s VALUES (%s, %s) ON CONFLICT (series) DO UPDATE"
            " SET last_number = excluded.last_number WHERE s.last_number < excluded.last_number",
            [series, number],
        )


def _copy(connection: Connection[Any], table: str, rows: list[tuple[Any, ...]]) -> None:
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier("log", table))
    with connection.cursor().copy(statement) as copy:
        copy.set_types(_COLUMNS[table].split())
        for row in rows:
            copy.write_row(row)


def _check(connection: Connection[Any], head: int) -> None:
    """Every version has its predecessor, at an earlier position."""
    row = connection.execute(
        """
        SELECT n.stream_id, n.version FROM log.events n
        WHERE n.position > %s AND n.version > 1 AND NOT EXISTS (
            SELECT FROM log.events e
            WHERE e.stream_id = n.stream_id AND e.version = n.version - 1 AND e.position < n.position)
        ORDER BY n.position LIMIT 1
        """,
        [head],
    ).fetchone()
    if row is not None:
        raise StreamConflict(*row)
