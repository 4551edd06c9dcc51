"""Placing an order and changing it as a whole."""

from datetime import datetime
from decimal import Decimal

from application.claims import external_reference
from application.command_context import CommandContext
from application.settlement import settle_and_invoice
from application.unit_of_work import UnitOfWork
from domain.conditions import brought_back
from domain.lifecycle import require
from domain.order_events import AddressChanged, OrderPlaced
from domain.payment_methods import METHODS, PaymentMethod, method_named
from domain.payments import release_authorizations
from domain.pricing import check_total, grand_total, plain, price_lines, price_shipping
from domain.refusals import Refusal, invalid, require_version, unknown
from domain.returning import take_back
from domain.shipment import Shipment
from domain.values import exponent


def place(work: UnitOfWork, context: CommandContext) -> None:
    """Bring an order in; an external reference belongs to one order of its store."""
    body = context.body
    currency, includes_tax = body["currency"], body.get("prices_include_tax", False)
    exponent(currency)
    lines = price_lines(body["lines"], currency, includes_tax)
    shipping = price_shipping(body.get("shipping"), currency, includes_tax)
    total = grand_total(lines, shipping)
    check_total(body.get("expected_grand_total"), total, currency)
    method = method_named(body["payment"]["method"], context.merchant.payment_methods)
    _check_method(method, total)
    customer = dict(body["customer"])
    expires_at = _deadline(body.get("expires_at"), method, context)
    work.order.trigger(
        OrderPlaced(
            occurred_at=context.at,
            store=body["store"],
            external_reference=body.get("external_reference"),
            currency=currency,
            base_rate=_base_rate(body.get("base_rate"), currency, context.merchant.base_currency),
            base_currency=context.merchant.base_currency,
            prices_include_tax=includes_tax,
            payment_method=method.code,
            own_method=_own(method),
            lines=lines,
            shipping=shipping,
            customer_group=customer.pop("group", None),
            guest=customer.pop("guest", False),
            expires_at=expires_at,
            customer=customer,
            billing_address=body.get("billing_address"),
            shipping_address=body.get("shipping_address"),
            note=body.get("note"),
            tracking_token=context.new_token(),
        )
    )
    if body.get("external_reference"):
        context.claims.append(external_reference(body["store"], body["external_reference"], work.order.id))
    settle_and_invoice(work, context)


def reorder(work: UnitOfWork, context: CommandContext) -> None:
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
        raise Refusal("reorder_not_allowed", "The customer's data was erased.")
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
        raise invalid("expires_at_in_past", f"It is {context.now.isoformat()} now.", "/expires_at")
    return named or (context.now + context.merchant.payment_deadline if method.external_page else None)


def _base_rate(given: Decimal | None, currency: str, base_currency: str) -> str | None:
    """How an amount of the order converts into the base currency: 1 within it, else as given; None is not invented."""
    if currency != base_currency:
        return None if given is None else plain(given)
    if given not in {None, Decimal(1)}:
        detail = f"The order is in the base currency {base_currency}: its rate is 1."
        raise invalid("invalid_base_rate", detail, "/base_rate")
    return "1"


def _own(method: PaymentMethod) -> PaymentMethod | None:
    """The rules of a method that the merchant added, which an order keeps as they were."""
    return None if method.code in METHODS else method


def _check_method(method: PaymentMethod, total: int) -> None:
    if method.only_zero and total:
        detail = f"{method.code} is for orders that cost nothing."
        raise invalid("payment_method_not_available", detail, "/payment/method")


def amend(work: UnitOfWork, context: CommandContext) -> None:
    """Replace lines, shipping or note of an order that nothing depends on yet."""
    order, body = work.order, context.body
    currency, includes_tax = order.state.currency, order.state.prices_include_tax
    require(order.state, "amend", context.at)
    lines = price_lines(body["lines"], currency, includes_tax) if "lines" in body else None
    shipping = order.shipping
    if "shipping" in body:
        shipping = price_shipping(body["shipping"], currency, includes_tax)
    _check_method(order.state.method, grand_total(order.lines if lines is None else lines, shipping))
    order.amend(lines, shipping, body.get("note"), context.at)
    settle_and_invoice(work, context)


def change_address(work: UnitOfWork, context: CommandContext) -> None:
    """Replace the billing or the shipping address."""
    work.order.change_address(context.body, context.at)


def comment(work: UnitOfWork, context: CommandContext) -> None:
    """Keep a comment, visible to the customer or not."""
    body = context.body
    work.order.comment(body["text"], body.get("visible", False), body.get("notify", False), context.at)


def hold(work: UnitOfWork, context: CommandContext) -> None:
    """Stop work on the order."""
    work.order.hold(context.at)


def release(work: UnitOfWork, context: CommandContext) -> None:
    """End the hold; an automatic invoice that waited is issued."""
    work.order.release(context.at)
    settle_and_invoice(work, context)


def cancel(work: UnitOfWork, context: CommandContext) -> None:
    """Cancel named quantities, or all that can be; what is left may be paid for then.

    All that can be includes what no invoice holds and a carrier is bringing back: refused parcels end with the order.
    """
    if "lines" not in context.body:
        _take_back_refused(work, context.at)
    work.order.cancel(context.body.get("lines"), context.at)
    settle_and_invoice(work, context)
    release_authorizations(work.order, context.at)


def _take_back_refused(work: UnitOfWork, at: datetime) -> None:
    """Record the return of parcels that are on their way back with units on no invoice."""
    for shipment in [each for each in work.aggregates.values() if isinstance(each, Shipment)]:
        if brought_back(work.order.state, shipment.state):
            take_back(work.order, shipment, "all_remaining", at)


def expire(work: UnitOfWork, context: CommandContext) -> None:
    """Cancel an order that was not paid in time."""
    work.order.expire(context.now)
