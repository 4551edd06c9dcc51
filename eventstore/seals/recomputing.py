"""One piece of the log recomputed from its rows, in a process of its own, and held against what was sealed.

A piece is a whole number of tiles, so that the pieces' roots are nodes of the tree. What comes back is small: a hash
for the piece, one for each checkpoint in it, and the first event whose hash is not the one that the tiles keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from eventstore.patience import PatientConnection
from eventstore.seals.checkpoint import SignedCheckpoint
from eventstore.seals.note import NoteError, VerifierKey
from eventstore.seals.rows import leaf_hashes
from eventstore.seals.tiles import LEVELS, TILE_BYTES, WIDTH
from eventstore.seals.tree import HASH_BYTES, fold, node_hash

PIECE_EVENTS = 65_536
PIECE_HEIGHT = 16

_INSIDE = "SELECT size, root, note FROM seals.checkpoints WHERE size > %s AND size <= %s ORDER BY size"
_TILES = "SELECT index, hashes FROM seals.tiles WHERE level = 0 AND index BETWEEN %s AND %s ORDER BY index"
_POSITIONS = "SELECT position FROM log.events WHERE position BETWEEN %s AND %s ORDER BY position"


class Subtrees:
    """The roots of the complete subtrees that a growing run of leaves consists of, the largest first."""

    def __init__(self) -> None:
        self._roots: list[tuple[int, bytes]] = []

    def push(self, height: int, root: bytes) -> None:
        """Add a subtree of 2**height leaves; none is smaller than the next one."""
        while self._roots and self._roots[-1][0] == height:
            root = node_hash(self._roots.pop()[1], root)
            height += 1
        self._roots.append((height, root))

    def with_end(self, end: bytes | None) -> bytes | None:
        """The root of these subtrees followed by what has the root ``end``, if anything."""
        for _, root in reversed(self._roots):
            end = root if end is None else node_hash(root, end)
        return end

    def copy(self) -> Subtrees:
        same = Subtrees()
        same._roots = self._roots[:]
        return same


@dataclass(frozen=True, slots=True)
class Claim:
    """What a checkpoint says, where it stands, and by whom it is signed; ``fault`` when it cannot be believed."""

    size: int
    root: bytes
    source: str
    signers: tuple[VerifierKey, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Positions ``first`` to ``last``, with the notes from outside whose sizes lie in them, each with its source."""

    first: int
    last: int
    outside: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class Recomputed:
    """A piece as its rows have it: per size of a checkpoint the root of the piece up to there, None where none is."""

    piece: Piece
    root: bytes | None = None
    ends: dict[int, bytes | None] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    differs_at: int | None = None
    gap_at: int | None = None


_state: dict[str, Any] = {}


def begin(conninfo: str, keys: Sequence[VerifierKey]) -> None:
    """What each process does first: connect, and learn which keys are known."""
    _state["connection"] = PatientConnection.connect(conninfo, autocommit=True, client_encoding="utf8")
    _state["keys"] = tuple(keys)


def end() -> None:
    """What a process may do last: hang up."""
    _state.pop("connection").close()


def recompute(piece: Piece) -> Recomputed:
    """Recompute a piece. Raises psycopg.Error."""
    connection: Connection[Any] = _state["connection"]
    found = Recomputed(piece)
    hashes = leaf_hashes(connection, piece.first, piece.last)
    if len(hashes) != piece.last - piece.first + 1:
        found.gap_at = _gap(connection, piece)
        del hashes[found.gap_at - piece.first :]
    found.claims = [*_inside(connection, piece), *_outside(piece)]
    _fold(found, b"".join(hashes))
    found.differs_at = _difference(connection, piece, b"".join(hashes))
    return found


def checked(note: str, source: str, keys: Iterable[VerifierKey]) -> Claim:
    """What a note claims. Raises NoteError for what is no checkpoint."""
    signed = SignedCheckpoint.parse(note, source)
    checkpoint, fault = signed.checkpoint, ""
    signers: tuple[VerifierKey, ...] = ()
    try:
        signers = tuple(signed.note.signers(keys))
        fault = "" if signers else "it is signed by none of the known keys"
    except NoteError as error:
        fault = str(error)
    return Claim(checkpoint.size, checkpoint.root, source, signers, fault)


def claim_of(size: int, root: bytes, note: str, keys: Iterable[VerifierKey]) -> Claim:
    """What a row of the checkpoints kept inside claims."""
    try:
        claim = checked(note, "", keys)
    except NoteError as error:
        return Claim(size, root, "", (), f"its note cannot be read: {error}")
    if (claim.size, claim.root) != (size, root):
        return Claim(size, root, "", (), "its note says something else than its row")
    return claim


def _inside(connection: Connection[Any], piece: Piece) -> list[Claim]:
    rows = connection.execute(_INSIDE, [piece.first - 1, piece.last]).fetchall()
    return [claim_of(size, root, note, _state["keys"]) for size, root, note in rows]


def _outside(piece: Piece) -> list[Claim]:
    return [checked(note, source, _state["keys"]) for note, source in piece.outside]


def _gap(connection: Connection[Any], piece: Piece) -> int:
    """The first position at which there is not exactly one event."""
    expected = piece.first
    for (position,) in connection.execute(_POSITIONS, [piece.first, piece.last]):
        if position != expected:
            return min(int(position), expected)
        expected += 1
    return expected


def _fold(found: Recomputed, hashes: bytes) -> None:
    """Grow the piece tile by tile, and look at its root at each checkpoint."""
    first = found.piece.first
    sizes = sorted({claim.size for claim in found.claims})
    grown = Subtrees()
    for at in range(0, len(hashes), TILE_BYTES):
        tile = hashes[at : at + TILE_BYTES]
        before = first - 1 + at // HASH_BYTES
        within = [size for size in sizes if before < size <= before + len(tile) // HASH_BYTES]
        if within:
            _look(found, grown.copy(), tile, before, within)
        if len(tile) == TILE_BYTES:
            grown.push(LEVELS, fold(tile))
    if len(hashes) == PIECE_EVENTS * HASH_BYTES:
        found.root = grown.with_end(None)
    found.ends |= dict.fromkeys(size for size in sizes if size not in found.ends)


def _look(found: Recomputed, grown: Subtrees, tile: bytes, before: int, sizes: Sequence[int]) -> None:
    taken = 0
    for size in sizes:
        for at in range(taken, size - before):
            grown.push(0, tile[at * HASH_BYTES : (at + 1) * HASH_BYTES])
        taken = size - before
        found.ends[size] = grown.with_end(None)


def _difference(connection: Connection[Any], piece: Piece, hashes: bytes) -> int | None:
    """The first event whose hash is not the one that is kept."""
    start = (piece.first - 1) // WIDTH
    for index, kept in connection.execute(_TILES, [start, (piece.last - 1) // WIDTH], binary=True):
        at = (index - start) * TILE_BYTES
        ours = hashes[at : at + len(kept)]
        if ours != kept[: len(ours)]:
            same = next(n for n in range(len(ours)) if ours[n] != kept[n]) // HASH_BYTES
            return int(index) * WIDTH + same + 1
    return None
