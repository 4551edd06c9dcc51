"""The bytes of a recorded event that a proof hashes, outside the database.

The same as log.leaf_bytes in migrations/0001_event_log/, where the format is described. It is
fixed for good: seals made once must hold for ever. A change is a new format byte, never an edit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from struct import Struct
from typing import Any, get_type_hints
from uuid import UUID

from eventstore import wire
from eventstore.records import RecordedEvent

FORMAT = b"\x01"
NULL = b"\xff\xff\xff\xff"

_WIDTHS = {"version": Struct(">i"), "schema_version": Struct(">h")}
_LENGTH = Struct(">I")


def leaf_bytes(event: RecordedEvent) -> bytes:
    """Return every column of the row, unambiguously."""
    parts = [FORMAT]
    for name, encode in _FIELDS:
        value = getattr(event, name)
        if value is None:
            parts.append(NULL)
        else:
            data = encode(value)
            parts.append(_LENGTH.pack(len(data)) + data)
    return b"".join(parts)


def _encoding(name: str, kind: Any) -> Callable[[Any], bytes]:
    if name in _WIDTHS:
        return _WIDTHS[name].pack
    kinds: dict[Any, Callable[[Any], bytes]] = {
        int: wire.int8,
        UUID: lambda value: value.bytes,
        str: str.encode,
        bytes: bytes,
        datetime: lambda value: wire.int8(wire.microseconds(value)),
    }
    return next(encode for type_, encode in kinds.items() if kind in {type_, type_ | None})


_HINTS = get_type_hints(RecordedEvent)
_FIELDS = [(name, _encoding(name, _HINTS[name])) for name in RecordedEvent.__struct_fields__]
