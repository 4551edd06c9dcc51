"""A bundle that proves events on a machine without Daybook: events, the tiles for them, the checkpoint, the verifier.

The folder is a part of a C2SP tlog-tiles log as it lies on a disk, and events.ndjson beside it. What is sealed in the
log stays sealed in the bundle, so that an erased key leaves both as they are. Nothing of it needs to be believed:
verify.py computes every hash again.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Any
from uuid import UUID

from psycopg import Connection

from eventstore import wire
from eventstore.records import RecordedEvent
from eventstore.seals.checkpoint import SignedCheckpoint
from eventstore.seals.rows import leaves
from eventstore.seals.tiles import WIDTH, Tile, tiles_on_path
from eventstore.seals.tree import HASH_BYTES

_AT_ONCE = 10_000
_POSITIONS_OF = "SELECT position FROM log.events WHERE partition_id = %s AND position <= %s ORDER BY position"
_TILE = "SELECT hashes FROM seals.tiles WHERE level = %s AND index = %s"
_LENGTH = Struct(">i")


class ExportError(Exception):
    """The bundle cannot be made; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle is made of beside the log: a checkpoint's note, verifier keys, and files by name."""

    note: str
    keys: Sequence[str]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events: from a position to another, both included, or those of one partition."""

    first: int = 1
    last: int | None = None
    partition_id: UUID | None = None


Progress = Callable[[int, int], None]


def export(connection: Connection[Any], folder: Path, selection: Selection, bundle: Bundle, progress: Progress) -> int:
    """Write a bundle into a new folder; return how many events it has. Raises ExportError, OSError, psycopg.Error."""
    size = SignedCheckpoint.parse(bundle.note).checkpoint.size
    ranges = _ranges(connection, selection, size)
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise ExportError(f"{folder} exists; name a folder that does not, so that nothing is mixed up.") from None
    sums: dict[str, str] = {}
    events = _write(folder, "events.ndjson", _lines(connection, ranges, progress), sums)
    for tile in sorted({tile for first, last in ranges for tile in _tiles(first, last, size)}):
        _write(folder, f"tile/{tile.path}", [_hashes(connection, tile)], sums)
    _write(folder, "checkpoint", [bundle.note.encode()], sums)
    _write(folder, "verifier-keys.txt", [f"{key}\n".encode() for key in bundle.keys], sums)
    for name, content in bundle.files.items():
        _write(folder, name, [content], sums)
    lines = [f"{digest}  {name}\n".encode() for name, digest in sorted(sums.items())]
    _write(folder, "SHA256SUMS", lines, {})
    return events


def _ranges(connection: Connection[Any], selection: Selection, size: int) -> list[tuple[int, int]]:
    """The wanted positions as ranges."""
    if selection.partition_id is None:
        last = size if selection.last is None else selection.last
        if not 1 <= selection.first <= last <= size:
            raise ExportError(
                f"The checkpoint has the events from 1 to {size}; {selection.first} to {last} is not in it."
            )
        return [(selection.first, last)]
    ranges: list[tuple[int, int]] = []
    for (position,) in connection.execute(_POSITIONS_OF, [selection.partition_id, size]).fetchall():
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1] = ranges[-1][0], position
        else:
            ranges.append((position, position))
    if not ranges:
        raise ExportError(f"There is no event of {selection.partition_id} in the checkpoint of {size} events.")
    return ranges


def _lines(connection: Connection[Any], ranges: Sequence[tuple[int, int]], progress: Progress) -> Iterator[bytes]:
    wanted, done = sum(last - first + 1 for first, last in ranges), 0
    for first, last in ranges:
        for start in range(first, last + 1, _AT_ONCE):
            end = min(last, start + _AT_ONCE - 1)
            count = 0
            for _, leaf in leaves(connection, start, end):
                count += 1
                yield line_of(leaf)
            if count != end - start + 1:
                raise ExportError(f"Between position {start} and {end} events are missing: see `daybook verify-log`.")
            done += count
            progress(done, wanted)


def line_of(leaf: bytes) -> bytes:
    """An event as a line of the bundle: every column, in the order of the table, in one way of writing it."""
    return (json.dumps(fields_of(leaf), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def fields_of(leaf: bytes) -> dict[str, Any]:
    """The columns of an event from its leaf bytes, as JSON has them; bytes that are no text are base64."""
    fields: dict[str, Any] = {}
    at = 1
    for name, shown in _SHOWN:
        (length,) = _LENGTH.unpack_from(leaf, at)
        at += 4
        fields[name] = None if length < 0 else shown(leaf[at : at + length])
        at += max(0, length)
    return fields


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def _time(data: bytes) -> str:
    return wire.moment(_number(data)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _uuid(data: bytes) -> str:
    return str(UUID(bytes=data))


_KINDS: dict[Callable[[bytes], Any], tuple[str, ...]] = {
    _number: ("position", "version", "schema_version", "number"),
    _time: ("recorded_at", "occurred_at"),
    _base64: ("sealed",),
    bytes.decode: ("aggregate", "topic", "payload", "series", "actor_type", "actor_id"),
}
_BY_NAME = {name: shown for shown, names in _KINDS.items() for name in names}
_SHOWN = [(name, _BY_NAME.get(name, _uuid)) for name in RecordedEvent.__struct_fields__]


def _tiles(first: int, last: int, size: int) -> Iterator[Tile]:
    """The tiles that show the events of a range to be in the tree of a size."""
    for tile in range((first - 1) // WIDTH, (last - 1) // WIDTH + 1):
        yield from tiles_on_path(min(tile * WIDTH, size - 1), size)


def _hashes(connection: Connection[Any], tile: Tile) -> bytes:
    row = connection.execute(_TILE, [tile.level, tile.index], binary=True).fetchone()
    hashes: bytes = b"" if row is None else row[0][: tile.width * HASH_BYTES]
    if len(hashes) < tile.width * HASH_BYTES:
        raise ExportError(f"The tile {tile.path} is not in the database: see `daybook verify-log`.")
    return hashes


def _write(folder: Path, name: str, parts: Iterable[bytes], sums: dict[str, str]) -> int:
    """Write a file of the bundle and note its sum; return how many parts it had."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, count = sha256(), 0
    with path.open("xb") as file:
        for part in parts:
            file.write(part)
            digest.update(part)
            count += 1
    sums[name] = digest.hexdigest()
    return count
