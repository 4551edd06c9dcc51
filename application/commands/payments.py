"""What payment providers report, and what is decided about it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from application.command_context import CommandContext
from application.command_type import CommandType
from application.commands.shipments import cancel_booked
from application.settlement import settle, settle_and_invoice
from application.unit_of_work import UnitOfWork
from domain import payments, reviews
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice
from domain.lifecycle import require
from domain.requests import ZERO, Means
from domain.shipment import Shipment
from domain.values import to_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizePayment(Means):
    """A provider's promise of money, under its reference; in the order's currency where none is named."""

    amount: Decimal
    provider_reference: str
    currency: str | None = None


def authorize(work: UnitOfWork, command: AuthorizePayment, context: CommandContext) -> None:
    """Record a promise of money."""
    amount, currency = _amount(work, command)
    payments.authorize(work.order, amount, currency, command.provider_reference, context.at, means=command)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePayment(Means):
    """Money received, under the reference of whoever moved it; in the order's currency where none is named.

    ``remitted`` is tax that the customer paid beside ``amount``, and a marketplace keeps for the tax office.
    """

    amount: Decimal
    provider_reference: str
    currency: str | None = None
    remitted: Decimal = ZERO


def capture(work: UnitOfWork, command: CapturePayment, context: CommandContext) -> None:
    """Record money received; what it pays for follows in the same append."""
    amount, currency = _amount(work, command)
    remitted = to_minor(command.remitted, currency, "/remitted")
    payments.capture(
        work.order, amount, currency, command.provider_reference, context.at, means=command, remitted=remitted
    )
    settle_and_invoice(work, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPayment:
    """A payment that did not succeed."""

    provider_reference: str | None = None


def fail(work: UnitOfWork, command: FailPayment, context: CommandContext) -> None:
    """Record a payment that did not succeed."""
    payments.fail(work.order, command.provider_reference, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPayment:
    """Authorized money that will not be taken: that of a reference, or all of it."""

    provider_reference: str | None = None


def void(work: UnitOfWork, command: VoidPayment, context: CommandContext) -> None:
    """Record that authorized money will not be taken."""
    payments.void(work.order, command.provider_reference, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagPayment:
    """The payment needs a decision."""


def flag(work: UnitOfWork, _command: FlagPayment, context: CommandContext) -> None:
    """Put the payment under review."""
    reviews.flag(work.order, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptPayment:
    """What was paid covers the order."""


def accept(work: UnitOfWork, _command: AcceptPayment, context: CommandContext) -> None:
    """Take what was paid as covering the order."""
    reviews.accept(work.order, context.at)
    settle_and_invoice(work, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyPayment:
    """The payment is not accepted."""


def deny(work: UnitOfWork, _command: DenyPayment, context: CommandContext) -> None:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment(Means):
    """Money to give back that no invoice holds, in the order's currency or in the one in which it came.

    ``mode`` is "online" (the gateway is asked) or "offline" (it went back already).
    """

    amount: Decimal
    currency: str | None = None
    mode: str = "offline"
    provider_reference: str | None = None


def refund(work: UnitOfWork, command: RefundPayment, context: CommandContext) -> None:
    """Give money back that no invoice holds."""
    amount, currency = _amount(work, command)
    intent_id = context.new_id()
    online_as = intent_id if command.mode == "online" else None
    payments.refund(
        work.order, amount, currency, command.provider_reference, context.at, means=command, online_as=online_as
    )
    settle(work, context.at)


def _amount(work: UnitOfWork, command: AuthorizePayment | CapturePayment | RefundPayment) -> tuple[int, str]:
    currency = command.currency or work.order.state.currency
    return to_minor(command.amount, currency, "/amount"), currency


_MONEY = ("invalid_amount", "provider_reference_reused", "unknown_currency")
COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="orders/authorize-payment",
        value=AuthorizePayment,
        handle=authorize,
        summary="Record money that a provider promises.",
        codes=(*_MONEY, "amount_exceeds_due", "currency_mismatch", "order_canceled"),
    ),
    CommandType(
        name="orders/capture-payment",
        value=CapturePayment,
        handle=capture,
        summary="Record money that was received.",
        codes=_MONEY,
    ),
    CommandType(
        name="orders/fail-payment",
        value=FailPayment,
        handle=fail,
        summary="Record a payment that did not succeed.",
        codes=("provider_reference_reused",),
    ),
    CommandType(
        name="orders/void-payment",
        value=VoidPayment,
        handle=void,
        summary="Record that authorized money will not be taken.",
        codes=("nothing_to_void", "provider_reference_reused"),
    ),
    CommandType(
        name="orders/flag-payment",
        value=FlagPayment,
        handle=flag,
        summary="Put the payment under review.",
        codes=("order_canceled",),
    ),
    CommandType(
        name="orders/accept-payment",
        value=AcceptPayment,
        handle=accept,
        summary="Take what was paid as covering the order.",
        codes=("not_under_review", "nothing_received"),
    ),
    CommandType(
        name="orders/deny-payment",
        value=DenyPayment,
        handle=deny,
        summary="Deny the payment and end all that has not left.",
        codes=("capture_pending", "not_under_review"),
    ),
    CommandType(
        name="orders/refund-payment",
        value=RefundPayment,
        handle=refund,
        summary="Give money back that no invoice holds.",
        codes=(*_MONEY, "gateway_not_configured", "refund_exceeds_uninvoiced_payment", "refund_mode_not_allowed"),
    ),
)
