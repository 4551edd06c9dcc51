"""Events to bytes and back: msgspec JSON, decoded straight into the event's own class.

The payload holds the event's fields without the envelope (which has columns of its own) and
without the personal fields, which are sealed together with the command's reason. A class is
found by its explicit topic, never by its Python name, so that a rename cannot break history.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol, get_type_hints
from uuid import UUID

import msgspec

from eventstore.errors import NoDataKey, UnknownTopic
from eventstore.personal_data import Cipher, unsealed
from eventstore.records import RecordedEvent
from eventstore.upcasting import Upcasters, upcast

ENVELOPE = frozenset({"originator_id", "originator_version", "occurred_at", "number"})

_encode = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode
_set = object.__setattr__


class EventClass(Protocol):
    """What the codec asks of an event: a frozen dataclass with a stored name.

    Fields named in PERSONAL are optional and None once erased. A field `number` is the gapless
    number of the class's SERIES, filled from the row.
    """

    TOPIC: ClassVar[str]
    SCHEMA_VERSION: ClassVar[int]
    PERSONAL: ClassVar[frozenset[str]]
    SERIES: ClassVar[str | None]

    @property
    def originator_id(self) -> UUID: ...
    @property
    def originator_version(self) -> int: ...
    @property
    def occurred_at(self) -> datetime: ...


class Stored(Protocol):
    """What the codec reads of an event as it came from the log, however much else came with it."""

    @property
    def position(self) -> int: ...
    @property
    def stream_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def schema_version(self) -> int: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def sealed(self) -> bytes | None: ...
    @property
    def number(self) -> int | None: ...
    @property
    def occurred_at(self) -> datetime: ...


class Document(msgspec.Struct, frozen=True):
    """An event as stored, for an auditor: plain JSON values of the version it was written in."""

    data: dict[str, Any]
    reason: str | None
    erased: bool


class Codec:
    """Encodes and decodes the events of the given classes; thread-safe."""

    def __init__(self, event_classes: Iterable[type[Any]], upcasters: Upcasters | None = None) -> None:
        self._upcasters = upcasters or {}
        self._shapes: dict[str, _Shape] = {}
        for cls in event_classes:
            if cls.TOPIC in self._shapes:
                raise ValueError(f"two event classes have the topic {cls.TOPIC!r}")
            self._shapes[cls.TOPIC] = _Shape(cls)

    @property
    def event_classes(self) -> dict[str, type[Any]]:
        """The known classes by topic."""
        return {topic: shape.cls for topic, shape in self._shapes.items()}

    def encode(self, event: Any, cipher: Cipher | None, reason: str | None = None) -> tuple[bytes, bytes | None]:
        """Return (payload, sealed); sealed is None when there is nothing personal to keep.

        Raises NoDataKey when there is, and no cipher to seal it with.
        """
        shape = self._shape(event.TOPIC)
        payload = _encode({name: getattr(event, name) for name in shape.public})
        personal = {}
        for name in shape.personal:
            value = getattr(event, name)
            if value is not None:
                personal[name] = value
        if not personal and reason is None:
            return payload, None
        if cipher is None:
            raise NoDataKey(f"{event.TOPIC} of {event.originator_id} has personal data")
        plain = _encode(_Sealed(personal or msgspec.UNSET, reason))
        return payload, cipher.seal(plain, event.originator_id, event.originator_version)

    def decode(self, row: Stored, cipher: Cipher | None) -> Any:
        """Return the event of `row`, an object of its class.

        Personal fields are None when the key is erased (`cipher` None, or too young).
        Raises UnknownTopic, SealBroken.
        """
        shape = self._shapes.get(row.topic) or self._shape(row.topic)
        if row.schema_version != shape.schema_version:
            event = self._decode_old(shape, row, cipher)
        else:
            event = shape.decode(row.payload)
            plain = unsealed(row, cipher) if shape.personal else None
            if plain is not None:
                personal = shape.decode_sealed(plain).personal
                if personal is not msgspec.UNSET:
                    for name in shape.personal:
                        _set(event, name, getattr(personal, name))
        _set(event, "originator_id", row.stream_id)
        _set(event, "originator_version", row.version)
        _set(event, "occurred_at", row.occurred_at)
        if shape.numbered:
            _set(event, "number", row.number)
        return event

    def decode_all(self, rows: Iterable[RecordedEvent], ciphers: Mapping[UUID, Cipher | None]) -> list[Any]:
        """Return the events of many rows; `ciphers` by partition id, missing means erased."""
        decode, find = self.decode, ciphers.get
        return [decode(row, find(row.partition_id)) for row in rows]

    def document(self, row: Stored, cipher: Cipher | None) -> Document:
        """Return the event as it was written, of any topic, with its reason if still readable."""
        data = msgspec.json.decode(row.payload)
        if row.sealed is None:
            return Document(data, None, erased=False)
        plain = unsealed(row, cipher)
        if plain is None:
            return Document(data, None, erased=True)
        sealed = msgspec.json.decode(plain)
        return Document(data | sealed.get("personal", {}), sealed.get("reason"), erased=False)

    def reason(self, row: Stored, cipher: Cipher | None) -> str | None:
        """Return the reason that was given for the event, of any topic; None without one, or once erased."""
        plain = unsealed(row, cipher)
        return None if plain is None else _decode_reason(plain).reason

    def _decode_old(self, shape: _Shape, row: Stored, cipher: Cipher | None) -> Any:
        if row.schema_version > shape.schema_version:
            raise UnknownTopic(f"{row.topic} version {row.schema_version} is newer than this program")
        fields = upcast(
            self._upcasters,
            row.topic,
            row.schema_version,
            shape.schema_version,
            self.document(row, cipher).data,
        )
        return msgspec.convert(fields, shape.cls)

    def _shape(self, topic: str) -> _Shape:
        shape = self._shapes.get(topic)
        if shape is None:
            raise UnknownTopic(f"no event class has the topic {topic!r}")
        return shape


class _Sealed(msgspec.Struct, omit_defaults=True):
    personal: Any = msgspec.UNSET
    reason: str | None = None


class _Reason(msgspec.Struct):
    reason: str | None = None


_decode_reason = msgspec.json.Decoder(_Reason).decode


class _Shape:
    """What is worked out once per event class."""

    def __init__(self, cls: type[Any]) -> None:
        names = [field.name for field in dataclasses.fields(cls)]
        unknown = cls.PERSONAL - set(names)
        if unknown:
            raise ValueError(f"{cls.TOPIC}: PERSONAL names no field: {sorted(unknown)}")
        self.cls = cls
        self.schema_version: int = cls.SCHEMA_VERSION
        self.personal = tuple(name for name in names if name in cls.PERSONAL)
        self.public = tuple(name for name in names if name not in cls.PERSONAL and name not in ENVELOPE)
        self.numbered = "number" in names
        self.decode = msgspec.json.Decoder(cls).decode
        hints = get_type_hints(cls)
        personal = msgspec.defstruct("Personal", [(name, hints[name] | None, None) for name in self.personal])
        sealed = msgspec.defstruct("Sealed", [("personal", personal | msgspec.UnsetType, msgspec.UNSET)])
        self.decode_sealed: Callable[[bytes], Any] = msgspec.json.Decoder(sealed).decode
