"""The orders grid: one flat row per order, with everything a desk filters, sorts and searches by.

What happened is folded by the domain's own functions, so that the grid and the decisions can never
disagree about a status or an amount; the texts beside them are the grid's. A row never holds more of
an order than its columns show.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain import order_events as e
from domain import order_evolution, shipment_state
from domain.events import NO_TIME, Event
from domain.order_state import OrderState
from domain.shipment_state import ShipmentState
from domain.status import fulfilment_status, payment_status, status
from domain.values import exponent, minor_text, round_half_up
from eventstore.records import RecordedEvent
from projections.grid_page import NO_AMOUNT, Grid
from projections.grid_query import COLUMNS
from projections.model import ReadModel
from projections.times import rfc3339
from projections.words import address_lexeme, plain, words

# The base currency is the merchant's; amounts converted to it are shown with cents.
BASE_PLACES = 2


class Item(msgspec.Struct, frozen=True, gc=False):
    """A row as readers see it. Amounts are decimal texts, times RFC 3339; None where there is nothing."""

    order_id: str
    order_number: str
    store: str
    purchased_at: str
    bill_to_name: str | None
    ship_to_name: str | None
    base_grand_total: str | None
    grand_total: str
    currency: str
    status: str
    billing_address: str | None
    shipping_address: str | None
    shipping_information: str | None
    customer_email: str | None
    customer_group: str | None
    subtotal: str
    shipping_and_handling: str
    customer_name: str | None
    payment_method: str
    total_refunded: str
    total_paid: str
    total_due: str
    payment_status: str
    fulfilment_status: str
    item_count: int
    updated_at: str


class GridRow(NamedTuple):
    """A row of read.orders_grid: what it is found and sorted by, and the item as it is shown."""

    order_id: str
    order_number: str
    store: str
    purchased_at: str
    bill_to_name: str
    ship_to_name: str
    base_grand_total: str
    grand_total: str
    currency: str
    status: str
    billing_address: str
    shipping_address: str
    shipping_information: str
    customer_email: str
    customer_group: str
    subtotal: str
    shipping_and_handling: str
    customer_name: str
    payment_method: str
    total_refunded: str
    total_paid: str
    total_due: str
    payment_status: str
    fulfilment_status: str
    item_count: str
    updated_at: str
    words: str
    item: str


@dataclass(slots=True)
class OrderSoFar:
    """What the grid knows of an order: the domain's state of it, and the texts that decide nothing."""

    order_id: UUID
    order: OrderState = field(default_factory=OrderState)
    shipments: dict[UUID, ShipmentState] = field(default_factory=dict)
    number: int | None = None
    purchased_at: datetime = NO_TIME
    updated_at: datetime = NO_TIME
    base_rate: str | None = None
    subtotal: int = 0
    units: int = 0
    charge: e.ShippingCharge | None = None
    customer: e.Json = field(default_factory=dict)
    customer_group: str | None = None
    billing_address: e.Json = field(default_factory=dict)
    shipping_address: e.Json = field(default_factory=dict)


def fold(so_far: OrderSoFar, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the order, of its shipments or its invoices."""
    so_far.updated_at = row.recorded_at
    if event is not None:
        BY_TOPIC[row.topic](so_far, event)


Fold = Callable[[OrderSoFar, Any], None]


def _evolves(applier: Callable[[OrderState, Any], None]) -> Fold:
    """What the domain does with an event, done to the grid's order."""

    def evolve(so_far: OrderSoFar, event: Any) -> None:
        applier(so_far.order, event)

    return evolve


def _placed(so_far: OrderSoFar, event: e.OrderPlaced) -> None:
    _evolve_placed(so_far, event)
    so_far.number = event.number
    so_far.purchased_at = event.occurred_at
    so_far.base_rate = event.base_rate
    so_far.customer = event.customer or {}
    so_far.customer_group = event.customer_group
    so_far.billing_address = event.billing_address or {}
    so_far.shipping_address = event.shipping_address or {}
    _take_lines(so_far, event)


def _amended(so_far: OrderSoFar, event: e.OrderAmended) -> None:
    _evolve_amended(so_far, event)
    _take_lines(so_far, event)


def _take_lines(so_far: OrderSoFar, event: e.OrderPlaced | e.OrderAmended) -> None:
    so_far.charge = event.shipping
    so_far.subtotal = sum([line.subtotal for line in event.lines])
    so_far.units = sum([line.quantity for line in event.lines])


def _address_changed(so_far: OrderSoFar, event: e.AddressChanged) -> None:
    if "billing_address" in event.kinds:
        so_far.billing_address = event.billing_address or {}
    if "shipping_address" in event.kinds:
        so_far.shipping_address = event.shipping_address or {}


def _moves(applier: Callable[[ShipmentState, Any], None]) -> Fold:
    """What the domain does with an event of a shipment, done to that shipment; the first one makes it."""

    def move(so_far: OrderSoFar, event: Any) -> None:
        shipment = so_far.shipments.get(event.originator_id)
        if shipment is None:
            shipment = so_far.shipments[event.originator_id] = ShipmentState()
        applier(shipment, event)

    return move


EVOLVES: dict[type[Event], Fold] = {
    event_class: _evolves(applier) for event_class, applier in order_evolution.APPLIERS.items()
}
_evolve_placed, _evolve_amended = EVOLVES[e.OrderPlaced], EVOLVES[e.OrderAmended]

FOLDS: dict[type[Event], Fold] = {
    **EVOLVES,
    **{event_class: _moves(applier) for event_class, applier in shipment_state.APPLIERS.items()},
    e.OrderPlaced: _placed,
    e.OrderAmended: _amended,
    e.AddressChanged: _address_changed,
}
BY_TOPIC = {event_class.TOPIC: folded for event_class, folded in FOLDS.items()}


def rows(so_far: OrderSoFar) -> Iterable[GridRow]:
    """The order's row; none before it was placed."""
    if so_far.number is None:
        return ()
    item = _item(so_far)
    return (_row(item),)


def _item(so_far: OrderSoFar) -> Item:
    order, charge = so_far.order, so_far.charge
    places = exponent(order.currency)
    billing, shipping = so_far.billing_address, so_far.shipping_address
    billing_text = address_text(billing)
    return Item(
        str(so_far.order_id),
        f"{so_far.number:09d}",
        order.store,
        rfc3339(so_far.purchased_at),
        billing.get("name"),
        shipping.get("name"),
        _base_amount(order.grand_total, places, so_far.base_rate),
        minor_text(order.grand_total, places),
        order.currency,
        status(order),
        billing_text,
        billing_text if shipping == billing else address_text(shipping),
        (charge.description or charge.method) if charge else None,
        so_far.customer.get("email"),
        so_far.customer_group,
        minor_text(so_far.subtotal, places),
        minor_text(charge.amount if charge else 0, places),
        so_far.customer.get("name"),
        order.payment_method,
        minor_text(order.refunded, places),
        minor_text(order.captured, places),
        minor_text(order.due, places),
        payment_status(order),
        fulfilment_status(order, so_far.shipments.values()),
        so_far.units,
        rfc3339(so_far.updated_at),
    )


def address_text(address: e.Json) -> str | None:
    """An address in one line, without the name, which has a column of its own; None when it is unknown."""
    parts = (
        address.get("company"),
        *(address.get("street") or ()),
        address.get("city"),
        address.get("region"),
        address.get("postcode"),
        address.get("country"),
    )
    return ", ".join([part for part in parts if part]) or None


def _base_amount(minor: int, places: int, base_rate: str | None) -> str | None:
    if base_rate is None:
        return None
    if base_rate == "1":
        return minor_text(minor, places)
    return minor_text(round_half_up(minor * Decimal(base_rate) * Decimal(10) ** (BASE_PLACES - places)), BASE_PLACES)


_encode = msgspec.json.Encoder().encode


def _row(item: Item) -> GridRow:
    bill_to, ship_to, customer = _words(item.bill_to_name), _words(item.ship_to_name), _words(item.customer_name)
    billing, shipping = _words(item.billing_address), _words(item.shipping_address)
    email = item.customer_email or ""
    found_by = {item.order_number, bill_to, ship_to, customer, billing, shipping}
    if email:
        found_by.add(address_lexeme(email))
    return GridRow(
        item.order_id,
        item.order_number,
        item.store,
        item.purchased_at,
        bill_to,
        ship_to,
        item.base_grand_total or NO_AMOUNT,
        item.grand_total,
        item.currency,
        item.status,
        billing,
        shipping,
        _words(item.shipping_information),
        plain(email),
        item.customer_group or "",
        item.subtotal,
        item.shipping_and_handling,
        customer,
        item.payment_method,
        item.total_refunded,
        item.total_paid,
        item.total_due,
        item.payment_status,
        item.fulfilment_status,
        str(item.item_count),
        item.updated_at,
        " ".join(found_by),
        _encode(item).decode(),
    )


def _words(text: str | None) -> str:
    return words(text) if text else ""


ORDERS_GRID = ReadModel(
    name="orders_grid",
    columns=GridRow._fields,
    key="order_id",
    events=frozenset(FOLDS),
    start=OrderSoFar,
    fold=fold,
    rows=rows,
    counted_by="status",
    bare=frozenset(FOLDS),
)

GRID = Grid(
    name="orders_grid",
    key="order_id",
    columns=COLUMNS,
    searched=frozenset(
        {"bill_to_name", "ship_to_name", "customer_name", "billing_address", "shipping_address", "customer_email"}
    ),
    grouped=frozenset({"status", "payment_status", "fulfilment_status", "store"}),
    counted_by="status",
    newest_by="purchased_at",
)
page = GRID.page
status_counts = GRID.counts
