"""What a report is to those who show it: a name, columns, rows that come one after another, and a summary at the end.

A report says up to which position of the log it was made. Its memory depends on what it sums up by, never on the rows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from eventstore.cursors import position_before
from eventstore.event_keys import EventKeys, KeysAsked
from eventstore.reader import LogReader
from eventstore.records import RecordedEvent

ROWS_AT_ONCE = 500
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """What was recorded from one moment to another, both included; open where there is None."""

    recorded_from: datetime | None = None
    recorded_to: datetime | None = None


@dataclass(slots=True)
class Told:
    """A report as it is told: ``rows`` come once; ``summary`` is right when they all have come."""

    position: int
    rows: Iterator[Json]
    summary: Callable[[], Json] = dict


class Report(Protocol):
    """One report. Raises KeysBehind."""

    @property
    def name(self) -> str:
        """As paths have it."""

    @property
    def title(self) -> str:
        """In a few words."""

    @property
    def about(self) -> str:
        """What it tells, in a sentence."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What each row has, in this order."""

    @property
    def amounts(self) -> frozenset[str]:
        """The columns that are numbers."""

    @property
    def shows_people(self) -> bool:
        """Whether something in it is personal."""

    @property
    def by_period(self) -> bool:
        """Whether it can be asked for what was recorded in a period; it is of the whole log otherwise."""

    def told(self, period: Period) -> Told: ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of the log that a period means: positions above ``after``, up to ``position``."""

    after: int
    position: int


@dataclass(slots=True)
class LogWalk:
    """Walks through the events of some types, oldest first. Raises KeysBehind."""

    reader: LogReader
    keys: EventKeys

    def stretch(self, period: Period) -> Stretch:
        """Where a period begins and ends in the log."""
        head = self.keys.caught_up()
        after = 0 if period.recorded_from is None else position_before(self.reader, period.recorded_from)
        if period.recorded_to is not None:
            head = position_before(self.reader, period.recorded_to + timedelta(microseconds=1))
        return Stretch(after, head)

    def rows(self, stretch: Stretch, topics: Iterable[str]) -> Iterator[list[RecordedEvent]]:
        """The events of these types, some hundred at a time."""
        asked = list(topics)
        above = stretch.after
        while True:
            found = KeysAsked(topics=asked, above=above, below=stretch.position + 1)
            positions = self.keys.find(found, ROWS_AT_ONCE, down=False)
            if positions:
                yield self.keys.rows(positions)
                above = positions[-1]
            if len(positions) < ROWS_AT_ONCE:
                return
