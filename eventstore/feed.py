"""The log as those read it who follow it: by position for what is new, by partition for what came before.

Positions are dense and in commit order, so whoever has seen position n has missed nothing before it.
Who asked for an event, and by which command, is left out: read models show what happened. The functions ask over a
connection of the caller's, inside the caller's transaction; what is asked of the log inside a statement of the caller's
stands here too, as a piece of SQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import args_row

from eventstore.records import DataKey
from eventstore.statements import stream

# The columns of FeedEvent.
COLUMNS: LiteralString = """
    e.position, e.stream_id, e.version, e.partition_id, e.topic, e.schema_version, e.payload, e.sealed, e.number,
    e.recorded_at, e.occurred_at, k.wrapped, k.from_position
"""
SOURCE: LiteralString = """
    FROM log.events e LEFT JOIN log.data_keys k ON k.partition_id = e.partition_id AND e.sealed IS NOT NULL
"""

# So many rows are held twice, as they came and as values. With 1,000 the processes of a rebuild take a sixth more time:
# they are gone from the processor's cache before they are folded.
ROWS_AT_ONCE = 200

_AFTER = f"SELECT {COLUMNS} {SOURCE} WHERE e.position > $1 AND e.position <= $2"
_PAST = f"""
    SELECT {COLUMNS} {SOURCE}
    JOIN unnest(%s::uuid[], %s::bigint[]) wanted (partition_id, up_to)
      ON e.partition_id = wanted.partition_id AND e.position <= wanted.up_to
    ORDER BY e.partition_id, e.position
"""
_BEYOND = f"""
    SELECT {COLUMNS} {SOURCE}
    WHERE (e.partition_id, e.position) > (%s, %s) AND e.position <= %s
    ORDER BY e.partition_id, e.position LIMIT %s
"""
# Of a range of partitions, each together and in its order.
RANGE: LiteralString = f"""
    SELECT {COLUMNS}
    FROM log.events e
    LEFT JOIN (SELECT * FROM log.data_keys WHERE partition_id >= $1 AND partition_id <= $2) k
      ON k.partition_id = e.partition_id AND e.sealed IS NOT NULL
    WHERE e.partition_id >= $1 AND e.partition_id <= $2 AND e.position <= $3
    ORDER BY e.partition_id, e.position
"""  # noqa: S608  (the columns are our own)
# The partition of the event at a position, as a value.
PARTITION_AT: LiteralString = "(SELECT e.partition_id FROM log.events e WHERE e.position = %s)"
# When the last event up to a position was recorded, as a value; before the first one, before all times.
RECORDED_BY: LiteralString = """coalesce(
    (SELECT e.recorded_at FROM log.events e WHERE e.position <= %s ORDER BY e.position DESC LIMIT 1), '-infinity'
)"""
_WAITING = """
    SELECT head.position, wanted.position, greatest(0, extract(epoch FROM clock_timestamp() - e.recorded_at))::float8
    FROM (SELECT coalesce(max(position), 0) AS position FROM log.events) head
    LEFT JOIN unnest(%s::bigint[]) wanted (position) ON true
    LEFT JOIN log.events e ON e.position = wanted.position + 1
"""
_BETWEEN = """
    SELECT coalesce(array_agg(DISTINCT partition_id), '{}') FROM log.events WHERE position > %s AND position <= %s
"""
_WITH = "SELECT DISTINCT partition_id FROM log.events WHERE position > %s AND position <= %s AND topic = %s"
_OF_CUSTOMER = "SELECT partition_id, from_position FROM log.data_keys WHERE customer_hash = %s"


class Choice(NamedTuple):
    """Which events, by a condition on ``e.partition_id``; its parameters are $4 and following, given as text."""

    where: LiteralString
    parameters: Sequence[bytes]


class FeedEvent(msgspec.Struct, gc=False):
    """An event as it is read, with the key that opens its personal part (``wrapped``, good from ``from_position``)."""

    position: int
    stream_id: UUID
    version: int
    partition_id: UUID
    topic: str
    schema_version: int
    payload: bytes
    sealed: bytes | None
    number: int | None
    recorded_at: datetime
    occurred_at: datetime
    wrapped: bytes | None
    from_position: int | None

    @property
    def key(self) -> DataKey | None:
        """The data key, where there is one and something to open with it."""
        if self.wrapped is None or self.from_position is None:
            return None
        return DataKey(self.wrapped, self.from_position)


def _event(values: Sequence[Any]) -> FeedEvent:
    return FeedEvent(*values)


def rows(connection: Connection[Any], statement: str, parameters: Sequence[bytes]) -> Iterator[FeedEvent]:
    """The events that a statement selects by COLUMNS, as they arrive; parameters are given as text."""
    return chain.from_iterable(stream(connection, statement, parameters, _event, at_once=ROWS_AT_ONCE))


def head(connection: Connection[Any]) -> int:
    """The last position of the log; 0 when it is empty."""
    row = connection.execute("SELECT max(position) FROM log.events").fetchone()
    return row[0] or 0 if row else 0


def after(
    connection: Connection[Any],
    position: int,
    up_to: int,
    limit: int,
    choice: Choice | None = None,
) -> list[FeedEvent]:
    """At most ``limit`` events in (position, up_to], in the order of the log; all of them, or those of a choice."""
    where, parameters = choice or ("true", ())
    chosen = f"{_AFTER} AND {where}"
    asked = [str(number).encode() for number in (position, up_to, limit)]
    return list(rows(connection, f"{chosen} ORDER BY e.position LIMIT $3", [*asked, *parameters]))


def past(connection: Connection[Any], wanted: Mapping[UUID, int]) -> list[FeedEvent]:
    """All events of the partitions up to the given position each; a partition's events together, in their order."""
    with connection.cursor(binary=True, row_factory=args_row(FeedEvent)) as cursor:
        return cursor.execute(_PAST, [list(wanted), list(wanted.values())]).fetchall()


def in_range(connection: Connection[Any], first: UUID, last: UUID, up_to: int) -> Iterator[FeedEvent]:
    """The events up to a position of the partitions from ``first`` to ``last``; a partition's together, in order."""
    return rows(connection, RANGE, [str(value).encode() for value in (first, last, up_to)])


def beyond(connection: Connection[Any], place: tuple[UUID, int], up_to: int, limit: int) -> list[FeedEvent]:
    """At most ``limit`` events up to a position, by partition and position, beyond a partition and position."""
    with connection.cursor(binary=True, row_factory=args_row(FeedEvent)) as cursor:
        return cursor.execute(_BEYOND, [*place, up_to, limit]).fetchall()


def partitions_at(connection: Connection[Any], positions: Sequence[int]) -> list[UUID]:
    """The partitions of the events at these positions, as often as they come."""
    found = connection.execute("SELECT partition_id FROM log.events WHERE position = ANY (%s)", [list(positions)])
    return [partition_id for (partition_id,) in found]


def partitions_between(connection: Connection[Any], after: int, up_to: int) -> list[UUID]:
    """The partitions with events in (after, up_to]."""
    row = connection.execute(_BETWEEN, [after, up_to]).fetchone()
    return row[0] if row else []


def partitions_with(connection: Connection[Any], topic: str, after: int, up_to: int) -> list[UUID]:
    """The partitions with an event of a topic in (after, up_to]."""
    return [partition_id for (partition_id,) in connection.execute(_WITH, [after, up_to, topic])]


def partitions_of_customer(
    connection: Connection[Any], customer_hash: bytes, limit: int, beyond: str | None = None, *, up: bool = False
) -> list[tuple[UUID, int]]:
    """At most ``limit`` partitions with a data key of a customer's, with the position that it is good from.

    They come by that position downwards, or ``up``; only those ``beyond`` a position.
    """
    chosen = "" if beyond is None else f" AND from_position {'>' if up else '<'} %s::bigint"
    statement = f"{_OF_CUSTOMER}{chosen} ORDER BY from_position {'ASC' if up else 'DESC'} LIMIT %s"
    values = [customer_hash, *([] if beyond is None else [beyond]), limit]
    return connection.execute(statement.encode(), values).fetchall()


def ages_after(connection: Connection[Any], positions: Sequence[int]) -> tuple[int, dict[int, float]]:
    """The last position of the log, and how many seconds ago the event after each position was recorded, if any."""
    found = connection.execute(_WAITING, [list(positions)]).fetchall()
    return found[0][0], {position: age for _, position, age in found if position is not None and age is not None}


def is_claimed(kind: LiteralString, key: LiteralString) -> LiteralString:
    """A condition: whether somebody holds the claim of this kind under this key, an expression of the caller's."""
    return f"EXISTS (SELECT FROM log.claims c WHERE c.kind = '{kind}' AND c.key = {key})"
