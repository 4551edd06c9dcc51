"""Reports that give a row for each event of some types, and at the end count and add up the rows that are alike."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from eventstore.records import RecordedEvent
from projections.audit.reports.report import Json, LogWalk, Period, Told
from projections.public_events.reading import PublicEvents

# What is summed by is bounded by what there is (kinds, currencies, people); this holds for whatever somebody makes up.
SUMS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Summing:
    """How the rows of a report are added up.

    Under the name ``total`` the summary has an entry for each different value of the columns ``by``, with how many rows
    there were (``counted``) and the sum of their ``amount``.
    """

    total: str
    by: tuple[str, ...]
    counted: str
    amount: str


class SummedReport(ABC):
    """Such a report: it shows events of ``topics``, oldest first."""

    by_period = True
    topics: ClassVar[Sequence[str]]
    summing: ClassVar[Summing]

    def __init__(self, walk: LogWalk, events: PublicEvents) -> None:
        self._walk = walk
        self._events = events

    @abstractmethod
    def rows_of(self, events: Sequence[RecordedEvent], period: Period) -> Iterator[Json]:
        """The rows of some of these events, oldest first."""

    def told(self, period: Period) -> Told:
        """A row for each event; the summary counts and adds up those that are alike."""
        stretch, sums = self._walk.stretch(period), _Sums(self.summing)

        def rows() -> Iterator[Json]:
            for piece in self._walk.rows(stretch, self.topics):
                for row in self.rows_of(piece, period):
                    sums.add(row)
                    yield row

        return Told(stretch.position, rows(), sums.summary)


class _Sums:
    """Counts and sums of the rows so far."""

    def __init__(self, summing: Summing) -> None:
        self._summing = summing
        self._sums: dict[tuple[str, ...], tuple[int, Decimal]] = {}

    def add(self, row: Json) -> None:
        key = tuple([row[name] or "" for name in self._summing.by])
        if key in self._sums or len(self._sums) < SUMS_MAX:
            count, total = self._sums.get(key, (0, Decimal(0)))
            self._sums[key] = (count + 1, total + Decimal(row[self._summing.amount] or 0))

    def summary(self) -> Json:
        entries = [
            {name: value or None for name, value in zip(self._summing.by, key, strict=True)}
            | {self._summing.counted: count, self._summing.amount: str(total)}
            for key, (count, total) in sorted(self._sums.items())
        ]
        return {self._summing.total: entries}
