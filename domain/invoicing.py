"""Issuing, settling and canceling invoices: the order counts, the invoice documents.

An invoice first takes money that was received and is on no other invoice; the capture mode says
what happens with the rest. The order's facts and the invoice's are appended together or not at all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from domain import order_events as e
from domain import payment_events as p
from domain.conditions import TO_INVOICE
from domain.covering import claim
from domain.credit_memo import CreditMemo, CreditMemoIssued
from domain.invoice import Invoice, InvoiceCorrected, InvoiceDueAgain, InvoiceIssued, InvoicePartlyPaid
from domain.lifecycle import require, require_not_stopped
from domain.order import Order
from domain.payment_methods import Capture
from domain.refusals import Refusal
from domain.requests import InvoiceRequest
from domain.values import Units, refunded, to_text


def capture_mode(order: Order, asked: str | None) -> Capture:
    """The capture mode of a new invoice: the one asked for if the method has it, else the usual."""
    allowed = order.state.method.captures
    if asked is None:
        return allowed[0]
    if asked not in allowed:
        choices = " or ".join(mode for mode in allowed)
        detail = f"Invoices paid by {order.state.payment_method} can only be captured {choices}."
        raise Refusal("capture_mode_not_allowed", detail, pointer="/capture")
    return Capture(asked)


def issue(order: Order, invoice: Invoice, request: InvoiceRequest, at: datetime, *, intent_id: UUID) -> None:
    """Invoice what is asked for, with the delivery and the other charges if no invoice has them.

    ``intent_id`` is the id under which the gateway is asked, should it have to be.
    """
    state = order.state
    # A hold is told first, then a way of capturing that the method never has, then what is missing now.
    require_not_stopped(state, "invoices")
    mode = capture_mode(order, request.capture)
    require(state, "invoices", at)
    shares = tuple(state.share(name, quantity) for name, quantity in _units(order, request.lines).items())
    shipping, shipping_tax = state.shipping_open, state.shipping_tax_open
    charges = state.open_charges
    total = sum(share.total for share in shares) + state.charges_worth
    received, missing, waived = claim(state, total)
    collected = _collect(order, invoice, missing, mode, intent_id, at=at)
    order.trigger(
        e.ItemsInvoiced(
            occurred_at=at,
            invoice_id=invoice.id,
            lines=shares,
            shipping=shipping,
            shipping_tax=shipping_tax,
            charges=charges,
            received=received + collected,
            waived=waived,
        )
    )
    invoice.trigger(
        InvoiceIssued(
            occurred_at=at,
            prefix=invoice.prefix,
            order_id=order.id,
            currency=state.currency,
            capture=mode,
            notify=request.notify,
            lines=shares,
            shipping=shipping,
            shipping_tax=shipping_tax,
            charges=charges,
            grand_total=total,
            received=received + collected,
            waived=waived,
            stationery=None if request.external else invoice.stationery,
            external=request.external,
            dated_at=None if request.external else invoice.dated_at,
        )
    )
    if collected == missing:
        invoice.settle(received + collected, at)


def _units(order: Order, lines: str | Sequence[Units]) -> dict[str, int]:
    """What is asked for; "all_remaining" may be charges alone."""
    if isinstance(lines, str) and order.state.charge_alone:
        return {}
    return order.quantities(lines, lambda line: line.to_invoice, (TO_INVOICE, "quantity_exceeds_uninvoiced"))


def _collect(order: Order, invoice: Invoice, rest: int, mode: Capture, intent_id: UUID, *, at: datetime) -> int:
    """What becomes of the part that was not received before; returns how much of it is paid now."""
    if rest == 0 or mode is Capture.NONE:
        return 0
    if mode is Capture.OFFLINE:
        order.trigger(
            p.PaymentCaptured(
                occurred_at=at,
                amount=rest,
                currency=order.state.currency,
                source=Capture.OFFLINE,
                invoice_id=invoice.id,
            )
        )
        return rest
    missing = f"{to_text(rest, order.state.currency)} {order.state.currency}"
    if mode is Capture.RECEIVED or order.state.authorized - order.state.capturing < rest:
        raise Refusal("payment_required", f"{missing} are neither paid nor authorized. Capture a payment first.")
    order.trigger(p.PaymentCaptureRequested(occurred_at=at, intent_id=intent_id, amount=rest, invoice_id=invoice.id))
    return 0


def settle(order: Order, invoice: Invoice, intent_id: UUID, at: datetime) -> None:
    """Collect what an open invoice still waits for: money already received first, then the method's way."""
    invoice.require_open()
    if order.state.intent_for(invoice.id):
        raise Refusal(
            "capture_pending", "The gateway was asked for this money and has not answered yet. Try again later."
        )
    received, missing, waived = claim(order.state, invoice.rest)
    collected = _collect(order, invoice, missing, order.state.method.collecting, intent_id, at=at)
    if received + collected + waived:
        take(order, invoice, received + collected, at, waived=waived)


def settle_open(order: Order, invoices: Iterable[Invoice], at: datetime) -> None:
    """Let money that was received settle the open invoices, in the order given."""
    for invoice in invoices:
        received, _, waived = claim(order.state, invoice.rest)
        if received or waived:
            take(order, invoice, received, at, waived=waived)


def reopen(order: Order, invoices: Iterable[Invoice], at: datetime) -> None:
    """Let invoices, in the order given, ask again for what is waived no longer."""
    for invoice in invoices:
        parts = order.state.invoices
        excess = sum(part.waived for part in parts.values()) - order.state.waived
        amount = min(excess, parts[str(invoice.id)].waived)
        if amount > 0:
            order.trigger(e.InvoiceReopened(occurred_at=at, invoice_id=invoice.id, amount=amount))
            invoice.trigger(InvoiceDueAgain(occurred_at=at, amount=amount))


def take(order: Order, invoice: Invoice, received: int, at: datetime, *, online: int = 0, waived: int = 0) -> None:
    """Move received money onto the open invoice; it is paid when nothing is left to ask for."""
    order.trigger(e.InvoiceSettled(occurred_at=at, invoice_id=invoice.id, received=received, waived=waived))
    paid = invoice.state.received + received
    if received + waived == invoice.rest:
        invoice.settle(paid, at, online=online, waived=waived)
    else:
        invoice.trigger(InvoicePartlyPaid(occurred_at=at, paid=paid, online=online, waived=waived))


def void(order: Order, invoice: Invoice, intent_id: UUID, at: datetime) -> None:
    """Ask the gateway to undo the capture of a paid invoice that nobody was refunded from."""
    document = invoice.state
    captures = [(name, each) for (_, name), each in order.state.receipts.items() if each.invoice_id == invoice.id]
    untouched = document.state == "paid" and not document.credit_memos and not order.state.intent_for(invoice.id)
    if not untouched or len(captures) != 1 or captures[0][1].left > document.received:
        detail = (
            "Only a paid invoice whose money the gateway took, and of which nothing was given back, can be voided."
            " Refund it instead."
        )
        raise Refusal("void_not_available", detail)
    reference, receipt = captures[0]
    order.trigger(
        p.PaymentVoidRequested(
            occurred_at=at,
            intent_id=intent_id,
            amount=receipt.left,
            invoice_id=invoice.id,
            capture_reference=reference,
        )
    )


def correct(order: Order, invoice: Invoice, memo: CreditMemo, at: datetime, *, notify: bool = False) -> None:
    """Take a paid invoice back by a cancelling credit memo; its units and its money are the order's again."""
    document = invoice.state
    if document.state != "paid" or document.credit_memos or order.state.intent_for(invoice.id):
        had = "a credit memo took something of this one" if document.credit_memos else f"this one is {document.state}"
        detail = f"Only a paid invoice of which nothing was refunded can be corrected; {had}."
        raise Refusal("invoice_not_correctable", detail)
    withdraw(order, invoice, at)
    invoice.trigger(InvoiceCorrected(occurred_at=at, credit_memo_id=memo.id))
    memo.trigger(
        CreditMemoIssued(
            occurred_at=at,
            prefix=memo.prefix,
            order_id=order.id,
            invoice_id=invoice.id,
            currency=order.state.currency,
            mode="none",
            notify=notify,
            lines=tuple(refunded(share, "corrected") for share in document.lines),
            shipping=document.shipping,
            shipping_tax=document.shipping_tax,
            charges=document.charges,
            grand_total=document.grand_total,
            cancels=True,
            stationery=memo.stationery,
            dated_at=memo.dated_at,
        )
    )


def cancel(order: Order, invoice: Invoice, at: datetime) -> None:
    """Withdraw an open invoice; its units, amounts and money return to the order exactly."""
    invoice.require_open()
    if order.state.intent_for(invoice.id):
        raise Refusal(
            "capture_pending", "The gateway was asked for this money and has not answered yet. Try again later."
        )
    if invoice.state.credit_memos:
        raise Refusal(
            "invoice_not_open", "A credit memo already reduced the invoice. Refund what is left of it instead."
        )
    withdraw(order, invoice, at)
    invoice.cancel(at)


def withdraw(order: Order, invoice: Invoice, at: datetime) -> None:
    """Give the invoice's units, amounts and money back to the order."""
    document = invoice.state
    order.trigger(
        e.InvoiceWithdrawn(
            occurred_at=at,
            invoice_id=invoice.id,
            lines=document.lines,
            shipping=document.shipping,
            shipping_tax=document.shipping_tax,
            charges=document.charges,
            received=document.received,
        )
    )
