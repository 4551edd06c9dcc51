"""Whether events, invoices and grid agree on the money, to the cent: by payment method and currency, order by order.

Each order is told three times, independently: the amounts of its payment events are added up as they stand; the
invoices are folded from their own streams; the row of the grid is made as the grid makes it. What the three say is
compared for every order, so that two faults can never cancel each other out in a sum.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain import invoice
from domain.values import exponent, minor_text
from eventstore.codec import Codec
from eventstore.feed import FeedEvent
from eventstore.personal_data import Keyring
from projections.audit.reports.money import MONEY, decode_moved
from projections.audit.reports.report import Json, LogWalk, Period, Told
from projections.engine.decoder import Decoder
from projections.orders_grid.past import events_by_partition
from projections.orders_grid.read_model import FOLDS, ORDERS_GRID
from projections.orders_grid.rows import ROW
from projections.orders_grid.state import GridState

DIFFERENCES_MAX = 100
APPLIERS = {event_class.TOPIC: applier for event_class, applier in invoice.APPLIERS.items()}
_PAID, _RETURNED = ROW.index("total_paid"), ROW.index("total_refunded")


@dataclass(slots=True)
class _Sums:
    """What was added up of a payment method and a currency, in minor units."""

    orders: int = 0
    events: int = 0
    on_invoices: int = 0
    not_invoiced: int = 0
    grid: int = 0
    kept_apart: int = 0
    differing: int = 0


@dataclass(slots=True)
class _Order:
    """One order, as each of the three has it."""

    state: GridState
    moved: dict[str, int] = field(default_factory=dict)
    invoices: dict[UUID, invoice.InvoiceState] = field(default_factory=dict)


class Reconciliation:
    """The report of reconciliation."""

    name = "reconciliation"
    title = "Events, invoices and grid reconciled"
    about = "The money held by payment method and currency: by events, invoices and grid; and the orders that differ."
    shows_people = False
    columns = (
        *("payment_method", "currency", "orders", "events", "on_invoices", "not_invoiced", "grid", "kept_apart"),
        *("difference", "differing_orders"),
    )
    amounts = frozenset({*columns} - {"payment_method", "currency"})
    by_period = False

    def __init__(self, pool: ConnectionPool[Connection[Any]], walk: LogWalk, codec: Codec, keyring: Keyring) -> None:
        self._pool = pool
        self._walk = walk
        self._codec = codec
        self._keyring = keyring

    def told(self, period: Period) -> Told:
        """A row for each method and currency; the summary names the first orders in which the three differ."""
        position = self._walk.stretch(period).position
        sums: dict[tuple[str, str], _Sums] = {}
        found: list[Json] = []
        unreadable: list[Json] = []

        def rows() -> Iterator[Json]:
            with self._pool.connection() as connection:
                for order in self._orders(connection, position, unreadable):
                    _compare(order, sums, found)
            for key, each in sorted(sums.items()):
                yield _row(*key, each)

        def summary() -> Json:
            differing = sum(each.differing for each in sums.values())
            return {
                "reconciled": not differing and not unreadable,
                "differing_orders": differing,
                "differences": found,
                "unreadable": unreadable,
            }

        return Told(position, rows(), summary)

    def _orders(self, connection: Connection[Any], position: int, unreadable: list[Json]) -> Iterator[_Order]:
        wanted = {*FOLDS, *invoice.INVOICE_EVENTS}
        decoder = Decoder(self._codec, self._keyring, wanted, wanted)
        for partition_id, events in groupby(
            events_by_partition(connection, position), lambda event: event.partition_id
        ):
            order = _Order(GridState(partition_id))
            at = 0
            try:
                for row in events:
                    at = row.position
                    _take(order, row, decoder)
                if order.state.number is not None:
                    yield order
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001  (whatever an order cannot be read for, it is told)
                if len(unreadable) < DIFFERENCES_MAX:
                    told = {"order_id": str(partition_id), "position": at, "error": type(error).__name__}
                    unreadable.append(told)


def _take(order: _Order, row: FeedEvent, decoder: Decoder) -> None:
    """One event into all three."""
    if row.topic in APPLIERS:
        state = order.invoices.setdefault(row.stream_id, invoice.InvoiceState())
        APPLIERS[row.topic](state, decoder.fed(row))
        return
    if row.topic in MONEY:
        moved = decode_moved(row.payload)
        currency = moved.currency or order.state.order.currency
        order.moved[currency] = order.moved.get(currency, 0) + moved.amount * MONEY[row.topic][1]
    ORDERS_GRID.fold(order.state, row, decoder.fed(row))


def _compare(order: _Order, sums: dict[tuple[str, str], _Sums], found: list[Json]) -> None:
    state = order.state.order
    currency, places = state.currency, exponent(state.currency)
    (shown,) = ORDERS_GRID.rows(order.state)
    of = sums.setdefault((state.payment_method, currency), _Sums())
    events = order.moved.pop(currency, 0)
    on_invoices = sum(each.money for each in order.invoices.values())
    not_invoiced = state.uninvoiced_money + state.refunding
    grid = int((Decimal(shown[_PAID] or 0) - Decimal(shown[_RETURNED] or 0)).scaleb(places))
    of.orders += 1
    of.events += events
    of.on_invoices += on_invoices
    of.not_invoiced += not_invoiced
    of.grid += grid
    if not events == on_invoices + not_invoiced == grid:
        of.differing += 1
        amounts = {"events": events, "on_invoices": on_invoices, "not_invoiced": not_invoiced, "grid": grid}
        _differs(order, currency, amounts, found)
    for other, amount in order.moved.items():
        _compare_abroad(order, other, amount, sums, found)


def _compare_abroad(
    order: _Order, currency: str, events: int, sums: dict[tuple[str, str], _Sums], found: list[Json]
) -> None:
    """Money in another currency than the order's: kept apart, on no invoice and not in the grid."""
    of = sums.setdefault((order.state.order.payment_method, currency), _Sums())
    money = order.state.order.foreign.get(currency)
    kept = 0 if money is None else money.held
    of.events += events
    of.kept_apart += kept
    if events != kept:
        of.differing += 1
        _differs(order, currency, {"events": events, "kept_apart": kept}, found)


def _differs(order: _Order, currency: str, amounts: dict[str, int], found: list[Json]) -> None:
    if len(found) < DIFFERENCES_MAX:
        places = exponent(currency)
        told = {name: minor_text(amount, places) for name, amount in amounts.items()}
        found.append({"order_id": str(order.state.order_id), "currency": currency, **told})


def _row(method: str, currency: str, of: _Sums) -> Json:
    places = exponent(currency)
    accounted = of.on_invoices + of.not_invoiced + of.kept_apart
    names = ("events", "on_invoices", "not_invoiced", "grid", "kept_apart")
    return {
        "payment_method": method,
        "currency": currency,
        "orders": of.orders,
        **{name: minor_text(getattr(of, name), places) for name in names},
        "difference": minor_text(max(abs(of.events - accounted), abs(of.events - of.grid - of.kept_apart)), places),
        "differing_orders": of.differing,
    }
