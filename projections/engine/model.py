"""What a read model is to the machinery that keeps it: a fold over one partition's events, and its rows.

A read model never asks the database, the clock or another partition while it folds: the same events
always give the same rows. So a row can be made again at any time, and rebuilt equals incremental.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.events import Event

State = TypeVar("State")

# One value per column, as text that PostgreSQL reads; None is NULL.
Row = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class ReadModel(Generic[State]):
    """One table of schema ``read``, kept up to date from the log.

    ``start`` makes the state of a partition before its first event, ``fold`` changes it by one event (the row of the
    log, and the decoded event where its class is in ``events``, else None), ``rows`` says what the table shall hold
    for it. Rows are found again by ``key`` and are never taken away. The runner counts rows by the column
    ``counted_by``. ``partition`` says in SQL, from the columns of a row, which partition it was folded from. Events of
    the classes in ``bare`` come as shapes: the same fields, but of no class, at half of the cost. A worker keeps the
    states of the last ``remembered`` partitions, to which more may happen soon: many where a state is small.
    """

    name: str
    columns: tuple[str, ...]
    key: str
    events: frozenset[type[Event]]
    start: Callable[[UUID], State]
    fold: Callable[[State, Any, Any], None]
    rows: Callable[[State], Iterable[Row]]
    counted_by: str | None = None
    bare: frozenset[type[Event]] = frozenset()
    partition: str = "order_id"
    remembered: int = 1024


# How a process of its own comes by a read model: the catalogue's function, which can be pickled and called there.
Find = Callable[[str], ReadModel[Any]]
