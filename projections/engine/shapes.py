"""Events as bare shapes: the fields of an event class without the class, decoded at half of the cost.

Folds, and the domain's own functions behind them, look at an event's fields only. A shape has the same
fields with the same types and defaults; what kind of event it is says its row. Parts of an event keep
their classes, because they know how to add up.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, get_type_hints

import msgspec

from domain.events import Event
from eventstore.personal_data import Cipher, unsealed


class Shape:
    """How the events of one class are decoded."""

    def __init__(self, event_class: type[Event]) -> None:
        hints = get_type_hints(event_class)
        names = [field.name for field in dataclasses.fields(event_class)]
        fields = [(name, hints[name], _default(event_class, name)) for name in names]
        shape = msgspec.defstruct(event_class.__name__, fields, kw_only=True, gc=False)
        self.schema_version = event_class.SCHEMA_VERSION
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(shape).decode
        self._personal = tuple(name for name in names if name in event_class.PERSONAL)
        fields = [(name, hints[name] | None, None) for name in self._personal]
        personal = msgspec.defstruct("Personal", fields, frozen=True)
        sealed = msgspec.defstruct("Sealed", [("personal", personal, personal())])
        self._decode_sealed: Callable[[bytes], Any] = msgspec.json.Decoder(sealed).decode

    def event(self, row: Any, cipher: Cipher | None) -> Any:
        """The event of a row; personal fields are None where the key is erased or too young."""
        event = self._decode(row.payload)
        plain = unsealed(row, cipher) if self._personal else None
        if plain is not None:
            personal = self._decode_sealed(plain).personal
            for name in self._personal:
                setattr(event, name, getattr(personal, name))
        event.originator_id = row.stream_id
        event.originator_version = row.version
        event.occurred_at = row.occurred_at
        if row.number is not None:
            event.number = row.number
        return event


def shapes(event_classes: Iterable[type[Event]]) -> dict[str, Shape]:
    """The shapes of these classes by topic."""
    return {event_class.TOPIC: Shape(event_class) for event_class in event_classes}


def _default(event_class: type[Event], name: str) -> Any:
    """A field's default; those of events are immutable."""
    field = next(field for field in dataclasses.fields(event_class) if field.name == name)
    return msgspec.NODEFAULT if field.default is dataclasses.MISSING else field.default
