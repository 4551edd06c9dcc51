"""The tree, its proofs and its tiles are those of another implementation, leaf by leaf and proof by proof."""

from random import Random

import aics_tlog
import pytest
from aics_tlog.tiles import materialise_tiles

from eventstore.seals import tiles, tree

SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 700, 1000]
LEAVES = [f"event {number}".encode() for number in range(66_000)]
THEIRS = aics_tlog.MerkleTree(LEAVES[:1100], level_cache_sizes=2000)


def grown(*steps: int) -> tuple[tiles.Edge, dict[tuple[int, int], bytes]]:
    """A tree that grew in steps, each by a sealer that knows only what is kept; and the tiles that were kept."""
    kept: dict[tuple[int, int], bytes] = {}
    edge = tiles.Edge()
    for step in steps:
        hashes = [tree.leaf_hash(leaf) for leaf in LEAVES[edge.size : edge.size + step]]
        kept |= edge.add(hashes)
        last = {level: kept.get((level, (edge.size >> 8 * level) // 256), b"") for level in range(4)}
        edge = tiles.Edge(edge.size, last)
    return edge, kept


@pytest.fixture(scope="module")
def node() -> tree.Node:
    return tiles.nodes_of(grown(1100)[1])


@pytest.mark.parametrize("size", SIZES)
def test_the_root_of_every_size_is_theirs(node: tree.Node, size: int) -> None:
    assert tree.root_hash(node, size) == THEIRS.root(size)


def test_the_empty_tree_has_the_root_of_nothing(node: tree.Node) -> None:
    assert tree.root_hash(node, 0) == aics_tlog.EMPTY_HASH == tiles.Edge().root


@pytest.mark.parametrize("size", SIZES)
def test_an_inclusion_proof_is_theirs_and_fails_for_anything_else(node: tree.Node, size: int) -> None:
    root = THEIRS.root(size)
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        path = tree.inclusion_proof(node, index, size)
        leaf = tree.leaf_hash(LEAVES[index])
        assert path == THEIRS.inclusion_proof(index, size)
        assert tree.includes(leaf, index, size, path, root)
        assert aics_tlog.verify_leaf_inclusion(LEAVES[index], index, size, path, root)
        assert not tree.includes(tree.leaf_hash(b"another"), index, size, path, root)
        assert not tree.includes(leaf, index + 1, size, path, root)
        assert not tree.includes(leaf, index, size, [*path, bytes(32)], root)
        assert not tree.includes(leaf, index, size, path, bytes(32))
        assert not path or not tree.includes(leaf, index, size, path[:-1], root)


@pytest.mark.parametrize("new", SIZES)
def test_a_consistency_proof_is_theirs_and_fails_for_anything_else(node: tree.Node, new: int) -> None:
    for old in {1, 2, 3, 6, 128, new // 2, new - 1, new} & set(range(1, new + 1)):
        path = tree.consistency_proof(node, old, new)
        roots = old, THEIRS.root(old), new, THEIRS.root(new)
        assert path == THEIRS.consistency_proof(old, new)
        assert tree.begins_with(*roots, path)
        assert not tree.begins_with(old, bytes(32), new, THEIRS.root(new), path)
        assert not tree.begins_with(old, THEIRS.root(old), new, bytes(32), path)
        assert not tree.begins_with(*roots, [*path, bytes(32)])
        assert not path or not tree.begins_with(*roots, path[:-1])


def test_a_tree_that_grows_in_steps_has_the_tiles_and_the_root_of_one_that_grew_at_once() -> None:
    draw = Random(5)
    steps = [draw.choice([1, 2, 255, 256, 257, 513, 4000]) for _ in range(60)]
    size = min(sum(steps), len(LEAVES))
    edge, kept = grown(*steps)
    theirs = {path.removeprefix("tile/"): data for path, data in materialise_tiles(LEAVES[:size]).items()}
    assert edge.root == aics_tlog.MerkleTree(LEAVES[:size]).root()
    assert {tile.path: kept[tile.level, tile.index] for tile in tiles.tiles_of(size)} == {
        path: data for path, data in theirs.items() if "entries" not in path
    }
    for index in range(-(-size // 256)):
        tile = tiles.Tile(0, index, tiles.width_in(size, 0, index))
        assert tiles.bundle(LEAVES[index * 256 : min(size, index * 256 + 256)]) == theirs[tile.entries_path]


def test_a_proof_needs_only_the_tiles_on_its_path() -> None:
    _, kept = grown(66_000)
    for index, size in ((0, 66_000), (65_535, 66_000), (65_536, 65_537), (40_000, 65_536), (65_999, 66_000)):
        on_path = {(tile.level, tile.index): kept[tile.level, tile.index] for tile in tiles.tiles_on_path(index, size)}
        path = tree.inclusion_proof(tiles.nodes_of(on_path), index, size)
        root = tree.root_hash(tiles.nodes_of(on_path), size)
        assert tree.includes(tree.leaf_hash(LEAVES[index]), index, size, path, root)
        assert tree.consistency_proof(tiles.nodes_of(on_path), index + 1, size) is not None


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (tiles.Tile(0, 0), "0/000"),
        (tiles.Tile(1, 999, 5), "1/999.p/5"),
        (tiles.Tile(2, 1000), "2/x001/000"),
        (tiles.Tile(0, 1_234_067, 255), "0/x001/x234/067.p/255"),
    ],
)
def test_a_tile_has_its_path(tile: tiles.Tile, path: str) -> None:
    assert tile.path == path
    assert tiles.parse_path(path) == (tile, False)
    assert "tile/" + path == aics_tlog.tiles.tile_path(tile.level, tile.index, tile.width if tile.width < 256 else None)


@pytest.mark.parametrize(
    "path",
    ["", "0/0", "0/0000", "00/000", "64/000", "0/001/000", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000.p/01",
     "data/000", "0/000/", "entries/x000/000", "0/\u0660\u0660\u0660", "-1/000", "0/000.p/"],
)  # fmt: skip
def test_what_is_no_path_of_a_tile_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not the path of a tile"):
        tiles.parse_path(path)


def test_an_entry_that_the_format_cannot_hold_is_refused() -> None:
    assert len(tiles.bundle([bytes(65_535)])) == 65_537
    with pytest.raises(ValueError, match="longer than 65535"):
        tiles.bundle([bytes(65_536)])
