"""The row that the orders grid shows of an order, and what it is made of.

Most of a row only changes when the order is placed, amended or readdressed; that part is made once and kept with the
order. A row never holds more of an order than its columns show.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain import order_events as e
from domain.events import NO_TIME
from domain.order_state import OrderState
from domain.shipment_state import ShipmentState
from domain.status import fulfilment_status, payment_status, status
from domain.values import exponent, minor_text, round_half_up
from projections.paging.filters import NO_AMOUNT
from projections.paging.identifiers import lexeme, sku_lexeme
from projections.paging.letters import plain
from projections.paging.times import rfc3339
from projections.paging.words import address_lexemes, words

# Of orders from before the base currency was kept with them.
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
    external_reference: str | None
    customer_id: str | None
    total_refunded: str
    total_paid: str
    total_due: str
    payment_status: str
    fulfilment_status: str
    item_count: int
    updated_at: str
    position: int


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
    external_reference: str | None
    customer_id: str | None
    total_refunded: str
    total_paid: str
    total_due: str
    payment_status: str
    fulfilment_status: str
    item_count: str
    updated_at: str
    position: str
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
    position: int = 0
    external_reference: str | None = None
    base_rate: str | None = None
    base_currency: str | None = None
    subtotal: int = 0
    units: int = 0
    skus: tuple[str, ...] = ()
    charge: e.ShippingCharge | None = None
    customer: e.Json = field(default_factory=dict)
    customer_group: str | None = None
    billing_address: e.Json = field(default_factory=dict)
    shipping_address: e.Json = field(default_factory=dict)
    lasting: "Lasting | None" = None
    named: tuple[str, ...] = ()
    words: str | None = None


class Lasting(NamedTuple):
    """What stays of a row until the order is amended or readdressed, in the pieces that the rest stands between.

    Of the item and of the row: the columns before the status, and those from it to the total refunded.
    """

    places: int
    item_head: tuple[str | None, ...]
    item_middle: tuple[str | None, ...]
    row_head: tuple[str, ...]
    row_middle: tuple[str, ...]
    words: str


def rows(so_far: OrderSoFar) -> Iterable[GridRow]:
    """The order's row; none before it was placed."""
    if so_far.number is None:
        return ()
    lasting = so_far.lasting
    if lasting is None:
        lasting = so_far.lasting = _lasting(so_far, so_far.number)
        so_far.words = None
    if so_far.words is None:
        so_far.words = _all_words(so_far, lasting)
    return (_row(so_far, lasting),)


def _all_words(so_far: OrderSoFar, lasting: Lasting) -> str:
    """What the order is found by; of tracking numbers those that parcels travel under now."""
    if not so_far.named and not so_far.shipments:
        return lasting.words
    followed = [each for shipment in so_far.shipments.values() for each in shipment.numbers.values()]
    numbers = [lexeme("tracking_number", each.tracking_number) for each in followed]
    return " ".join([lasting.words, *so_far.named, *numbers])


def _row(so_far: OrderSoFar, lasting: Lasting) -> GridRow:
    order, places = so_far.order, lasting.places
    now = status(order)
    changing = (
        minor_text(order.returned, places),
        minor_text(order.captured, places),
        minor_text(order.due, places),
        payment_status(order),
        fulfilment_status(order, so_far.shipments.values()),
    )
    updated_at = rfc3339(so_far.updated_at)
    shown: tuple[Any, ...] = (
        *lasting.item_head, now, *lasting.item_middle, *changing, so_far.units, updated_at, so_far.position,
    )  # fmt: skip
    item = _encode(Item(*shown)).decode()
    return GridRow._make(
        (
            *lasting.row_head, now, *lasting.row_middle, *changing, str(so_far.units), updated_at,
            str(so_far.position), so_far.words or "", item,
        )
    )  # fmt: skip


def _lasting(so_far: OrderSoFar, number: int) -> Lasting:
    order, charge, customer = so_far.order, so_far.charge, so_far.customer
    places = exponent(order.currency)
    billing, shipping = so_far.billing_address, so_far.shipping_address
    bill_to, ship_to, name, email = (
        billing.get("name"),
        shipping.get("name"),
        customer.get("name"),
        customer.get("email"),
    )
    reference, customer_id = so_far.external_reference, customer.get("id")
    billing_text = address_text(billing)
    shipping_text = billing_text if shipping == billing else address_text(shipping)
    information = (charge.description or charge.method) if charge else None
    order_number = f"{number:09d}"
    base_total, total = _base_amount(so_far), minor_text(order.grand_total, places)
    amounts = (minor_text(so_far.subtotal, places), minor_text(charge.amount if charge else 0, places))
    head = (str(so_far.order_id), order_number, order.store, rfc3339(so_far.purchased_at))
    searched = [_words(text) for text in (bill_to, ship_to, billing_text, shipping_text, name)]
    bill_to_words, ship_to_words, billing_words, shipping_words, name_words = searched
    return Lasting(
        places,
        (*head, bill_to, ship_to, base_total, total, order.currency),
        (
            billing_text, shipping_text, information, email, so_far.customer_group, *amounts, name,
            order.payment_method, reference, customer_id,
        ),
        (*head, bill_to_words, ship_to_words, base_total or NO_AMOUNT, total, order.currency),
        (
            billing_words, shipping_words, _words(information), plain(email or ""), so_far.customer_group or "",
            *amounts, name_words, order.payment_method, plain(reference or ""), plain(customer_id or ""),
        ),
        " ".join({order_number, *searched, *(address_lexemes(email) if email else ()), *_named(so_far)}),
    )  # fmt: skip


def _named(so_far: OrderSoFar) -> list[str]:
    """What names the order from the start: its articles, its customer with the phones, its reference."""
    found = [sku_lexeme(sku) for sku in so_far.skus]
    customer_id, reference = so_far.customer.get("id"), so_far.external_reference
    if customer_id:
        found.append(lexeme("customer_id", customer_id))
    if reference:
        found.append(lexeme("external_reference", reference))
    phones = (so_far.billing_address.get("phone"), so_far.shipping_address.get("phone"))
    return [*found, *[lexeme("phone", phone) for phone in phones if phone]]


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


def _base_amount(so_far: OrderSoFar) -> str | None:
    """The grand total in the merchant's base currency; None where nobody knows the rate."""
    order, rate = so_far.order, so_far.base_rate
    if rate is None:
        return None
    places = exponent(order.currency)
    base_places = BASE_PLACES if so_far.base_currency is None else exponent(so_far.base_currency)
    if rate == "1" and so_far.base_currency in {None, order.currency}:
        return minor_text(order.grand_total, places)
    return minor_text(
        round_half_up(order.grand_total * Decimal(rate) * Decimal(10) ** (base_places - places)), base_places
    )


_encode = msgspec.json.Encoder().encode


def _words(text: str | None) -> str:
    return words(text) if text else ""
