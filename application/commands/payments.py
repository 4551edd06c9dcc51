"""What payment providers report, and what is decided about it."""

from application.command_context import CommandContext
from application.commands.shipments import cancel_booked
from application.settlement import settle, settle_and_invoice
from application.unit_of_work import UnitOfWork
from domain import payments, reviews
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice
from domain.lifecycle import require
from domain.shipment import Shipment
from domain.values import to_minor


def _amount(work: UnitOfWork, context: CommandContext) -> tuple[int, str]:
    currency = context.body.get("currency") or work.order.state.currency
    return to_minor(context.body["amount"], currency, "/amount"), currency


def authorize(work: UnitOfWork, context: CommandContext) -> None:
    """Record a promise of money."""
    amount, currency = _amount(work, context)
    payments.authorize(work.order, amount, currency, context.body["provider_reference"], context.at)


def capture(work: UnitOfWork, context: CommandContext) -> None:
    """Record money received; what it pays for follows in the same append."""
    amount, currency = _amount(work, context)
    payments.capture(work.order, amount, currency, context.body["provider_reference"], context.at)
    settle_and_invoice(work, context)


def fail(work: UnitOfWork, context: CommandContext) -> None:
    """Record a payment that did not succeed."""
    payments.fail(work.order, context.body.get("provider_reference"), context.at)


def void(work: UnitOfWork, context: CommandContext) -> None:
    """Record that authorized money will not be taken."""
    payments.void(work.order, context.body.get("provider_reference"), context.at)


def flag(work: UnitOfWork, context: CommandContext) -> None:
    """Put the payment under review."""
    reviews.flag(work.order, context.at)


def accept(work: UnitOfWork, context: CommandContext) -> None:
    """Take what was paid as covering the order."""
    reviews.accept(work.order, context.at)
    settle_and_invoice(work, context)


def deny(work: UnitOfWork, context: CommandContext) -> None:
    """End all that has not left: bookings that no carrier has yet, invoices, and units on none."""
    aggregates = list(work.aggregates.values())
    require(work.order.state, "deny-payment", context.at)
    for shipment in aggregates:
        if isinstance(shipment, Shipment) and shipment.is_waiting:
            cancel_booked(work, context, shipment)
    invoices = [each for each in aggregates if isinstance(each, Invoice)]
    reviews.deny(work.order, invoices, lambda: work.new(CreditMemo, context.new_id()), context.at)
    settle(work, context.at)
    payments.release_authorizations(work.order, context.at)


def refund(work: UnitOfWork, context: CommandContext) -> None:
    """Give money back that no invoice holds."""
    amount, currency = _amount(work, context)
    payments.refund(work.order, amount, currency, context.body | {"intent_id": context.new_id()}, context.at)
    settle(work, context.at)
