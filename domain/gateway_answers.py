"""What follows when the payment gateway answers a request: captured, refunded, undone, or declined.

The request (an intent) was recorded before the gateway was asked; the answer is recorded once, however
often the gateway gives it.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain import payment_events as p
from domain.invoice import Invoice, InvoiceVoided
from domain.invoicing import take, withdraw
from domain.order import Order


def approve(
    order: Order, invoice_of: Callable[[UUID], Invoice], intent_id: UUID, reference: str | None, at: datetime
) -> None:
    """Record that the gateway did what the open intent asked for."""
    intent = order.state.intents[str(intent_id)]
    answer = {"amount": intent.amount, "intent_id": intent_id, "provider_reference": reference}
    if intent.kind == "refund":
        order.trigger(p.PaymentRefunded, at, mode="online", credit_memo_id=intent.document_id, **answer)
        return
    if intent.document_id is None:
        raise ValueError(f"the intent {intent_id} names no invoice")
    invoice = invoice_of(intent.document_id)
    if intent.kind == "capture":
        currency = order.state.currency
        order.trigger(p.PaymentCaptured, at, currency=currency, source="online", invoice_id=invoice.id, **answer)
        received = min(invoice.rest, max(0, order.state.uninvoiced_money))
        take(order, invoice, received, at, online=intent.amount)
    else:
        withdraw(order, invoice, at)
        order.trigger(p.CaptureVoided, at, invoice_id=invoice.id, **answer)
        invoice.trigger(InvoiceVoided, at)


def decline(order: Order, intent_id: UUID, detail: str, at: datetime) -> None:
    """Record that the gateway refused: an invoice stays as it was, a refund's money stays to be given back."""
    order.trigger(p.PaymentFailed, at, intent_id=intent_id, detail=detail)
