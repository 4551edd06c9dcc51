"""Placing an order, and placing the same one again."""

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
from application.unit_of_work import UnitOfWork
from domain.document_kinds import ORDER
from domain.lifecycle import require
from domain.order import Order
from domain.order_events import AddressChanged, OrderDetails, OrderLine, OrderPlaced
from domain.payment_methods import METHODS, PaymentMethod, method_named
from domain.pricing import TIP, check_total, grand_total, plain, price_order
from domain.refusals import Refusal, invalid, require_version, unknown
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
    currency, includes_tax, customer = command.currency, command.prices_include_tax, command.customer
    exponent(currency)
    quote = price_order(
        lines=command.lines,
        shipping=command.shipping,
        charges=command.charges,
        discounts=command.discounts,
        tax_total=command.tax_total,
        currency=currency,
        includes_tax=includes_tax,
    )
    total = grand_total(quote.lines, quote.shipping, quote.charges)
    check_total(command.expected_grand_total, total, currency)
    method = method_named(command.payment.method, context.merchant.payment_methods)
    check_method(method, total)
    work.order.trigger(
        OrderPlaced(
            occurred_at=context.at,
            store=command.store,
            external_reference=command.external_reference,
            currency=currency,
            base_rate=_base_rate(command.base_rate, currency, context.merchant.base_currency),
            base_currency=context.merchant.base_currency,
            prices_include_tax=includes_tax,
            payment_method=method.code,
            own_method=_own(method),
            lines=quote.lines,
            shipping=quote.shipping,
            charges=quote.charges,
            discounts=quote.discounts,
            customer_group=customer.group,
            guest=customer.guest,
            expires_at=_deadline(command.expires_at, method, context),
            customer=customer.stored(),
            billing_address=_stored(command.billing_address),
            shipping_address=_stored(command.shipping_address),
            note=command.note,
            tracking_token=context.new_token(),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder:
    """The same goods at the same prices for the same customer again."""


def reorder(work: UnitOfWork, _command: Reorder, context: CommandContext) -> None:
    """Place the same goods at the same prices for the same customer again."""
    source = context.lookup.order_book(context.target)
    placed = source.events[0]
    customer = placed.customer if isinstance(placed, OrderPlaced) else None
    asking = context.actor.customer_id
    if asking is not None and (customer is None or customer["id"] != asking):
        raise unknown("order", context.target)  # of others a customer learns nothing
    require_version(context.expected_version, source.order.version)
    require(source.order.state, "reorder", context.now)
    method = method_named(source.order.state.payment_method, context.merchant.payment_methods)
    if not isinstance(placed, OrderPlaced) or customer is None:
        raise Refusal("reorder_not_allowed", "The data of the customer was erased. Place a new order.")
    addresses = {"billing_address": placed.billing_address, "shipping_address": placed.shipping_address}
    for event in source.events:
        if isinstance(event, AddressChanged):
            addresses |= {kind: getattr(event, kind) for kind in event.kinds}
    work.order.trigger(
        OrderPlaced(
            occurred_at=context.at,
            store=placed.store,
            currency=placed.currency,
            base_rate=_base_rate(None, placed.currency, context.merchant.base_currency),
            base_currency=context.merchant.base_currency,
            prices_include_tax=placed.prices_include_tax,
            payment_method=method.code,
            own_method=_own(method),
            lines=(lines := source.order.basket.live_lines(source.order.state)),
            shipping=source.order.basket.shipping,
            charges=tuple(charge for charge in source.order.basket.charges if charge.kind != TIP),
            details=_reordered(placed.details),
            attributes=placed.attributes,
            line_attributes=_attributes_of(source.order, lines),
            vat_id=placed.vat_id,
            registration_id=placed.registration_id,
            customer_group=placed.customer_group,
            guest=placed.guest,
            expires_at=_deadline(None, method, context),
            reorder_of=source.order.id,
            customer=customer,
            billing_address=addresses["billing_address"],
            shipping_address=addresses["shipping_address"],
            tracking_token=context.new_token(),
        )
    )
    settle_and_invoice(work, context)


def _reordered(details: OrderDetails | None) -> OrderDetails | None:
    """What of an order's details holds for another one of the same goods: not what was about that purchase alone."""
    if details is None or details.delivery == PLAIN.delivery:
        return None
    return OrderDetails(delivery=details.delivery)


def _attributes_of(order: Order, lines: Iterable[OrderLine]) -> dict[str, dict[str, str]] | None:
    """What was chosen for those of an order's lines that are ordered again."""
    said = order.basket.line_attributes
    return {line.line_id: said[line.line_id] for line in lines if line.line_id in said} or None


def _deadline(named: datetime | None, method: PaymentMethod, context: CommandContext) -> datetime | None:
    """When the order ends unpaid: the moment named, which must lie ahead, or the usual one of an external page."""
    if named is not None and named <= context.now:
        detail = f"expires_at has passed: it is {context.now.isoformat()} now."
        raise invalid("expires_at_in_past", detail, "/expires_at")
    return named or (context.now + context.merchant.payment_deadline if method.external_page else None)


def _base_rate(given: Decimal | None, currency: str, base_currency: str) -> str | None:
    """How an amount of the order converts into the base currency: 1 within it, else as given; None is not invented."""
    if currency != base_currency:
        return None if given is None else plain(given)
    if given not in {None, Decimal(1)}:
        detail = f"The order is in the base currency {base_currency}, whose rate is 1. Leave base_rate out."
        raise invalid("invalid_base_rate", detail, "/base_rate")
    return "1"


def _own(method: PaymentMethod) -> PaymentMethod | None:
    """The rules of a method that the merchant added, which an order keeps as they were."""
    return None if method.code in METHODS else method


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
    CommandType(
        name="orders/reorder",
        value=Reorder,
        handle=reorder,
        summary="Place the same goods at the same prices for the same customer again.",
        codes=("order_on_hold", "payment_under_review", "reorder_not_allowed", "unknown_payment_method"),
        creates=ORDER,
        begins=True,
        right="reorder",
    ),
)
