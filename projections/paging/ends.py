"""Where a page ends: its rows in the order of the list, and the cursors after and before them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from projections.paging.query import Cursor

T = TypeVar("T")


def ends(
    taken: Sequence[T], more: bool, cursor: Cursor | None, place: Callable[[T], Cursor]
) -> tuple[list[T], Cursor | None, Cursor | None]:
    """The page's rows in the order of the list, and the cursors after and before them.

    ``taken`` are in the order of the walk from ``cursor``; ``more`` lie beyond them.
    """
    backward = cursor is not None and cursor.backward
    rows = list(reversed(taken)) if backward else list(taken)
    following = place(rows[-1]) if rows and (more or backward) else None
    has_previous = rows and (more if backward else cursor is not None)
    return rows, following, replace(place(rows[0]), backward=True) if has_previous else None
