"""Finding events of the log by who, which type, which conversation, what for, and how much: audit.event_keys.

The keys are made from the log, in its order, some thousand events at a time and outside of the append, which pays
nothing for them. Who asks brings them up to the end of the log first, so an answer misses nothing; where that is too
much at once (or the database only reads) it is told how far they are. They hold nothing that is personal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

import msgspec
import psycopg
from psycopg import Connection
from psycopg.rows import args_row
from psycopg_pool import ConnectionPool

from eventstore.records import RecordedEvent

TAKEN_AT_ONCE = 5_000
ROUNDS_MAX = 4
_LOCK = (0x44415942, 0x4B)

_WHERE_WE_ARE = "SELECT coalesce((SELECT max(position) FROM audit.event_keys), 0)"
_HEAD = "SELECT coalesce((SELECT max(position) FROM log.events), 0)"
_NEXT = """
    SELECT position, stream_id, version, topic, CASE WHEN topic = ANY (%s) THEN payload END FROM log.events
    WHERE position > %s ORDER BY position LIMIT %s
"""
_TAKE = """
    INSERT INTO audit.event_keys
    SELECT e.position, k.event_id, e.topic, e.actor_id, e.correlation_id, e.causation_id, k.amount,
           e.sealed IS NOT NULL
    FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[]) k (position, event_id, amount)
    JOIN log.events e USING (position) ORDER BY e.position
"""
_COLUMNS = ", ".join(f"e.{column}" for column in RecordedEvent.__struct_fields__)
_AT = f"SELECT {_COLUMNS} FROM log.events e WHERE e.position = ANY (%s) ORDER BY e.position"  # noqa: S608
_COMMANDS = "SELECT position FROM log.events WHERE command_id = ANY (%s) ORDER BY position LIMIT %s"
_EVENTS = "SELECT position FROM audit.event_keys WHERE event_id = ANY (%s) ORDER BY position LIMIT %s"
_EFFECTS = "SELECT position FROM audit.event_keys WHERE causation_id = ANY (%s) ORDER BY position LIMIT %s"


class KeysBehind(Exception):
    """The keys are not made up to the end of the log yet; they stand at ``position``."""

    def __init__(self, position: int, head: int) -> None:
        super().__init__(f"The log can be searched up to position {position} of {head} so far.")
        self.position = position


@dataclass(frozen=True, slots=True)
class KeysAsked:
    """Which events: each condition given must hold, of several values one. Positions ``above`` and ``below`` are not
    included. ``amounts`` are in minor units; ``sealed`` asks for events that may have a reason.
    """

    topics: Sequence[str] | None = None
    actors: Sequence[str] | None = None
    correlation_id: UUID | None = None
    command_id: UUID | None = None
    order_id: UUID | None = None
    amounts: Sequence[int] | None = None
    sealed: bool = False
    above: int = 0
    below: int = 2**63 - 1


def event_id(stream_id: UUID, version: int) -> UUID:
    """The id under which an event is known outside."""
    return uuid5(stream_id, str(version))


class EventKeys:
    """Makes and asks the keys. Thread-safe; as a process of `daybook work` it keeps them fresh.

    ``amounts`` says by topic which field of the payload is what the event is about, ``topics`` are all there are.
    """

    name = "event-keys"

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], topics: Sequence[str], amounts: Mapping[str, str]
    ) -> None:
        self._pool = pool
        self._topics = list(topics)
        self._amounts = {topic: _reads(field) for topic, field in amounts.items()}

    def step(self) -> bool:
        """Take in the next events of the log; tells whether there may be more."""
        with self._pool.connection() as connection:
            return self._take(connection) == TAKEN_AT_ONCE

    def caught_up(self) -> int:
        """Make the keys up to the end of the log; returns it. Raises KeysBehind."""
        with self._pool.connection() as connection:
            head = _number(connection, _HEAD)
            position = _number(connection, _WHERE_WE_ARE)
            for _ in range(ROUNDS_MAX):
                if position >= head:
                    return position
                try:
                    self._take(connection)
                except psycopg.errors.ReadOnlySqlTransaction:
                    break
                position = _number(connection, _WHERE_WE_ARE)
        if position < head:
            raise KeysBehind(position, head)
        return position

    def _take(self, connection: Connection[Any]) -> int:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
            after = _number(connection, _WHERE_WE_ARE)
            with connection.cursor(binary=True) as cursor:
                rows = cursor.execute(_NEXT.encode(), [list(self._amounts), after, TAKEN_AT_ONCE]).fetchall()
            if rows:
                positions = [row[0] for row in rows]
                ids = [event_id(row[1], row[2]) for row in rows]
                connection.execute(_TAKE.encode(), [positions, ids, [self._amount(*row[3:]) for row in rows]])
        return len(rows)

    def _amount(self, topic: str, payload: bytes | None) -> int | None:
        return None if payload is None else self._amounts[topic](payload)

    def find(self, asked: KeysAsked, limit: int, *, down: bool) -> list[int]:
        """At most ``limit`` positions, from the end of the log ``down`` or from its beginning up."""
        statement, parameters = _statement(asked, limit, self._topics, down=down)
        return self._positions(statement, *parameters)

    def of_commands(self, command_ids: Sequence[UUID], limit: int) -> list[int]:
        """The positions of what these commands recorded."""
        return self._positions(_COMMANDS, list(command_ids), limit)

    def of_events(self, event_ids: Sequence[UUID], limit: int) -> list[int]:
        """The positions of these events."""
        return self._positions(_EVENTS, list(event_ids), limit)

    def caused_by(self, ids: Sequence[UUID], limit: int) -> list[int]:
        """The positions of what was recorded because of these commands or events."""
        return self._positions(_EFFECTS, list(ids), limit)

    def rows(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """The events at these positions, in the order of the log."""
        with (
            self._pool.connection() as connection,
            connection.cursor(binary=True, row_factory=args_row(RecordedEvent)) as cursor,
        ):
            return cursor.execute(_AT.encode(), [list(positions)]).fetchall()

    def _positions(self, statement: str, *parameters: Any) -> list[int]:
        with self._pool.connection() as connection:
            return [position for (position,) in connection.execute(statement.encode(), parameters, prepare=False)]


def _reads(field: str) -> Callable[[bytes], int | None]:
    """Reads one whole number out of a payload, None where there is none."""
    decode = msgspec.json.Decoder(msgspec.defstruct("Priced", [(field, int | None, None)])).decode

    def read(payload: bytes) -> int | None:
        try:
            amount: int | None = getattr(decode(payload), field)
        except (msgspec.MsgspecError, UnicodeError):
            return None
        return amount

    return read


def _number(connection: Connection[Any], statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class _Way:
    """How one condition finds events: by walking ``source`` (an index, a value at a time), or as a filter of a walk."""

    asked: Callable[[KeysAsked], Any]
    source: str
    walk: str
    filter: str


# The narrowest first: that one is walked.
_WAYS = (
    _Way(
        lambda asked: asked.command_id,
        "(SELECT position FROM log.events WHERE command_id = %s OFFSET 0) c",
        "k.position = c.position",
        "EXISTS (SELECT FROM log.events e WHERE e.position = k.position AND e.command_id = %s)",
    ),
    _Way(
        lambda asked: asked.order_id,
        "(SELECT position FROM log.events WHERE partition_id = %s AND order_id IS NOT NULL OFFSET 0) o",
        "k.position = o.position",
        "EXISTS (SELECT FROM log.events e WHERE e.position = k.position AND e.order_id = %s)",
    ),
    _Way(
        lambda asked: asked.correlation_id,
        "(VALUES (%s::uuid)) r (id)",
        "k.correlation_id = r.id",
        "k.correlation_id = %s",
    ),
    _Way(
        lambda asked: None if asked.amounts is None else list(asked.amounts),
        "unnest(%s::bigint[]) m (amount)",
        "k.amount = m.amount",
        "k.amount = ANY (%s::bigint[])",
    ),
    _Way(
        lambda asked: None if asked.actors is None else list(asked.actors),
        "unnest(%s::text[]) a (actor_id)",
        "k.actor_id = a.actor_id",
        "k.actor_id = ANY (%s::text[])",
    ),
    _Way(
        lambda asked: None if asked.topics is None else list(asked.topics),
        "unnest(%s::text[]) t (topic)",
        "k.topic = t.topic",
        "k.topic = ANY (%s::text[])",
    ),
)
_BY_ACTOR, _BY_TOPIC = _WAYS[4:]


def _statement(asked: KeysAsked, limit: int, topics: Sequence[str], *, down: bool) -> tuple[str, list[Any]]:
    """One walk through an index for each value of the narrowest condition, each of them ``limit`` long at most."""
    ways = [way for way in _WAYS if way.asked(asked) is not None]
    walked = ways[:1]
    if walked == [_BY_ACTOR]:  # its index goes by actor and topic
        walked = [_BY_ACTOR, _BY_TOPIC]
        asked = asked if asked.topics is not None else replace(asked, topics=topics)
    others = [way for way in ways if way not in walked]
    source = " CROSS JOIN ".join([way.source for way in walked]) or "(VALUES (1)) one (n)"
    sealed = ["k.sealed"] if asked.sealed else []
    where = [*(way.walk for way in walked), *(way.filter for way in others), *sealed]
    where += ["k.position > %s", "k.position < %s"]
    order = f"ORDER BY position {'DESC' if down else 'ASC'} LIMIT {limit:d}"
    statement = (
        f"SELECT found.position FROM {source} CROSS JOIN LATERAL "  # noqa: S608  (pieces of our own)
        f"(SELECT k.position FROM audit.event_keys k WHERE {' AND '.join(where)} {order}) found {order}"
    )
    return statement, [*(way.asked(asked) for way in (*walked, *others)), asked.above, asked.below]
