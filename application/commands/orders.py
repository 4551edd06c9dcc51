"""Placing an order and changing it as a whole."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from application.claims import external_reference
from application.command_context import CommandContext
from application.command_type import CommandType
from application.settlement import settle_and_invoice
from application.unit_of_work import UnitOfWork
from domain.conditions import brought_back
from domain.document_kinds import ORDER
from domain.lifecycle import require
from domain.order_events import AddressChanged, OrderPlaced
from domain.payment_methods import METHODS, PaymentMethod, method_named
from domain.payments import release_authorizations
from domain.pricing import check_total, grand_total, plain, price_lines, price_shipping
from domain.refusals import Refusal, invalid, require_version, unknown
from domain.requests import ALL_REMAINING, Address, Customer, RequestedLine, RequestedPayment, RequestedShipping
from domain.returning import take_back
from domain.shipment import Shipment
from domain.values import Units, exponent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """An order as a checkout posts it; ``base_rate`` converts into the merchant's own currency."""

    external_reference: str | None = None
    order_id: UUID | None = None
    store: str
    currency: str
    customer: Customer
    billing_address: Address
    shipping_address: Address
    shipping: RequestedShipping | None = None
    payment: RequestedPayment
    lines: tuple[RequestedLine, ...]
    prices_include_tax: bool = False
    base_rate: Decimal | None = None
    expires_at: datetime | None = None
    note: str | None = None
    expected_grand_total: Decimal | None = None


def place(work: UnitOfWork, command: PlaceOrder, context: CommandContext) -> None:
    """Bring an order in; an external reference belongs to one order of its store."""
    currency, includes_tax, customer = command.currency, command.prices_include_tax, command.customer
    exponent(currency)
    lines = price_lines(command.lines, currency, includes_tax)
    shipping = price_shipping(command.shipping, currency, includes_tax)
    total = grand_total(lines, shipping)
    check_total(command.expected_grand_total, total, currency)
    method = method_named(command.payment.method, context.merchant.payment_methods)
    _check_method(method, total)
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
            lines=lines,
            shipping=shipping,
            customer_group=customer.group,
            guest=customer.guest,
            expires_at=_deadline(command.expires_at, method, context),
            customer=customer.stored(),
            billing_address=command.billing_address.stored(),
            shipping_address=command.shipping_address.stored(),
            note=command.note,
            tracking_token=context.new_token(),
        )
    )
    if command.external_reference:
        context.claims.append(external_reference(command.store, command.external_reference, work.order.id))
    settle_and_invoice(work, context)


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
            lines=source.order.live_lines(),
            shipping=source.order.shipping,
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


def _deadline(named: datetime | None, method: PaymentMethod, context: CommandContext) -> datetime | None:
    """When the order ends unpaid: the moment named, which must lie ahead, or the usual one of an external page."""
    if named is not None and named <= context.now:
        raise invalid(
            "expires_at_in_past", f"expires_at has passed: it is {context.now.isoformat()} now.", "/expires_at"
        )
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


def _check_method(method: PaymentMethod, total: int) -> None:
    if method.only_zero and total:
        detail = f"{method.code} is only for orders that cost nothing."
        raise invalid("payment_method_not_available", detail, "/payment/method")


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """What changes in an order that is still pending; ``lines`` replace all lines."""

    lines: tuple[RequestedLine, ...] | None = None
    shipping: RequestedShipping | None = None
    note: str | None = None


def amend(work: UnitOfWork, command: AmendOrder, context: CommandContext) -> None:
    """Replace lines, shipping or note of an order that nothing depends on yet."""
    order = work.order
    currency, includes_tax = order.state.currency, order.state.prices_include_tax
    require(order.state, "amend", context.at)
    lines = None if command.lines is None else price_lines(command.lines, currency, includes_tax)
    shipping = price_shipping(command.shipping, currency, includes_tax) or order.shipping
    _check_method(order.state.method, grand_total(order.lines if lines is None else lines, shipping))
    order.amend(lines, shipping, command.note, context.at)
    settle_and_invoice(work, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddress:
    """The new address, or both."""

    billing_address: Address | None = None
    shipping_address: Address | None = None


def change_address(work: UnitOfWork, command: ChangeAddress, context: CommandContext) -> None:
    """Replace the billing or the shipping address."""
    work.order.change_address(command.billing_address, command.shipping_address, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody has to say about an order; ``visible`` to the customer, who is told with ``notify``."""

    text: str
    visible: bool = False
    notify: bool = False


def comment(work: UnitOfWork, command: Comment, context: CommandContext) -> None:
    """Keep a comment, visible to the customer or not."""
    work.order.comment(command.text, command.visible, command.notify, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """Work on the order stops."""


def hold(work: UnitOfWork, _command: HoldOrder, context: CommandContext) -> None:
    """Stop work on the order."""
    work.order.hold(context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOrder:
    """The hold ends."""


def release(work: UnitOfWork, _command: ReleaseOrder, context: CommandContext) -> None:
    """End the hold; an automatic invoice that waited is issued."""
    work.order.release(context.at)
    settle_and_invoice(work, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """The units to cancel; without ``lines`` all that can be."""

    lines: tuple[Units, ...] | None = None


def cancel(work: UnitOfWork, command: CancelOrder, context: CommandContext) -> None:
    """Cancel named quantities, or all that can be; what is left may be paid for then.

    All that can be includes what no invoice holds and a carrier is bringing back: refused parcels end with the order.
    """
    if command.lines is None:
        _take_back_refused(work, context.at)
    work.order.cancel(command.lines, context.at)
    settle_and_invoice(work, context)
    release_authorizations(work.order, context.at)


def _take_back_refused(work: UnitOfWork, at: datetime) -> None:
    """Record the return of parcels that are on their way back with units on no invoice."""
    for shipment in [each for each in work.aggregates.values() if isinstance(each, Shipment)]:
        if brought_back(work.order.state, shipment.state):
            take_back(work.order, shipment, ALL_REMAINING, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrder:
    """An order that was not paid in time ends."""


def expire(work: UnitOfWork, _command: ExpireOrder, context: CommandContext) -> None:
    """Cancel an order that was not paid in time."""
    work.order.expire(context.now)


_PRICES = ("duplicate_line", "empty_order", "invalid_amount", "payment_method_not_available")
COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="orders",
        value=PlaceOrder,
        handle=place,
        summary="Place an order, as a checkout posts it.",
        codes=(
            *_PRICES,
            "duplicate_external_reference",
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
    CommandType(
        name="orders/amend",
        value=AmendOrder,
        handle=amend,
        summary="Replace lines, shipping or note of an order that nothing depends on yet.",
        codes=(*_PRICES, "order_not_editable"),
    ),
    CommandType(
        name="orders/change-address",
        value=ChangeAddress,
        handle=change_address,
        summary="Replace the billing or the shipping address.",
        codes=("address_locked", "nothing_to_change"),
    ),
    CommandType(name="orders/comment", value=Comment, handle=comment, summary="Keep a comment on the order."),
    CommandType(
        name="orders/hold",
        value=HoldOrder,
        handle=hold,
        summary="Stop work on the order until it is released.",
        codes=("hold_not_available",),
    ),
    CommandType(
        name="orders/release", value=ReleaseOrder, handle=release, summary="End the hold.", codes=("not_on_hold",)
    ),
    CommandType(
        name="orders/cancel",
        value=CancelOrder,
        handle=cancel,
        summary="Cancel quantities of lines, or all that is neither invoiced nor shipped.",
        codes=(
            "item_not_in_order",
            "nothing_to_cancel",
            "order_on_hold",
            "payment_under_review",
            "quantity_exceeds_cancelable",
        ),
    ),
    CommandType(
        name="orders/expire",
        value=ExpireOrder,
        handle=expire,
        summary="Cancel an order that was not paid by its deadline.",
        codes=("expiry_not_due", "order_on_hold", "payment_present", "payment_under_review"),
    ),
)
