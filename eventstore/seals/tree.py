"""The Merkle tree of RFC 6962 (and 9162, section 2.1) over SHA-256: its hashes, its proofs and their checks.

The tree is asked for by way of `Node`: the hash of a complete subtree, from wherever it is kept. Nothing here knows
where that is, nor what a leaf says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""The hash of the complete subtree of 2**height leaves that begins at leaf ``index << height``: node(height, index)."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: bytes) -> bytes:
    """The root of a complete subtree from its hashes one after another; their number is a power of two."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join([sha256(b"\x01" + hashes[at : at + 64]).digest() for at in range(0, len(hashes), 64)])
    return hashes


def range_hash(node: Node, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of a range that begins where a subtree as large as its half begins."""
    count = end - start
    if count == 0:
        return EMPTY_ROOT
    height = count.bit_length() - 1
    if count == 1 << height:
        return node(height, start >> height)
    half = 1 << height
    return node_hash(node(height, start >> height), range_hash(node, start + half, end))


def root_hash(node: Node, size: int) -> bytes:
    """The root of the tree's first ``size`` leaves."""
    return range_hash(node, 0, size)


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The audit path of a leaf in the tree of ``size`` leaves, from the leaf upwards. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(node, middle, end))
            end = middle
        else:
            path.append(range_hash(node, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(node: Node, old_size: int, new_size: int) -> list[bytes]:
    """What shows that the tree of ``new_size`` begins with that of ``old_size``. Raises ValueError."""
    if not 0 <= old_size <= new_size:
        raise ValueError(f"no tree of {new_size} begins with one of {old_size}")
    if old_size in (0, new_size):
        return []
    path: list[bytes] = []
    start, end = 0, new_size
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(range_hash(node, middle, end))
            end = middle
        else:
            path.append(range_hash(node, start, middle))
            start = middle
    if start:
        path.append(range_hash(node, start, end))
    return path[::-1]


def includes(hashed: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf of this hash is shown to be in the tree: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last = index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            hashed = node_hash(sibling, hashed)
            place, last = _up(place, last, to_a_right_child=True)
        else:
            hashed = node_hash(hashed, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and hashed == root


def _up(place: int, last: int, *, to_a_right_child: bool) -> tuple[int, int]:
    """Climb from a place and the last one of its level until the place is a right child, or is a left one."""
    while place and bool(place & 1) != to_a_right_child:
        place, last = place >> 1, last >> 1
    return place, last


def begins_with(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the new tree is shown to begin with the old one: RFC 9162, section 2.1.4.2."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size in (0, new_size):
        return not path and old_root == (EMPTY_ROOT if old_size == 0 else new_root)
    if not path:
        return False
    hashes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    place, last = _up(old_size - 1, new_size - 1, to_a_right_child=False)
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            place, last = _up(place, last, to_a_right_child=True)
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
