"""The log as the projections read it: by position for what is new, by partition for what came before.

Positions are dense and in commit order, so whoever has seen position n has missed nothing before it.
Who asked for an event, and by which command, is left out: read models show what happened.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.events import Event
from eventstore.codec import Codec
from eventstore.personal_data import Cipher, Keyring
from eventstore.records import DataKey, RecordedEvent
from projections.slices import SLICES

# The columns of RecordedEvent; those that no read model needs stay in the database.
COLUMNS: LiteralString = """
    e.position, e.stream_id, e.version, e.partition_id, NULL::uuid, '', e.topic, e.schema_version, e.payload, e.sealed,
    NULL::text, e.number, e.recorded_at, e.occurred_at, '', '', NULL::uuid, NULL::uuid, NULL::uuid,
    k.wrapped, k.from_position
"""
SOURCE: LiteralString = """
    FROM log.events e LEFT JOIN log.data_keys k ON k.partition_id = e.partition_id AND e.sealed IS NOT NULL
"""

_ALL = f"SELECT {COLUMNS} {SOURCE} WHERE e.position > %s AND e.position <= %s ORDER BY e.position LIMIT %s"
_SLICES = f"""
    SELECT {COLUMNS} {SOURCE} WHERE e.position > %s AND e.position <= %s AND read.slice_of(e.partition_id) = ANY(%s)
    ORDER BY e.position LIMIT %s
"""
_PAST = f"""
    SELECT {COLUMNS} {SOURCE}
    JOIN unnest(%s::uuid[], %s::bigint[]) wanted (partition_id, up_to)
      ON e.partition_id = wanted.partition_id AND e.position <= wanted.up_to
    ORDER BY e.partition_id, e.position
"""

# An event as read: the row, and the key that opens its personal part.
FeedRow = tuple[RecordedEvent, DataKey | None]


def head(connection: Connection[Any]) -> int:
    """The last position of the log; 0 when it is empty."""
    row = connection.execute("SELECT max(position) FROM log.events").fetchone()
    return row[0] or 0 if row else 0


def after(connection: Connection[Any], position: int, up_to: int, slices: Collection[int], limit: int) -> list[FeedRow]:
    """At most ``limit`` events of the slices in (position, up_to], in the order of the log."""
    with connection.cursor(binary=True) as cursor:
        if len(slices) == SLICES:
            cursor.execute(_ALL, [position, up_to, limit])
        else:
            cursor.execute(_SLICES, [position, up_to, list(slices), limit])
        return [feed_row(row) for row in cursor.fetchall()]


def past(connection: Connection[Any], wanted: Mapping[UUID, int]) -> list[FeedRow]:
    """All events of the partitions up to the given position each; a partition's events together, in their order."""
    with connection.cursor(binary=True) as cursor:
        cursor.execute(_PAST, [list(wanted), list(wanted.values())])
        return [feed_row(row) for row in cursor.fetchall()]


def feed_row(row: tuple[Any, ...]) -> FeedRow:
    """One row of a query for ``COLUMNS``."""
    return RecordedEvent(*row[:19]), None if row[19] is None else DataKey(row[19], row[20])


class Decoder:
    """Turns rows into the events that one read model folds."""

    def __init__(self, codec: Codec, keyring: Keyring, events: Iterable[type[Event]]) -> None:
        self._decode = codec.decode
        self._cipher = keyring.cipher
        self._known = codec.event_classes
        self._folded = frozenset(event.TOPIC for event in events)

    def event(self, row: RecordedEvent, key: DataKey | None) -> Any:
        """The event, or None when the read model has no use for its class. Unknown topics are an error."""
        if row.topic in self._folded or row.topic not in self._known:
            cipher: Cipher | None = None if key is None else self._cipher(row.partition_id, key)
            return self._decode(row, cipher)
        return None
