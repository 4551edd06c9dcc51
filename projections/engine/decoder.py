"""From rows of the log to the events that a read model folds.

Most come as bare shapes, at half of the cost; where the classes are asked for, through the codec like everybody's.
"""

from collections.abc import Iterable
from typing import Any, Self

from domain.events import Event
from eventstore.codec import Codec
from eventstore.feed import FeedEvent
from eventstore.personal_data import Keyring
from eventstore.records import DataKey, RecordedEvent
from projections.engine.model import ReadModel
from projections.engine.shapes import shapes


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
    def of(cls, model: ReadModel[Any], codec: Codec, keyring: Keyring, *, bare: bool = True) -> Self:
        """What decodes for a read model; unless ``bare``, every event comes as an object of its class."""
        return cls(codec, keyring, model.events, model.bare if bare else ())

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
        key = row.key
        return shape.event(row, None if key is None else self._cipher(row.partition_id, key))
