"""Money by day and payment method, as the events say it: what came in, what went back, what was undone.

The day is that of ``recorded_at`` in UTC, so a day that has passed never changes. The report named reconciliation holds
the same money against invoices and grid.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec

from domain.order_events import OrderPlaced
from domain.payment_events import CaptureVoided, LatePaymentReceived, PaymentCaptured, PaymentRefunded
from domain.values import exponent, minor_text
from eventstore.reader import LogReader
from eventstore.records import RecordedEvent
from projections.audit.reports.report import Json, LogWalk, Period, Told

# In which column an event's amount stands, and how it counts.
MONEY = {
    PaymentCaptured.TOPIC: ("captured", 1),
    LatePaymentReceived.TOPIC: ("late", 1),
    PaymentRefunded.TOPIC: ("refunded", -1),
    CaptureVoided.TOPIC: ("undone", -1),
}
COLUMNS = tuple(column for column, _ in MONEY.values())


class Moved(msgspec.Struct):
    """What of an event's payload says how much; the currency is the order's where it says none."""

    amount: int = 0
    currency: str = ""


class _Placed(msgspec.Struct):
    payment_method: str = ""
    currency: str = ""


decode_moved = msgspec.json.Decoder(Moved).decode
_decode_placed = msgspec.json.Decoder(_Placed).decode
Sums = dict[tuple[str, str, str], dict[str, int]]


class Money:
    """The report of money."""

    name = "money"
    title = "Money by day and payment method"
    about = "What came in and went back each day (UTC, by recording) under each payment method of orders."
    shows_people = False
    columns = ("day", "payment_method", "currency", *COLUMNS, "net", "events")
    amounts = frozenset({*COLUMNS, "net", "events"})
    by_period = True

    def __init__(self, walk: LogWalk, reader: LogReader) -> None:
        self._walk = walk
        self._reader = reader

    def told(self, period: Period) -> Told:
        """A row for each day, method and currency on which money moved; the summary adds up the days."""
        stretch = self._walk.stretch(period)
        totals: Sums = {}

        def rows() -> Iterator[Json]:
            days: Sums = {}
            for piece in self._walk.rows(stretch, MONEY):
                for key, column, amount in self._moved(piece):
                    _add(days, key, column, amount)
                    _add(totals, ("", *key[1:]), column, amount)
                newest = max(day for day, _, _ in days)
                for done in [key for key in sorted(days) if key[0] < newest]:
                    yield _row(done, days.pop(done))
            for key in sorted(days):
                yield _row(key, days[key])

        def summary() -> Json:
            return {"totals": [_row(key, sums) for key, sums in sorted(totals.items())]}

        return Told(stretch.position, rows(), summary)

    def _moved(self, rows: Sequence[RecordedEvent]) -> Iterator[tuple[tuple[str, str, str], str, int]]:
        orders = {row.order_id for row in rows if row.order_id is not None}
        placed = {row.stream_id: _decode_placed(row.payload) for row in self._placed(list(orders))}
        for row in rows:
            order = placed.get(row.stream_id) or _Placed()
            moved = decode_moved(row.payload)
            key = (row.recorded_at.date().isoformat(), order.payment_method, moved.currency or order.currency)
            yield key, MONEY[row.topic][0], moved.amount

    def _placed(self, order_ids: list[UUID]) -> list[Any]:
        return [row for row in self._reader.read_first_of(order_ids) if row.topic == OrderPlaced.TOPIC]


def _add(sums: Sums, key: tuple[str, str, str], column: str, amount: int) -> None:
    of = sums.setdefault(key, dict.fromkeys((*COLUMNS, "events"), 0))
    of[column] += amount
    of["events"] += 1


def _row(key: tuple[str, str, str], sums: dict[str, int]) -> Json:
    day, method, currency = key
    places = exponent(currency)
    net = sum(sums[column] * sign for column, sign in MONEY.values())
    amounts = {column: minor_text(sums[column], places) for column in COLUMNS}
    return {
        "day": day or None,
        "payment_method": method,
        "currency": currency,
        **amounts,
        "net": minor_text(net, places),
        "events": sums["events"],
    }
