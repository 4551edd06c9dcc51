"""The numbers of each series: from which to which they were issued, and every one that is missing, with why.

A number is drawn inside the append and undone with it, so none should be missing; a document that was canceled keeps
its number. Whatever is missing all the same was taken out of the log, which `daybook verify-log` proves or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.batch import BATCH_EVENTS
from domain.credit_memo import CREDIT_MEMO_EVENTS
from domain.dispatch import DISPATCH_EVENTS
from domain.invoice import INVOICE_EVENTS
from domain.order_events import ORDER_EVENTS
from domain.shipment_events import SHIPMENT_EVENTS
from eventstore.number_series import last_numbers
from eventstore.records import RecordedEvent
from projections.audit.reports.report import Json, LogWalk, Period, Told
from projections.paging.times import rfc3339

NUMBERED = tuple(
    event_class.TOPIC
    for event_class in (
        *ORDER_EVENTS,
        *INVOICE_EVENTS,
        *CREDIT_MEMO_EVENTS,
        *SHIPMENT_EVENTS,
        *BATCH_EVENTS,
        *DISPATCH_EVENTS,
    )
    if getattr(event_class, "SERIES", None)
)
GAPS_MAX = 1_000


@dataclass(slots=True)
class _Series:
    """What was seen of a series so far."""

    first: int = 0
    last: int = 0
    issued: int = 0
    first_at: str = ""
    last_at: str = ""
    gaps: list[Json] = field(default_factory=list)
    missing: int = 0

    def take(self, row: RecordedEvent, number: int) -> None:
        at = rfc3339(row.recorded_at)
        expected = self.last + 1 if self.issued else 1
        if number > expected:
            self._miss(expected, number - 1, row.position)
        self.first = self.first or number
        self.first_at = self.first_at or at
        self.last, self.last_at = max(self.last, number), at
        self.issued += 1

    def end(self, counter: int | None) -> None:
        """The counter of the series says which number was drawn last."""
        if counter is not None and counter > self.last:
            self._miss(self.last + 1, counter, None)

    def _miss(self, first: int, last: int, before: int | None) -> None:
        self.missing += last - first + 1
        if len(self.gaps) < GAPS_MAX:
            self.gaps.append({"first": first, "last": last, "before_position": before})


class Numbers:
    """The report of numbers."""

    name = "numbers"
    title = "Numbers by series"
    about = "For each series of numbers the first and the last one issued, and every gap with what explains it."
    shows_people = False
    columns = (
        *("series", "first", "last", "issued", "counter", "missing", "first_recorded_at", "last_recorded_at"),
        "explanation",
    )
    amounts = frozenset({"first", "last", "issued", "counter", "missing"})
    by_period = False

    def __init__(self, pool: ConnectionPool[Connection[Any]], walk: LogWalk) -> None:
        self._pool = pool
        self._walk = walk

    def told(self, period: Period) -> Told:
        """A row for each series; the summary lists the gaps, a thousand of each series at most."""
        stretch = self._walk.stretch(period)
        counters = self._counters()
        series: dict[str, _Series] = {name: _Series() for name in counters}
        elsewhere: dict[str, int] = {}

        def rows() -> Iterator[Json]:
            for piece in self._walk.rows(stretch, NUMBERED):
                for row in piece:
                    if row.series is None or row.number is None:
                        elsewhere[row.topic] = elsewhere.get(row.topic, 0) + 1
                    else:
                        series.setdefault(row.series, _Series()).take(row, row.number)
            for name, seen in sorted(series.items()):
                seen.end(counters.get(name))
                yield _row(name, seen, counters.get(name))

        def summary() -> Json:
            gaps = {name: seen.gaps for name, seen in sorted(series.items()) if seen.gaps}
            missing = sum(seen.missing for seen in series.values())
            return {"missing": missing, "gaps": gaps, "with_numbers_of_their_own": dict(sorted(elsewhere.items()))}

        return Told(stretch.position, rows(), summary)

    def _counters(self) -> dict[str, int]:
        with self._pool.connection() as connection:
            return last_numbers(connection)


def _row(name: str, seen: _Series, counter: int | None) -> Json:
    return {
        "series": name,
        "first": seen.first or None,
        "last": seen.last or None,
        "issued": seen.issued,
        "counter": counter,
        "missing": seen.missing,
        "first_recorded_at": seen.first_at or None,
        "last_recorded_at": seen.last_at or None,
        "explanation": _explained(seen),
    }


def _explained(seen: _Series) -> str:
    if not seen.issued and not seen.missing:
        return "No number was issued."
    if not seen.missing:
        return f"No gap: each number from 1 to {seen.last} was issued once."
    first = seen.gaps[0]
    where = f"before position {first['before_position']}" if first["before_position"] else "at the end of the log"
    return (
        f"{seen.missing} missing, first {first['first']} to {first['last']} {where}: their events are not in the log "
        "any more, for no number is drawn without its event. Run daybook verify-log."
    )
