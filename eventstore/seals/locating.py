"""Which event was altered first, and how: by the tiles, once they are shown to be those that a checkpoint signed.

A root that is not the signed one says only that something before it is different. The tiles kept in the database say
which leaf, if they still have the signed root themselves; else the answer stays a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from eventstore.seals.rows import leaves
from eventstore.seals.tiles import WIDTH, nodes_of, tiles_on_path, width_in
from eventstore.seals.tree import HASH_BYTES, fold, leaf_hash, root_hash

# How far from its place an event is looked for.
WINDOW = 5_000

_TILE = "SELECT hashes FROM seals.tiles WHERE level = %s AND index = %s"
_POSITION = slice(5, 13)  # behind the format byte and the length


@dataclass(frozen=True, slots=True)
class Alteration:
    """What happened first: ``kind`` at ``position``, or somewhere up to ``until`` when the tiles do not tell."""

    kind: str  # changed, removed, inserted, reordered, tail_removed, or altered
    position: int
    until: int
    detail: str


class KeptTree:
    """The tiles in the database, believed only as far as they have the root that was signed for ``size`` events."""

    def __init__(self, connection: Connection[Any], size: int, root: bytes) -> None:
        self._connection = connection
        self.size = size
        self._read: dict[tuple[int, int], bytes] = {}
        self._shown: dict[tuple[int, int], bool] = {}
        edge = {(tile.level, tile.index): self._tile(tile.level, tile.index) for tile in tiles_on_path(size - 1, size)}
        try:
            self.has_root = root_hash(nodes_of(edge), size) == root
        except LookupError:
            self.has_root = False

    def leaf_hashes(self, tile: int) -> list[bytes] | None:
        """The leaf hashes of a tile, when they are shown to be those that were sealed."""
        if not self._is_shown(0, tile):
            return None
        hashes = self._tile(0, tile)
        return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]

    def _is_shown(self, level: int, index: int) -> bool:
        if (level, index) not in self._shown:
            self._shown[level, index] = self._show(level, index)
        return self._shown[level, index]

    def _show(self, level: int, index: int) -> bool:
        width = width_in(self.size, level, index)
        hashes = self._tile(level, index)
        if len(hashes) < width * HASH_BYTES or not width:
            return False
        if width < WIDTH:  # at the right edge, which has the root or has not
            return self.has_root
        above, place = divmod(index, WIDTH)
        if not self._is_shown(level + 1, above):
            return False
        return self._tile(level + 1, above)[place * HASH_BYTES : (place + 1) * HASH_BYTES] == fold(hashes)

    def _tile(self, level: int, index: int) -> bytes:
        """As much of a tile as the tree of our size has."""
        if (level, index) not in self._read:
            row = self._connection.execute(_TILE, [level, index], binary=True).fetchone()
            width = width_in(self.size, level, index)
            self._read[level, index] = b"" if row is None else row[0][: width * HASH_BYTES]
        return self._read[level, index]


def locate(connection: Connection[Any], kept: KeptTree | None, agreed: int, suspect: int, size: int) -> Alteration:
    """The first alteration behind the first ``agreed`` events and in the first ``size``.

    ``suspect`` is the first event that differs from the tiles, ``kept`` a tree that they make up and that was signed.
    """
    if kept is None or suspect > size or not _all_shown(kept, agreed, suspect):
        detail = (
            f"Between position {agreed + 1} and {size} something is not as it was sealed; which event it is cannot be "
            "told: the tiles kept in the database are not those that were sealed either."
        )
        return Alteration("altered", agreed + 1, size, detail)
    window = _window(kept, suspect)
    rows = dict(leaves(connection, suspect, suspect + WINDOW - 1))
    return _told(suspect, window, rows)


def _all_shown(kept: KeptTree, agreed: int, suspect: int) -> bool:
    """Whether every tile from what is agreed on to the suspect is as it was sealed: only then is it the first."""
    return all(kept.leaf_hashes(tile) is not None for tile in range(agreed // WIDTH, (suspect - 1) // WIDTH + 1))


def _window(kept: KeptTree, first: int) -> dict[int, bytes]:
    """The sealed hashes of positions from ``first`` on, as far as they are shown."""
    found: dict[int, bytes] = {}
    last = min(kept.size, first + WINDOW - 1)
    for tile in range((first - 1) // WIDTH, (last - 1) // WIDTH + 1):
        hashes = kept.leaf_hashes(tile)
        if hashes is None:
            break
        found |= {tile * WIDTH + 1 + at: hashed for at, hashed in enumerate(hashes) if tile * WIDTH + 1 + at >= first}
    return found


def _told(position: int, sealed: dict[int, bytes], rows: dict[int, bytes]) -> Alteration:
    """What happened at a position, by where its event stands now and where the one that stands there was."""
    moved_to = next((now for now, leaf in rows.items() if leaf_hash(_at(leaf, position)) == sealed[position]), None)
    if position not in rows and moved_to is None:
        if not rows:
            return Alteration("tail_removed", position, position, f"The log ends before position {position}.")
        return Alteration("removed", position, position, f"The event at position {position} is missing.")
    came_from = None
    if position in rows:
        leaf = rows[position]
        came_from = next((then for then, hashed in sealed.items() if leaf_hash(_at(leaf, then)) == hashed), None)
    if moved_to is not None and came_from is None and position in rows:
        detail = f"At position {position} stands an event that was not sealed; what was there is at {moved_to} now."
        return Alteration("inserted", position, position, detail)
    if moved_to is not None:
        return Alteration("reordered", position, position, f"The event of position {position} is at {moved_to} now.")
    if came_from is not None:
        detail = f"The event of position {position} is missing; that of position {came_from} stands there now."
        return Alteration("removed", position, position, detail)
    return Alteration(
        "changed", position, position, f"The event at position {position} is not the one that was sealed."
    )


def _at(leaf: bytes, position: int) -> bytes:
    """The leaf of the same event, had it stood at that position."""
    return leaf[: _POSITION.start] + position.to_bytes(8, "big", signed=True) + leaf[_POSITION.stop :]
