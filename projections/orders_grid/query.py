"""What a reader asks of the orders grid, as a value: filters, order, page, wish to count.

``parameters`` reads it from query parameters; the grid turns it into one keyset query and answers a ``GridPage``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from projections.paging.query import LIMIT_DEFAULT, Count, Cursor, Range, Sort

NEWEST_FIRST = Sort("purchased_at", descending=True)


@dataclass(frozen=True, slots=True)
class GridQuery:
    """One question to the grid; every filter given must hold, several choices or names mean any of them.

    ``names`` are identifiers (``projections.paging.identifiers``), order numbers and ids; ``empty`` says of a column
    whether there shall be nothing in it. ``after`` asks for what changed behind that position of the log.
    """

    keywords: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    empty: Mapping[str, bool] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    times: Mapping[str, Range[datetime]] = field(default_factory=dict)
    numbers: Mapping[str, Range[Decimal]] = field(default_factory=dict)
    sort: Sort = NEWEST_FIRST
    limit: int = LIMIT_DEFAULT
    cursor: Cursor | None = None
    count: Count = Count.NONE
    min_position: int | None = None
    after: int | None = None

    @property
    def by_text(self) -> bool:
        """Whether it looks for words, names or their absence, of which there may be many or few."""
        return self.keywords is not None or bool(self.texts or self.names or self.empty)
