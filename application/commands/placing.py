"""Placing an order, as a checkout posts it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from application.claims import external_reference, order_number
from application.command_context import CommandContext
from application.command_type import CommandType
from application.settlement import settle_and_invoice
from application.terms import terms
from application.unit_of_work import UnitOfWork
from domain.document_kinds import ORDER
from domain.order_events import OrderPlaced
from domain.order_values import OrderDetails
from domain.payment_methods import PaymentMethod, method_named
from domain.pricing import Quote, check_total, grand_total, price_order
from domain.refusals import invalid
from domain.requests import (
    Address,
    Customer,
    RequestedCharge,
    RequestedDiscount,
    RequestedLine,
    RequestedPayment,
    RequestedShipping,
)
from domain.values import exponent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """An order as a checkout posts it; ``base_rate`` converts into the merchant's own currency.

    ``order_number`` is the shop's own, ``purchase_order`` the customer's; ``tax_total`` is the tax of everything that
    says nothing of its own; ``delivery`` is "ship" or "pickup".
    """

    external_reference: str | None = None
    order_id: UUID | None = None
    store: str
    currency: str
    customer: Customer
    billing_address: Address | None = None
    shipping_address: Address | None = None
    shipping: RequestedShipping | None = None
    payment: RequestedPayment
    lines: tuple[RequestedLine, ...]
    prices_include_tax: bool = False
    base_rate: Decimal | None = None
    expires_at: datetime | None = None
    note: str | None = None
    expected_grand_total: Decimal | None = None
    order_number: str | None = None
    source: str | None = None
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] | None = None
    customer_note: str | None = None
    discounts: tuple[RequestedDiscount, ...] = ()
    charges: tuple[RequestedCharge, ...] = ()
    tax_total: Decimal | None = None
    purchase_order: str | None = None
    due_date: date | None = None
    vat_id: str | None = None
    registration_id: str | None = None
    delivery: str = "ship"


def place(work: UnitOfWork, command: PlaceOrder, context: CommandContext) -> None:
    """Bring an order in; an external reference, and a number of the shop's, belongs to one order of its store."""
    quote, method = _priced(command, context)
    customer = command.customer
    work.order.trigger(
        OrderPlaced(
            **terms(method, command.currency, context, base_rate=command.base_rate, expires_at=command.expires_at),
            store=command.store,
            external_reference=command.external_reference,
            prices_include_tax=command.prices_include_tax,
            lines=quote.lines,
            shipping=quote.shipping,
            charges=quote.charges,
            discounts=quote.discounts,
            customer_group=customer.group,
            guest=customer.guest,
            customer=customer.stored(),
            billing_address=_stored(command.billing_address),
            shipping_address=_stored(command.shipping_address),
            note=command.note,
            order_number=command.order_number,
            details=_details(command),
            customer_note=command.customer_note,
            attributes=_texts(command.attributes),
            line_attributes=line_attributes(command.lines),
            vat_id=command.vat_id,
            registration_id=command.registration_id,
        )
    )
    if command.external_reference:
        context.claims.append(external_reference(command.store, command.external_reference, work.order.id))
    if command.order_number:
        context.claims.append(order_number(command.store, command.order_number, work.order.id))
    settle_and_invoice(work, context)


def _priced(command: PlaceOrder, context: CommandContext) -> tuple[Quote, PaymentMethod]:
    """What the order comes to, and how it is paid."""
    exponent(command.currency)
    quote = price_order(
        lines=command.lines,
        shipping=command.shipping,
        charges=command.charges,
        discounts=command.discounts,
        tax_total=command.tax_total,
        currency=command.currency,
        includes_tax=command.prices_include_tax,
    )
    total = grand_total(quote.lines, quote.shipping, quote.charges)
    check_total(command.expected_grand_total, total, command.currency)
    method = method_named(command.payment.method, context.merchant.payment_methods)
    check_method(method, total)
    return quote, method


def _stored(address: Address | None) -> dict[str, Any]:
    return {} if address is None else address.stored()


def _texts(texts: Mapping[str, str] | None) -> dict[str, str] | None:
    return dict(texts) if texts else None


def line_attributes(lines: Iterable[RequestedLine]) -> dict[str, dict[str, str]] | None:
    return {line.line_id: dict(line.attributes) for line in lines if line.attributes} or None


def _details(command: PlaceOrder) -> OrderDetails | None:
    """What an order says beyond its goods and its people; None when that is nothing, as with most orders."""
    details = OrderDetails(
        source=command.source,
        tags=tuple(dict.fromkeys(command.tags)),
        purchase_order=command.purchase_order,
        due_date=command.due_date,
        delivery=command.delivery,
        payment_title=command.payment.title,
    )
    return None if details == PLAIN else details


PLAIN = OrderDetails()


def check_method(method: PaymentMethod, total: int) -> None:
    if method.only_zero and total:
        detail = f"{method.code} is only for orders that cost nothing."
        raise invalid("payment_method_not_available", detail, "/payment/method")


PRICE_CODES = (
    "duplicate_charge",
    "duplicate_line",
    "empty_order",
    "invalid_amount",
    "invalid_parent_line",
    "item_not_in_order",
    "payment_method_not_available",
    "tax_given_twice",
)

COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="orders",
        value=PlaceOrder,
        handle=place,
        summary="Place an order, as a checkout posts it.",
        codes=(
            *PRICE_CODES,
            "duplicate_external_reference",
            "duplicate_order_number",
            "expires_at_in_past",
            "id_in_use",
            "invalid_base_rate",
            "totals_mismatch",
            "unknown_currency",
            "unknown_payment_method",
        ),
        creates=ORDER,
        begins=True,
        id_field="order_id",
    ),
)
