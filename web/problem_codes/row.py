"""What is written down about one problem code."""

from typing import NamedTuple


class Row(NamedTuple):
    """The HTTP statuses that a code comes with, what it means, and what whoever asked can do."""

    statuses: tuple[int, ...]
    meaning: str
    action: str


Rows = dict[str, Row]


def row(status: int, meaning: str, action: str) -> Row:
    """A code that always comes with one status."""
    return Row((status,), meaning, action)
