"""Tiles: the tree's hashes, 256 to a piece, as C2SP tlog-tiles names and packs them.

The tile (level, index) holds, for each i below 256, the root of the complete subtree of 256**level leaves number
``index * 256 + i``. A tile at the right edge of a tree holds fewer: it is partial, and named with its width. A tile
only ever grows at its end, so that the partial tile of any earlier tree is the beginning of the tile kept now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eventstore.seals.tree import HASH_BYTES, Node, fold, root_hash

WIDTH = 256
LEVELS = 8  # of the tree, in one tile
TILE_BYTES = WIDTH * HASH_BYTES
ENTRY_MAX_BYTES = 2**16 - 1

_PATH = re.compile(r"(entries|0|[1-9]|[1-5]\d|6[0-3])/((?:x\d{3}/){0,6}\d{3})(?:\.p/([1-9]\d{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One piece of the tree; ``width`` counts its hashes, 1 to 256. Entries are bundled as tiles of level 0 are."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Behind ``tile/``: such as ``1/x001/234.p/17``."""
        return f"{self.level}/{self._place}"

    @property
    def entries_path(self) -> str:
        """Behind ``tile/``, of the bundle of its entries."""
        return f"entries/{self._place}"

    @property
    def _place(self) -> str:
        digits = f"{self.index:d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        place = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
        return place if self.width == WIDTH else f"{place}.p/{self.width}"


def parse_path(path: str) -> tuple[Tile, bool]:
    """What stands behind ``tile/``: the tile, and whether its entries are meant. Raises ValueError."""
    matched = _PATH.fullmatch(path)
    if matched is None or not path.isascii():
        raise ValueError("not the path of a tile")
    kind, place, width = matched[1], matched[2].replace("x", "").replace("/", ""), int(matched[3] or WIDTH)
    tile = Tile(0 if kind == "entries" else int(kind), int(place), width)
    if path not in (tile.path, tile.entries_path):
        raise ValueError("not the path of a tile")
    return tile, kind == "entries"


def width_in(size: int, level: int, index: int) -> int:
    """How many hashes the tile (level, index) has in a tree of ``size`` leaves; 0 when there is none."""
    return max(0, min(WIDTH, (size >> LEVELS * level) - index * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of a tree, level by level."""
    level = 0
    while hashes := size >> LEVELS * level:
        for index in range(-(-hashes // WIDTH)):
            yield Tile(level, index, width_in(size, level, index))
        level += 1


def tiles_on_path(leaf: int, size: int) -> list[Tile]:
    """The tiles in which a proof about this leaf in the tree of ``size`` leaves finds its hashes."""
    found = set()
    level = 0
    while hashes := size >> LEVELS * level:
        for index in (leaf >> LEVELS * (level + 1), (hashes - 1) // WIDTH):
            if width := width_in(size, level, index):
                found.add(Tile(level, index, width))
        level += 1
    return sorted(found)


def nodes_of(tiles: Mapping[tuple[int, int], bytes]) -> Node:
    """The nodes of a tree from tiles, by (level, index). A node that is in none of them raises LookupError."""

    def node(height: int, index: int) -> bytes:
        level, beneath = divmod(height, LEVELS)
        number, first = divmod(index << beneath, WIDTH)
        hashes = tiles[level, number][first * HASH_BYTES : (first + (1 << beneath)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << beneath:
            raise LookupError(f"the tile {level}/{number} is too short")
        return fold(hashes)

    return node


def bundle(entries: list[bytes]) -> bytes:
    """Entries one after another, each behind its length. Raises ValueError for one that the format cannot hold."""
    for entry in entries:
        if len(entry) > ENTRY_MAX_BYTES:
            raise ValueError(f"an entry of {len(entry)} bytes is longer than {ENTRY_MAX_BYTES}")
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


class Edge:
    """The right edge of a growing tree: at each level the tile that is not full yet. All that a sealer remembers."""

    def __init__(self, size: int = 0, tiles: Mapping[int, bytes] | None = None) -> None:
        """A tree of ``size`` leaves, with the hashes of its last, unfinished tile by level. Raises ValueError."""
        self.size = size
        self._levels: list[bytes] = []
        level = 0
        while size >> LEVELS * level:
            width = (size >> LEVELS * level) % WIDTH
            hashes = (tiles or {}).get(level, b"")[: width * HASH_BYTES]
            if len(hashes) != width * HASH_BYTES:
                raise ValueError(f"the last tile of level {level} lacks hashes")
            self._levels.append(hashes)
            level += 1

    def add(self, hashes: list[bytes]) -> dict[tuple[int, int], bytes]:
        """Grow by leaves, given their hashes; return every tile that changed, by (level, index)."""
        changed: dict[tuple[int, int], bytes] = {}
        level, new = 0, b"".join(hashes)
        while new:
            if level == len(self._levels):
                self._levels.append(b"")
            index = (self.size >> LEVELS * level) // WIDTH
            held = self._levels[level] + new
            full = len(held) // TILE_BYTES
            pieces = [held[at * TILE_BYTES : (at + 1) * TILE_BYTES] for at in range(full)]
            changed |= {(level, index + at): piece for at, piece in enumerate(pieces)}
            self._levels[level] = held[full * TILE_BYTES :]
            if self._levels[level]:
                changed[level, index + full] = self._levels[level]
            level, new = level + 1, b"".join([fold(piece) for piece in pieces])
        self.size += len(hashes)
        return changed

    @property
    def root(self) -> bytes:
        """The root of the tree as it is now."""
        # range_hash is only asked for nodes that lie in the last tile of their level.
        last = {(level, (self.size >> LEVELS * level) // WIDTH): hashes for level, hashes in enumerate(self._levels)}
        return root_hash(nodes_of(last), self.size)
