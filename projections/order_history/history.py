"""An order with its documents and parcels, as its events tell it: what the detail and the tracking show.

Decisions and amounts come from the domain's own states; here is what people want to see beside them.
It folds events of one partition in their order and never looks anything up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import invoice, order_evolution, shipment_state
from domain import order_events as e
from domain import payment_events as p
from domain.basket import Basket
from domain.credit_memo import CREDIT_MEMO_EVENTS, CreditMemoIssued
from domain.document_number import number_of, number_text
from domain.events import NO_TIME, Event
from domain.invoice import INVOICE_EVENTS, InvoiceIssued, InvoiceState
from domain.order_state import OrderState
from domain.shipment_events import SHIPMENT_EVENTS, ShipmentBooked, ShipmentDispatched, TrackingRecorded
from domain.shipment_state import ShipmentState
from domain.tracking_numbers import number_key
from eventstore.records import RecordedEvent


@dataclass(slots=True)
class Scan:
    """One report of a carrier."""

    status: str
    occurred_at: datetime
    recorded_at: datetime
    carrier: str
    tracking_number: str
    location: str | None
    description: str | None


@dataclass(slots=True)
class ShipmentHistory:
    """A shipment as booked, where it is, and the scans by ``number_key``.

    ``exceptions`` are the scans that came after it was canceled: somebody has a parcel that should not be out.
    """

    booked: ShipmentBooked
    state: ShipmentState = field(default_factory=ShipmentState)
    scans: dict[str, list[Scan]] = field(default_factory=dict)
    exceptions: list[Scan] = field(default_factory=list)
    dispatched_at: datetime | None = None

    def numbers_of(self, package_id: str) -> list[tuple[str, str]]:
        """Carrier and number under which a package is followed now, the latest last."""
        numbers = [each for each in self.state.numbers.values() if each.package_id in {None, package_id}]
        return [(each.carrier, each.tracking_number) for each in numbers]


@dataclass(slots=True)
class InvoiceHistory:
    """An invoice as issued, to the addresses of that moment, and what became of it."""

    issued: InvoiceIssued
    billing_address: e.Json | None = None
    shipping_address: e.Json | None = None
    state: InvoiceState = field(default_factory=InvoiceState)


@dataclass(slots=True)
class CreditMemoHistory:
    """A credit memo as issued."""

    issued: CreditMemoIssued


@dataclass(slots=True)
class TimedEvent:
    """An event worth telling, with the time at which it was recorded."""

    event: Any
    recorded_at: datetime


@dataclass(slots=True)
class OrderHistory:
    """Everything that happened to one order so far."""

    order_id: UUID
    version: int = 0
    updated_at: datetime = NO_TIME
    order: OrderState = field(default_factory=OrderState)
    placed: e.OrderPlaced | None = None
    basket: Basket = field(default_factory=Basket)
    note: str | None = None
    billing_address: e.Json | None = None
    shipping_address: e.Json | None = None
    invoices: dict[UUID, InvoiceHistory] = field(default_factory=dict)
    shipments: dict[UUID, ShipmentHistory] = field(default_factory=dict)
    credit_memos: dict[UUID, CreditMemoHistory] = field(default_factory=dict)
    payments: list[TimedEvent] = field(default_factory=list)
    comments: list[TimedEvent] = field(default_factory=list)
    told: list[TimedEvent] = field(default_factory=list)

    @property
    def order_number(self) -> str:
        """The order's number as people read it."""
        return number_of(self.placed) or number_text(0) or ""


def fold(history: OrderHistory, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the order or its documents; other events only move the clock."""
    history.updated_at = row.recorded_at
    if row.stream_id == history.order_id:
        history.version = row.version
    if event is None:
        return
    kept = FOLDS[type(event)](history, row, event)
    if kept is not None:
        kept.append(TimedEvent(event, row.recorded_at))


# What a fold answers: the list in which the event is kept beside what it changed, if any.
Kept = list[TimedEvent] | None


def _order_event(history: OrderHistory, row: RecordedEvent, event: Event) -> Kept:
    order_evolution.apply(history.order, event)
    return None


def _payment(history: OrderHistory, row: RecordedEvent, event: Event) -> Kept:
    order_evolution.apply(history.order, event)
    return history.payments


def _told(history: OrderHistory, row: RecordedEvent, event: Event) -> Kept:
    order_evolution.apply(history.order, event)
    return history.told


def _placed(history: OrderHistory, row: RecordedEvent, event: e.OrderPlaced) -> Kept:
    order_evolution.apply(history.order, event)
    history.placed, history.basket, history.note = event, Basket.of(event), event.note
    history.billing_address, history.shipping_address = event.billing_address, event.shipping_address
    return history.told


def _amended(history: OrderHistory, row: RecordedEvent, event: e.OrderAmended) -> Kept:
    order_evolution.apply(history.order, event)
    history.basket = history.basket.amended(event)
    if event.note is not None:
        history.note = event.note
    return None


def _address_changed(history: OrderHistory, row: RecordedEvent, event: e.AddressChanged) -> Kept:
    if "billing_address" in event.kinds:
        history.billing_address = event.billing_address
    if "shipping_address" in event.kinds:
        history.shipping_address = event.shipping_address
    return None


def _commented(history: OrderHistory, row: RecordedEvent, event: e.OrderCommented) -> Kept:
    return history.comments


def _invoice_event(history: OrderHistory, row: RecordedEvent, event: Any) -> Kept:
    if isinstance(event, InvoiceIssued):
        history.invoices[event.originator_id] = InvoiceHistory(event, history.billing_address, history.shipping_address)
    invoice.apply(history.invoices[event.originator_id].state, event)
    return None


def _credit_memo_issued(history: OrderHistory, row: RecordedEvent, event: CreditMemoIssued) -> Kept:
    history.credit_memos[event.originator_id] = CreditMemoHistory(event)
    return None


def _shipment_event(history: OrderHistory, row: RecordedEvent, event: Any) -> Kept:
    if isinstance(event, ShipmentBooked):
        history.shipments[event.originator_id] = ShipmentHistory(event)
    shipment = history.shipments[event.originator_id]
    shipment_state.apply(shipment.state, event)
    if isinstance(event, TrackingRecorded):
        _scanned(shipment, row, event)
    elif isinstance(event, ShipmentDispatched):
        shipment.dispatched_at = event.occurred_at
    return None


def _scanned(shipment: ShipmentHistory, row: RecordedEvent, event: TrackingRecorded) -> None:
    scan = Scan(
        event.status,
        event.occurred_at,
        row.recorded_at,
        event.carrier,
        event.tracking_number,
        event.location,
        event.description,
    )
    if shipment.state.canceled:
        shipment.exceptions.append(scan)
    else:
        shipment.scans.setdefault(number_key(event.carrier, event.tracking_number), []).append(scan)


PAYMENTS = (
    p.PaymentAuthorized,
    p.PaymentCaptured,
    p.LatePaymentReceived,
    p.PaymentFailed,
    p.PaymentVoided,
    p.PaymentRefunded,
)

FOLDS: dict[type[Event], Callable[[OrderHistory, RecordedEvent, Any], Kept]] = {
    **dict.fromkeys(order_evolution.APPLIERS, _order_event),
    **dict.fromkeys(INVOICE_EVENTS, _invoice_event),
    **dict.fromkeys(SHIPMENT_EVENTS, _shipment_event),
    **dict.fromkeys(CREDIT_MEMO_EVENTS, _credit_memo_issued),
    **dict.fromkeys(PAYMENTS, _payment),
    e.OrderPlaced: _placed,
    e.OrderAmended: _amended,
    e.OrderCanceled: _told,
    e.ItemsReturned: _told,
    e.AddressChanged: _address_changed,
    e.OrderCommented: _commented,
}
