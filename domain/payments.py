"""Payments of an order: what providers report, reviews, and money that goes back.

A captured amount is a fact and always recorded; only promises (authorizations) can be refused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import payment_events as p
from domain.lifecycle import require
from domain.order import Order
from domain.refusals import Refusal, invalid
from domain.status import Status, paid_in_full
from domain.values import to_text


def authorize(order: Order, amount: int, currency: str, reference: str, at: datetime) -> None:
    """Record a provider's promise; refused beyond what is due and for canceled orders."""
    order.refuse_repeat("authorized", reference, amount, currency)
    require(order.state, "authorize-payment")
    if currency != order.state.currency:
        detail = f"The order is in {order.state.currency}."
        raise invalid("currency_mismatch", detail, "/currency")
    open_amount = order.state.due - order.state.authorized
    if amount > open_amount:
        due = to_text(max(0, open_amount), currency)
        raise Refusal("amount_exceeds_due", f"Only {due} {currency} are due.", pointer="/amount")
    order.trigger(p.PaymentAuthorized, at, amount=amount, currency=currency, provider_reference=reference)


def capture(order: Order, amount: int, currency: str, reference: str, at: datetime) -> None:
    """Record money that was received; too much or another currency puts the payment under review."""
    order.refuse_repeat("captured", reference, amount, currency)
    facts = {"amount": amount, "currency": currency, "provider_reference": reference}
    if order.status is Status.CANCELED:
        order.trigger(p.LatePaymentReceived, at, **facts)
        return
    foreign = currency != order.state.currency
    too_much = not foreign and amount > order.state.due
    order.trigger(p.PaymentCaptured, at, **facts)
    if foreign or too_much:
        cause = "currency_mismatch" if foreign else "amount_mismatch"
        order.trigger(p.PaymentFlagged, at, cause=cause)


def fail(order: Order, reference: str | None, at: datetime) -> None:
    """Record a payment that did not succeed."""
    order.refuse_repeat("failed", reference, 0, "")
    order.trigger(p.PaymentFailed, at, provider_reference=reference)


def void(order: Order, reference: str | None, at: datetime) -> None:
    """Record that authorized money will not be taken: that of ``reference``, or all of it."""
    state = order.state
    amount = state.authorized
    if reference is not None:
        amount = state.authorizations.get(reference, amount)
        known = state.references.get(f"voided:{reference}")
        order.refuse_repeat("voided", reference, known[0] if known else amount, "")
    order.trigger(p.PaymentVoided, at, amount=amount, provider_reference=reference)


def flag(order: Order, at: datetime) -> None:
    """Put the payment under review."""
    require(order.state, "flag-payment")
    order.trigger(p.PaymentFlagged, at, cause="request")


def _require_review(order: Order) -> None:
    if order.state.review is None:
        raise Refusal("not_under_review", "The payment is not under review.")


def accept(order: Order, at: datetime) -> None:
    """Take what was paid as covering the order."""
    _require_review(order)
    order.trigger(p.PaymentReviewAccepted, at)


def deny(order: Order, at: datetime) -> None:
    """Cancel what is not shipped; the money stays to be refunded."""
    _require_review(order)
    order.trigger(p.PaymentReviewDenied, at)
    order.cancel_remaining("payment_denied", at)


def refund(order: Order, amount: int, request: Mapping[str, Any], at: datetime) -> None:
    """Give money back that no invoice holds.

    With ``mode`` "online" the gateway is asked under ``intent_id``; else this records that it went back,
    under the provider's reference where there is one.
    """
    currency, reference = order.state.currency, request.get("provider_reference")
    order.refuse_repeat("refunded", reference, amount, "")
    if amount > order.state.uninvoiced_money:
        free = to_text(max(0, order.state.uninvoiced_money), currency)
        detail = f"Only {free} {currency} were received and are on no invoice."
        raise Refusal("refund_exceeds_uninvoiced_payment", detail, pointer="/amount")
    if request.get("mode") == "online":
        order.trigger(p.PaymentRefundRequested, at, intent_id=request["intent_id"], amount=amount)
    else:
        order.trigger(p.PaymentRefunded, at, amount=amount, provider_reference=reference)


def automatic_invoice_due(order: Order) -> bool:
    """Whether the payment method invoices by itself and its moment has come."""
    return (
        order.state.method.automatic_invoice
        and order.status in (Status.PENDING, Status.PROCESSING)
        and paid_in_full(order.state)
        and any(line.to_invoice for line in order.state.lines.values())
    )
