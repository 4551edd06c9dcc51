"""What follows when the payment gateway answers a request: captured, refunded, undone, or declined.

The request (an intent) was recorded before the gateway was asked; the answer is recorded once, however
often the gateway gives it.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain import payment_events as p
from domain.covering import claim
from domain.invoice import Invoice, InvoiceVoided
from domain.invoicing import take, withdraw
from domain.money_state import Intent
from domain.order import Order
from domain.order_state import reference_key
from domain.payments import suspect_mismatch

# What an approved request of each kind is, as a movement that others may have reported too.
MOVEMENT = {"capture": "captured", "refund": "refunded"}


def approve(
    order: Order, invoice_of: Callable[[UUID], Invoice], intent_id: UUID, reference: str | None, at: datetime
) -> None:
    """Record that the gateway did what the open intent asked for."""
    intent = order.state.intents[str(intent_id)]
    movement = MOVEMENT.get(intent.kind)
    if movement and reference and reference_key(movement, reference) in order.state.references:
        # The provider told it in another way before it answered.
        order.trigger(p.PaymentRequestSettled(occurred_at=at, intent_id=intent_id, provider_reference=reference))
        return
    if intent.kind == "refund":
        order.trigger(
            p.PaymentRefunded(
                occurred_at=at,
                amount=intent.amount,
                currency=intent.currency,
                mode="online",
                provider_reference=reference,
                credit_memo_id=intent.document_id,
                intent_id=intent_id,
            )
        )
        return
    if intent.document_id is None:
        raise ValueError(f"the intent {intent_id} names no invoice")
    invoice = invoice_of(intent.document_id)
    if intent.kind == "capture":
        _captured(order, invoice, (intent, intent_id, reference), at)
    else:
        withdraw(order, invoice, at)
        order.trigger(
            p.CaptureVoided(
                occurred_at=at,
                amount=intent.amount,
                invoice_id=invoice.id,
                intent_id=intent_id,
                provider_reference=reference,
            )
        )
        invoice.trigger(InvoiceVoided(occurred_at=at))


def _captured(order: Order, invoice: Invoice, answer: tuple[Intent, UUID, str | None], at: datetime) -> None:
    """Take in the money, and put it onto the invoice as far as that still waits for it."""
    intent, intent_id, reference = answer
    due = order.state.due
    order.trigger(
        p.PaymentCaptured(
            occurred_at=at,
            amount=intent.amount,
            currency=intent.currency,
            source="online",
            provider_reference=reference,
            invoice_id=invoice.id,
            intent_id=intent_id,
        )
    )
    received, _, waived = claim(order.state, invoice.rest)
    if received or waived:
        take(order, invoice, received, at, online=min(intent.amount, received), waived=waived)
    suspect_mismatch(order, intent.amount, intent.currency, due, at)


def decline(order: Order, intent_id: UUID, detail: str, at: datetime) -> None:
    """Record that the gateway refused: an invoice stays as it was, a refund's money stays to be given back."""
    order.trigger(p.PaymentFailed(occurred_at=at, intent_id=intent_id, detail=detail))
