"""The sealer: follows the log by position, grows the tree, signs a checkpoint of it, and keeps that inside and outside.

It reads each event once and remembers the tree's right edge alone, O(log n) hashes, which also stand in the database:
killed at any moment, it goes on from the last checkpoint. It must never sign a tree that does not begin with what it
published before: then it refuses, for the log was rewritten or is an older one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from psycopg import Connection

from eventstore.seals.checkpoint import Checkpoint, SignedCheckpoint
from eventstore.seals.note import SigningKey
from eventstore.seals.rows import leaf_hashes
from eventstore.seals.tiles import LEVELS, WIDTH, Edge, nodes_of, tiles_on_path
from eventstore.seals.tree import root_hash

# At once, and in one checkpoint: what a backlog is sealed by.
EVENTS_MAX = 65_536

_HEAD = "SELECT coalesce((SELECT position FROM log.events ORDER BY position DESC LIMIT 1), 0)"
_LAST = "SELECT size, root, note FROM seals.checkpoints ORDER BY size DESC LIMIT 1"
_TILES = """
    SELECT t.level, t.index, t.hashes FROM unnest(%s::integer[], %s::bigint[]) w (level, index)
    JOIN seals.tiles t ON t.level = w.level AND t.index = w.index
"""
_RECORD = "SELECT seals.record(%s, %s, %b, %s, %s, %s::integer[], %s::bigint[], %b::bytea[])"


class LogRewritten(Exception):
    """The log is not the one that was sealed; the message says since when, as far as that is known."""


class Outside(Protocol):
    """Where checkpoints are kept out of reach of who owns the database."""

    def last(self) -> SignedCheckpoint | None:
        """The last one that was written there."""

    def write(self, note: str) -> None:
        """Add a note."""


class Sealer:
    """Seals over one connection in autocommit, which must speak UTF8. Not thread-safe.

    ``keys`` are asked for at every seal: the first is the log's, and names it; earlier ones may sign beside it. After
    any error the sealer is done for: make a new one, which looks where the log stands.
    """

    def __init__(self, connection: Connection[Any], keys: Callable[[], Sequence[SigningKey]], outside: Outside) -> None:
        """Take up the tree where it was left. Raises LogRewritten, psycopg.Error."""
        self._connection = connection
        self._keys = keys
        self._outside = outside
        self._edge = self._resumed()
        self._compare_with_outside()

    @property
    def size(self) -> int:
        """How many events are sealed."""
        return self._edge.size

    def step(self) -> int:
        """Seal what was appended since, at most EVENTS_MAX; return how many. Raises LogRewritten, psycopg.Error."""
        head = self._value(_HEAD)
        if head == self.size:
            return 0
        if head < self.size:
            raise LogRewritten(f"The log ends at position {head}, and {self.size} events are sealed.")
        last = min(head, self.size + EVENTS_MAX)
        hashes = leaf_hashes(self._connection, self.size + 1, last)
        if len(hashes) != last - self.size:
            raise LogRewritten(f"Between position {self.size + 1} and {last} there are only {len(hashes)} events.")
        self._seal(hashes)
        return len(hashes)

    def _seal(self, hashes: list[bytes]) -> None:
        sealed = self.size
        changed = self._edge.add(hashes)
        keys = self._keys()
        checkpoint = Checkpoint(keys[0].name, self.size, self._edge.root)
        note = checkpoint.signed(keys)
        places = list(changed)
        self._connection.execute(
            _RECORD,
            [
                sealed, checkpoint.size, checkpoint.root, note, [str(key.verifier) for key in keys],
                [level for level, _ in places], [index for _, index in places], list(changed.values()),
            ],
        )  # fmt: skip
        self._outside.write(note)

    def _resumed(self) -> Edge:
        row = self._connection.execute(_LAST).fetchone()
        if row is None:
            return Edge()
        size, root, note = row
        edge = Edge(size, self._last_tiles(size))
        if edge.root != root or SignedCheckpoint.parse(note).checkpoint.root != root:
            raise LogRewritten(f"The tiles kept in the database are not those of the checkpoint of {size} events.")
        return edge

    def _last_tiles(self, size: int) -> dict[int, bytes]:
        levels = range(-(-size.bit_length() // LEVELS))
        kept = self._kept([(level, (size >> LEVELS * level) // WIDTH) for level in levels])
        return {level: hashes for (level, _), hashes in kept.items()}

    def _compare_with_outside(self) -> None:
        """What was published last must be the beginning of what is sealed now, and is completed with it."""
        published = self._outside.last()
        if published is not None:
            self._compare(published.checkpoint)
        row = self._connection.execute(_LAST).fetchone()
        if row is not None and (published is None or published.checkpoint.size < row[0]):
            self._outside.write(row[2])  # ended between the two

    def _compare(self, published: Checkpoint) -> None:
        if published.origin != self._keys()[0].name:
            raise LogRewritten(f"What was published last is a checkpoint of another log, {published.origin}.")
        if published.size > self.size:
            raise LogRewritten(
                f"A checkpoint of {published.size} events was published, and only {self.size} are sealed here: "
                "this is an older state of the log."
            )
        tiles = self._kept([(tile.level, tile.index) for tile in tiles_on_path(published.size - 1, published.size)])
        if root_hash(nodes_of(tiles), published.size) != published.root:
            raise LogRewritten(f"The first {published.size} events are not those of the checkpoint that was published.")

    def _kept(self, places: list[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        columns = [[level for level, _ in places], [index for _, index in places]]
        rows = self._connection.execute(_TILES, columns, binary=True).fetchall()
        return {(level, index): hashes for level, index, hashes in rows}

    def _value(self, statement: str) -> int:
        row = self._connection.execute(statement).fetchone()
        return 0 if row is None else int(row[0])
