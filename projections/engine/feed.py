"""The log as the projections read it: by position for what is new, by partition for what came before.

Positions are dense and in commit order, so whoever has seen position n has missed nothing before it.
Who asked for an event, and by which command, is left out: read models show what happened.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, LiteralString, Self
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import args_row

from domain.events import Event
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.records import DataKey, RecordedEvent
from eventstore.statements import stream
from projections.engine.model import ReadModel
from projections.engine.shapes import shapes
from projections.engine.slices import SLICES
from projections.engine.table import array_text

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
_ALL = f"{_AFTER} ORDER BY e.position LIMIT $3"
_SLICES = f"{_AFTER} AND read.slice_of(e.partition_id) = ANY($4) ORDER BY e.position LIMIT $3"
_PAST = f"""
    SELECT {COLUMNS} {SOURCE}
    JOIN unnest(%s::uuid[], %s::bigint[]) wanted (partition_id, up_to)
      ON e.partition_id = wanted.partition_id AND e.position <= wanted.up_to
    ORDER BY e.partition_id, e.position
"""


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
    connection: Connection[Any], position: int, up_to: int, slices: Collection[int], limit: int
) -> list[FeedEvent]:
    """At most ``limit`` events of the slices in (position, up_to], in the order of the log."""
    parameters = [str(number).encode() for number in (position, up_to, limit)]
    if len(slices) == SLICES:
        return list(rows(connection, _ALL, parameters))
    asked = array_text([str(number) for number in slices]).encode()
    return list(rows(connection, _SLICES, [*parameters, asked]))


def past(connection: Connection[Any], wanted: Mapping[UUID, int]) -> list[FeedEvent]:
    """All events of the partitions up to the given position each; a partition's events together, in their order."""
    with connection.cursor(binary=True, row_factory=args_row(FeedEvent)) as cursor:
        return cursor.execute(_PAST, [list(wanted), list(wanted.values())]).fetchall()


class Decoder:
    """Turns rows into the events that one read model folds; ``bare`` are those that it takes as shapes."""

    def __init__(
        self, codec: Codec, keyring: Keyring, events: Iterable[type[Event]], bare: Iterable[type[Event]] = ()
    ) -> None:
        self._decode = codec.decode
        self._cipher = keyring.cipher
        self._known = codec.event_classes
        self._folded = frozenset(event.TOPIC for event in events)
        self._shapes = shapes(bare)

    @classmethod
    def of(cls, model: ReadModel[Any], codec: Codec, keyring: Keyring) -> Self:
        """What decodes for a read model."""
        return cls(codec, keyring, model.events, model.bare)

    def event(self, row: RecordedEvent | FeedEvent, key: DataKey | None) -> Any:
        """The event, or None when the read model has no use for its class. Unknown topics are an error."""
        if row.topic in self._folded or row.topic not in self._known:
            return self._decode(row, None if key is None else self._cipher(row.partition_id, key))
        return None

    def fed(self, row: FeedEvent) -> Any:
        """The same for a row of the feed; bare events come as shapes."""
        shape = self._shapes.get(row.topic)
        if shape is None or row.schema_version != shape.schema_version:
            return self.event(row, row.key)
        if row.wrapped is None or row.from_position is None:
            return shape.event(row, None)
        return shape.event(row, self._cipher(row.partition_id, DataKey(row.wrapped, row.from_position)))
