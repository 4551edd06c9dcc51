#!/usr/bin/env python3
"""Checks what Daybook hands out, on a machine without Daybook: an export, or an answer that holds a proof.

    python3 verify.py FOLDER                 an export
    python3 verify.py FILE.json              what /audit/events/N/proof, /audit/commands/ID/receipt or
                                             /audit/consistency answered
      --key VKEY            the log's verifier key, or a file of them, had from elsewhere; without it the one that came
                            with the export is taken, which shows only that the export agrees with itself
      --checkpoint FILE     checkpoints had from elsewhere: they must agree, as far as the tiles here can tell
      --show                print the events

It needs the standard library of Python 3.8 or newer, writes nothing and uses no network. It ends with status 0 when
everything is proved, 1 when something is not as it was sealed, 2 when something cannot be read. The formats are in
docs/reference/proofs.md: tree RFC 6962, signatures RFC 8032, notes, checkpoints and tiles C2SP.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple  # noqa: UP035  (as Python 3.8 has them)
from uuid import UUID


class Wrong(Exception):
    """Something is not as it was sealed."""


# --- Ed25519, RFC 8032, section 5.1. Verification only: nothing here is secret, so plain is good enough. ---

Point = Tuple[int, int, int, int]  # noqa: UP006  (extended coordinates: X, Y, Z, T)
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def point(encoded: bytes) -> Point:
    """The point of 32 bytes."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if len(encoded) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Wrong("a point of a key or a signature is none")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def added(p: Point, q: Point) -> Point:
    """The sum of two points."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, p: Point) -> Point:
    """A point added to itself so many times."""
    result: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = added(result, p)
        p, number = added(p, p), number >> 1
    return result


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this key made the signature."""
    try:
        key, commitment = point(public), point(signature[:32])
    except Wrong:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    one, other = times(scalar, BASE), added(commitment, times(challenge, key))
    return not ((one[0] * other[2] - other[0] * one[2]) % P or (one[1] * other[2] - other[1] * one[2]) % P)


# --- Keys, notes and checkpoints: C2SP signed-note and tlog-checkpoint. ---

Keys = Dict[Tuple[str, bytes], bytes]  # noqa: UP006
Checkpoint = Tuple[str, int, bytes]  # noqa: UP006  (origin, size, root)


def unbase64(text: str) -> bytes:
    """The bytes of base64 in its one right form."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Wrong("something is not base64 as it should be")
    return data


def parse_key(text: str) -> tuple[tuple[str, bytes], bytes]:
    """A verifier key: its name and id, and the public key."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    material = unbase64(encoded)
    if len(material) != 33 or material[0] != 1:
        raise Wrong("a verifier key is not one of Ed25519")
    computed = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if computed.hex() != key_id.lower():
        raise Wrong("the id of a verifier key is not that of its key")
    return (name, computed), material[1:]


def read_checkpoint(note: str, keys: Keys) -> Checkpoint:
    """What a note says that one of the keys signed."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    parts = text.split("\n")
    if len(parts) < 4 or not re.fullmatch(r"0|[1-9][0-9]*", parts[1]):
        raise Wrong("a checkpoint cannot be read")
    signers = 0
    for line in lines.splitlines():
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        blob = unbase64(encoded)
        if mark != "\u2014" or len(blob) < 5:
            raise Wrong("a signature line cannot be read")
        public = keys.get((name, blob[:4]))
        if public is not None and not signed_by(public, text.encode(), blob[4:]):
            raise Wrong(f"the signature of {name} is not of this checkpoint")
        signers += public is not None
    if not signers:
        raise Wrong(f"the checkpoint of {parts[1]} events is signed by none of the known keys")
    return parts[0], int(parts[1]), unbase64(parts[2])


def notes_of(text: str) -> list[str]:
    """The notes of a file: one, or a list in which an empty line follows each."""
    blocks = text.split("\n\n")
    return [blocks[at] + "\n\n" + blocks[at + 1].strip("\n") + "\n" for at in range(0, len(blocks) - 1, 2)]


# --- The tree: RFC 6962; the checks of proofs as in RFC 9162, sections 2.1.3.2 and 2.1.4.2. ---


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one event's bytes."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fold(hashes: list[bytes]) -> bytes:
    """The root of a complete subtree."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def roots_from_path(place: int, last: int, old: bytes, new: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """The roots that a path leads to from a node at a place, of the tree that ends with it and of the whole one."""
    for sibling in path:
        if last == 0:
            raise Wrong("a proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("a proof is too short")
    return old, new


def is_included(hashed: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether the leaf is in the tree."""
    return 0 <= index < size and roots_from_path(index, size - 1, hashed, hashed, path)[1] == root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: list[bytes]) -> bool:
    """Whether the new tree begins with the old one."""
    if not 1 <= old <= new or old == new:
        return old == new and old_root == new_root and not path
    hashes = path if old & (old - 1) else [old_root, *path]
    if not hashes:
        raise Wrong("a proof is too short")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    return roots_from_path(place, last, hashes[0], hashes[0], hashes[1:]) == (old_root, new_root)


class Tiles:
    """The tiles of an export (C2SP tlog-tiles), each shown to belong to the tree of the checkpoint."""

    def __init__(self, folder: Path, size: int, root: bytes) -> None:
        self.size = size
        self.tiles = dict(self._read(folder / "tile"))
        for (level, index), hashes in self.tiles.items():
            above = self.tiles.get((level + 1, index // 256), [])
            if len(hashes) == 256 and above[index % 256 : index % 256 + 1] != [fold(hashes)]:
                raise Wrong(f"the tile {level}/{index} does not belong to the checkpoint")
        if self.root(size) != root:
            raise Wrong("the tiles do not have the root of the checkpoint")

    def _read(self, folder: Path) -> Iterator[tuple[tuple[int, int], list[bytes]]]:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            named = re.fullmatch(r"(\d+)/((?:x\d{3}/)*\d{3})(?:\.p/(\d+))?", path.relative_to(folder).as_posix())
            if named is None:
                raise Wrong(f"{path} is not named as a tile")
            level, index = int(named[1]), int(named[2].replace("x", "").replace("/", ""))
            data, width = path.read_bytes(), min(256, (self.size >> 8 * level) - 256 * index)
            if width < 1 or width != int(named[3] or 256) or len(data) != 32 * width:
                raise Wrong(f"the tile {path} has not the width that the checkpoint's tree gives it")
            yield (level, index), [data[at : at + 32] for at in range(0, len(data), 32)]

    def root(self, size: int) -> bytes:
        """The root of the first events; LookupError when the tiles for it are not here."""
        roots, start = [], 0
        for height in range(size.bit_length() - 1, -1, -1):
            if size >> height & 1:
                level, beneath = divmod(height, 8)
                tile, first = divmod(start >> height << beneath, 256)
                roots.append(fold(self.tiles[level, tile][first : first + (1 << beneath)]))
                start += 1 << height
        result = roots.pop()
        while roots:
            result = node_hash(roots.pop(), result)
        return result

    def leaf(self, position: int) -> bytes | None:
        """The hash of the event that was sealed at a position."""
        tile, place = divmod(position - 1, 256)
        return next(iter(self.tiles.get((0, tile), [])[place : place + 1]), None)


# --- Events: the bytes that were hashed, and the same for people to read. ---

EPOCH = datetime(2000, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
FIELDS = {
    "position": "q", "stream_id": "uuid", "version": "i", "partition_id": "uuid", "order_id": "uuid",
    "aggregate": "text", "topic": "text", "schema_version": "h", "payload": "text", "sealed": "base64",
    "series": "text", "number": "q", "recorded_at": "time", "occurred_at": "time", "actor_type": "text",
    "actor_id": "text", "command_id": "uuid", "correlation_id": "uuid", "causation_id": "uuid",
}  # fmt: skip


def _microseconds(text: str) -> bytes:
    moment = datetime.strptime(text, TIME).replace(tzinfo=timezone.utc)  # noqa: UP017
    return struct.pack(">q", (moment - EPOCH) // timedelta(microseconds=1))


def _moment(data: bytes) -> str:
    return (EPOCH + timedelta(microseconds=struct.unpack(">q", data)[0])).strftime(TIME)


ENCODE: dict[str, Callable[[Any], bytes]] = {
    "uuid": lambda value: UUID(value).bytes,
    "text": lambda value: value.encode(),
    "base64": unbase64,
    "time": _microseconds,
    **{size: struct.Struct(">" + size).pack for size in "qih"},
}
DECODE: dict[str, Callable[[bytes], Any]] = {
    "uuid": lambda data: str(UUID(bytes=data)),
    "text": lambda data: data.decode(),
    "base64": lambda data: base64.b64encode(data).decode(),
    "time": _moment,
    "q": lambda data: struct.unpack(">q", data)[0],
    "i": lambda data: struct.unpack(">i", data)[0],
    "h": lambda data: struct.unpack(">h", data)[0],
}


def to_leaf(event: dict[str, Any]) -> bytes:
    """The bytes that were hashed, from an event as an export shows it."""
    if list(event) != list(FIELDS):
        raise Wrong("an event has not the fields that an event has")
    parts = [b"\1"]
    for name, kind in FIELDS.items():
        data = None if event[name] is None else ENCODE[kind](event[name])
        parts.append(b"\xff\xff\xff\xff" if data is None else struct.pack(">I", len(data)) + data)
    return b"".join(parts)


def from_leaf(leaf: bytes) -> dict[str, Any]:
    """An event as an export shows it, from the bytes that were hashed."""
    if leaf[:1] != b"\1":
        raise Wrong("the leaf is of a format that this program does not know")
    event, at = {}, 1
    for name, kind in FIELDS.items():
        length = struct.unpack(">i", leaf[at : at + 4])[0]
        at += 4
        event[name] = None if length < 0 else DECODE[kind](leaf[at : at + length])
        at += max(0, length)
    if at != len(leaf):
        raise Wrong("the leaf is longer than its event")
    return event


def line_of(event: dict[str, Any]) -> str:
    """The one way in which an event is written."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"


def told(event: dict[str, Any]) -> str:
    """An event for people."""
    number = "" if event["number"] is None else f" number {event['number']}"
    sealed = "" if event["sealed"] is None else ", personal parts sealed"
    who = f"{event['actor_type']} {event['actor_id']}"
    what = f"{event['topic']}{number} by {who}{sealed}"
    return f"  {event['position']} {event['recorded_at']} {what}\n    {event['payload']}"


# --- What is checked. ---


def check_sums(folder: Path) -> None:
    """Every file is the one that was written, and there is no other."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").split("\n")
    sums = {line[66:]: line[:66] for line in lines[:-1]}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    if found != set(sums) or lines[-1] or len(sums) != len(lines) - 1:
        raise Wrong(f"files are missing or were added: {', '.join(sorted(found ^ set(sums)))}")
    for name, digest in sums.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() + "  " != digest:
            raise Wrong(f"{name} is not the file that was exported")


def check_export(folder: Path, keys: Keys, notes: list[str], show: bool) -> None:
    """Everything in the folder belongs to one checkpoint."""
    check_sums(folder)
    origin, size, root = read_checkpoint((folder / "checkpoint").read_bytes().decode(), keys)
    tiles = Tiles(folder, size, root)
    positions: List[int] = []  # noqa: UP006
    versions: dict[str, List[int]] = {}  # noqa: UP006
    with (folder / "events.ndjson").open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            event = json.loads(line)
            position = event["position"]
            if line != line_of(event) or leaf_hash(to_leaf(event)) != tiles.leaf(position):
                raise Wrong(f"the event at position {position} is not the one that was sealed")
            if positions and position <= positions[-1]:
                raise Wrong(f"the events are not in the order of the log at position {position}")
            positions.append(position)
            versions.setdefault(event["stream_id"], []).append(event["version"])
            if show:
                print(told(event))
    print(f"{len(positions)} events are in the log {origin} of {size} events.")
    if positions and positions[-1] - positions[0] + 1 == len(positions):
        print(f"They are all from position {positions[0]} to {positions[-1]}: none is missing between.")
    else:
        holes = sum(max(each) - min(each) + 1 != len(each) for each in versions.values())
        print(
            f"They are a selection; {holes} of their {len(versions)} streams have holes. That there are no later ones"
        )
        print("only the whole log shows.")
    for note in notes:
        compare(read_checkpoint(note, keys), tiles)


def compare(checkpoint: Checkpoint, tiles: Tiles) -> None:
    """A checkpoint had from elsewhere beside the tiles of an export."""
    _, size, root = checkpoint
    try:
        ours = tiles.root(size) if size <= tiles.size else None
    except LookupError:
        ours = None
    if ours is None:
        print(f"The checkpoint of {size} events cannot be compared: export with --checkpoint to prove against it.")
    elif ours != root:
        raise Wrong(f"the checkpoint of {size} events had another root: the log was rewritten")
    else:
        print(f"The checkpoint of {size} events agrees.")


def check_answer(answer: dict[str, Any], keys: Keys, notes: list[str], show: bool) -> None:
    """A proof, a receipt or a consistency, as the server answered it."""
    known = check_consistency(answer, keys) if "from_root" in answer else check_events(answer, keys, show)
    for _, size, root in (read_checkpoint(note, keys) for note in notes):
        if size in known and known[size] != root:
            raise Wrong(f"the checkpoint of {size} events had another root: the log was rewritten")
        print(f"The checkpoint of {size} events {'agrees' if size in known else 'is of another size than this proof'}.")


def check_consistency(answer: dict[str, Any], keys: Keys) -> dict[int, bytes]:
    """That a log begins with an earlier state of it; returns the roots of both."""
    origin, size, root = read_checkpoint(answer["checkpoint"], keys)
    old, new = unbase64(answer["from_root"]), unbase64(answer["to_root"])
    path = [unbase64(each) for each in answer["proof"]]
    if (size, root) != (answer["to"], new) or not is_consistent(answer["from"], old, size, new, path):
        raise Wrong(f"the log of {size} events is not shown to begin with that of {answer['from']}")
    print(f"The log {origin} of {size} events begins with that of {answer['from']} events.")
    return {answer["from"]: old, size: new}


def check_events(answer: dict[str, Any], keys: Keys, show: bool) -> dict[int, bytes]:
    """That events are in the log; returns its root."""
    origin, size, root = read_checkpoint(answer["checkpoint"], keys)
    if (answer["tree_size"], unbase64(answer["root"])) != (size, root):
        raise Wrong("the checkpoint is not the one that the proof is for")
    for each in answer.get("events", [answer]):
        leaf, path = unbase64(each["leaf"]), [unbase64(text) for text in each["proof"]]
        event = from_leaf(leaf)
        if (event["position"], unbase64(each["leaf_hash"])) != (each["position"], leaf_hash(leaf)):
            raise Wrong("the leaf is not that of the event")
        if answer.get("command_id", event["command_id"]) != event["command_id"]:
            raise Wrong("an event of the receipt is of another command")
        if each["index"] != each["position"] - 1 or not is_included(leaf_hash(leaf), each["index"], size, path, root):
            raise Wrong(f"the event at position {each['position']} is not shown to be in the log")
        print(f"The event at position {each['position']} is in the log {origin} of {size} events.")
        if show:
            print(told(event))
    return {size: root}


def lines_of(given: str) -> list[str]:
    """What was typed, or the lines of the file of that name."""
    is_file = "\n" not in given and Path(given).is_file()
    return (Path(given).read_text(encoding="utf-8") if is_file else given).split("\n")


def main(arguments: list[str] | None = None) -> int:
    """Check, and say what was found; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", type=Path)
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--checkpoint", action="append", default=[], type=Path)
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args(arguments)
    is_export = given.what.is_dir()
    try:
        if is_export and not given.key:
            print("The key came with the export: have it from elsewhere, and name it with --key.")
        sources = given.key or ([str(given.what / "verifier-keys.txt")] if is_export else [])
        keys = dict(parse_key(line) for source in sources for line in lines_of(source) if line.strip())
        notes = [note for file in given.checkpoint for note in notes_of(file.read_text(encoding="utf-8"))]
        if is_export:
            check_export(given.what, keys, notes, given.show)
        else:
            check_answer(json.loads(given.what.read_text(encoding="utf-8")), keys, notes, given.show)
    except Wrong as wrong:
        print(f"NOT AS IT WAS SEALED: {wrong}.", file=sys.stderr)
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error, OverflowError) as unreadable:
        print(f"CANNOT BE READ: {unreadable!r}", file=sys.stderr)
        return 2
    print("Proved.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
