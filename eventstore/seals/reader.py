"""Reads seals and answers with proofs: what the web server, the export and the command line ask.

Three round trips for a proof, whatever the size of the log: event, checkpoint, the few tiles on its path. Nothing
here writes, and nothing is believed: whoever gets a proof can check it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg import Connection

from eventstore.seals.tiles import WIDTH, Tile, bundle, nodes_of, tiles_on_path, width_in
from eventstore.seals.tree import HASH_BYTES, Node, consistency_proof, inclusion_proof, leaf_hash, root_hash

RECEIPT_EVENTS_MAX = 10_000

_CHECKPOINT = "SELECT size, root, note, sealed_at FROM seals.checkpoints"
_LATEST = f"{_CHECKPOINT} ORDER BY size DESC LIMIT 1"
_OF_SIZE = f"{_CHECKPOINT} WHERE size = %s"
_BEFORE = f"{_CHECKPOINT} WHERE size < %s ORDER BY size DESC LIMIT %s"
_KEYS = "SELECT vkey, first_size, recorded_at FROM seals.keys ORDER BY first_size, recorded_at"
_LEAF = "SELECT log.leaf_bytes(e) FROM log.events e WHERE position = %s"
_LEAVES = "SELECT log.leaf_bytes(e) FROM log.events e WHERE position BETWEEN %s AND %s ORDER BY position"
_OF_COMMAND = "SELECT position, log.leaf_bytes(e) FROM log.events e WHERE command_id = %s ORDER BY position LIMIT %s"
_TILES = """
    SELECT t.level, t.index, t.hashes FROM unnest(%s::integer[], %s::bigint[]) w (level, index)
    JOIN seals.tiles t ON t.level = w.level AND t.index = w.index
"""


def last_note(connection: Connection[Any]) -> str | None:
    """The signed note of the last checkpoint; None before the first."""
    row = connection.execute("SELECT note FROM seals.checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    return row[0] if row else None


class NotSealedYet(Exception):
    """What was asked for is in no checkpoint yet; `sealed` is how many events are."""

    def __init__(self, sealed: int) -> None:
        super().__init__(f"{sealed} events are sealed")
        self.sealed = sealed


class UnknownEvent(LookupError):
    """The log has no such event, or the command has none."""


class UnknownCheckpoint(LookupError):
    """No checkpoint of this size was ever made."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint as it is kept."""

    size: int
    root: bytes
    note: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key that has signed, from the checkpoint of ``first_size`` events on."""

    vkey: str
    first_size: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Included:
    """One event and its path to the root of a checkpoint."""

    position: int
    leaf: bytes
    path: Sequence[bytes]

    @property
    def index(self) -> int:
        return self.position - 1

    @property
    def leaf_hash(self) -> bytes:
        return leaf_hash(self.leaf)


@dataclass(frozen=True, slots=True)
class Consistent:
    """That the larger tree begins with the smaller one."""

    old_size: int
    old_root: bytes
    new_size: int
    new_root: bytes
    path: Sequence[bytes]
    note: str | None


class Connections(Protocol):
    """A pool of connections."""

    def connection(self) -> AbstractContextManager[Connection[Any]]: ...


class SealReader:
    """Over a pool; thread-safe. Raises psycopg.OperationalError when the database is away."""

    def __init__(self, pool: Connections) -> None:
        self._pool = pool

    def checkpoint(self, size: int | None = None) -> Sealed:
        """The last checkpoint, or the one of this size. Raises NotSealedYet, UnknownCheckpoint."""
        rows = self._rows(_LATEST) if size is None else self._rows(_OF_SIZE, size)
        if rows:
            return Sealed(*rows[0])
        if size is None:
            raise NotSealedYet(0)
        last = self.checkpoint()
        raise NotSealedYet(last.size) if size > last.size else UnknownCheckpoint(size)

    def checkpoints_before(self, size: int, limit: int) -> list[Sealed]:
        """At most ``limit`` checkpoints below a size, the largest first."""
        return [Sealed(*row) for row in self._rows(_BEFORE, size, limit)]

    def signers(self) -> list[KeyRecord]:
        """Every key that has signed, in the order of their first checkpoints."""
        return [KeyRecord(*row) for row in self._rows(_KEYS)]

    def proof(self, position: int, size: int | None = None) -> tuple[Included, Sealed]:
        """An event in the last checkpoint, or in that of a size.

        Raises UnknownEvent, NotSealedYet, UnknownCheckpoint.
        """
        rows = self._rows(_LEAF, position)
        if not rows:
            raise UnknownEvent(position)
        sealed = self.checkpoint(size)
        return self._included([(position, rows[0][0])], sealed)[0], sealed

    def receipt(self, command_id: UUID) -> tuple[list[Included], Sealed]:
        """All events of a command in the last checkpoint. Raises UnknownEvent, NotSealedYet."""
        rows = self._rows(_OF_COMMAND, command_id, RECEIPT_EVENTS_MAX)
        if not rows:
            raise UnknownEvent(command_id)
        sealed = self.checkpoint()
        return self._included(rows, sealed), sealed

    def consistency(self, old_size: int, new_size: int | None) -> Consistent:
        """From one size to another, or to the last checkpoint. Raises NotSealedYet; ValueError to a smaller one."""
        last = self.checkpoint()
        new = last.size if new_size is None else new_size
        if max(old_size, new) > last.size:
            raise NotSealedYet(last.size)
        node = self._nodes([*tiles_on_path(old_size - 1, new), *tiles_on_path(old_size - 1, old_size)])
        path = consistency_proof(node, old_size, new)
        noted = [last.note] if new == last.size else [note for _, _, note, _ in self._rows(_OF_SIZE, new)]
        roots = root_hash(node, old_size), root_hash(node, new)
        return Consistent(old_size, roots[0], new, roots[1], path, noted[0] if noted else None)

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile. Raises UnknownEvent for one that no checkpoint has yet."""
        hashes = self.tiles([tile]).get((tile.level, tile.index), b"")[: tile.width * HASH_BYTES]
        if len(hashes) < tile.width * HASH_BYTES:
            raise UnknownEvent(tile.path)
        return hashes

    def entries(self, tile: Tile) -> bytes:
        """The bundle of the events under a tile of level 0. Raises UnknownEvent, ValueError when one is too long."""
        if width_in(self.checkpoint().size, 0, tile.index) < tile.width:
            raise UnknownEvent(tile.entries_path)
        first = tile.index * WIDTH + 1
        return bundle([leaf for (leaf,) in self._rows(_LEAVES, first, first + tile.width - 1)])

    def tiles(self, tiles: Iterable[Tile]) -> dict[tuple[int, int], bytes]:
        """What is kept of these tiles, by (level, index): as much as each has by now."""
        places = {(tile.level, tile.index) for tile in tiles}
        rows = self._rows(_TILES, [level for level, _ in places], [index for _, index in places])
        return {(level, index): hashes for level, index, hashes in rows}

    def _included(self, events: Sequence[tuple[int, bytes]], sealed: Sealed) -> list[Included]:
        if events[-1][0] > sealed.size:
            raise NotSealedYet(sealed.size)
        node = self._nodes(tile for position, _ in events for tile in tiles_on_path(position - 1, sealed.size))
        return [Included(position, leaf, inclusion_proof(node, position - 1, sealed.size)) for position, leaf in events]

    def _nodes(self, tiles: Iterable[Tile]) -> Node:
        return nodes_of(self.tiles(tiles))

    def _rows(self, statement: str, *params: Any) -> list[Any]:
        with self._pool.connection() as connection:
            return connection.execute(statement.encode(), params, binary=True).fetchall()
