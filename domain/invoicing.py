"""Issuing, settling and canceling invoices: the order counts, the invoice documents.

An invoice first takes money that was received and is on no other invoice; the capture mode says
what happens with the rest. The order's facts and the invoice's are appended together or not at all.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import order_events as e
from domain import payment_events as p
from domain.invoice import Invoice, InvoicePartlyPaid
from domain.lifecycle import require
from domain.order import Order
from domain.payment_methods import Capture
from domain.refusals import Refusal
from domain.values import to_text


def capture_mode(order: Order, asked: str | None) -> Capture:
    """The capture mode of a new invoice: the one asked for if the method has it, else the usual."""
    allowed = order.state.method.captures
    if asked is None:
        return allowed[0]
    if asked not in allowed:
        choices = ", ".join(mode for mode in allowed)
        detail = f"{order.state.payment_method} invoices know {choices}."
        raise Refusal("capture_mode_not_allowed", detail, pointer="/capture")
    return Capture(asked)


def issue(
    order: Order,
    invoice: Invoice,
    request: Mapping[str, Any],
    at: datetime,
) -> None:
    """Invoice ``lines`` ("all_remaining" or quantities), with the shipping charge if none has it.

    ``request`` may name the ``capture`` mode and whether to ``notify`` the customer; its ``intent_id`` is
    the id under which the gateway is asked, should it have to be.
    """
    require(order.state, "invoices")
    mode = capture_mode(order, request.get("capture"))
    units = order.quantities(
        request["lines"], lambda line: line.to_invoice, ("nothing_to_invoice", "quantity_exceeds_uninvoiced")
    )
    state = order.state
    document: dict[str, Any] = {
        "lines": tuple(state.lines[name].share(quantity) for name, quantity in units.items()),
        "shipping": state.shipping_open,
        "shipping_tax": state.shipping_tax_open,
    }
    total = sum(share.total for share in document["lines"])
    total += state.shipping_open + state.shipping_tax_open
    received = min(total, max(0, state.uninvoiced_money))
    rest = 0 if _waived(order) else total - received
    collected = _collect(order, invoice, rest, mode, request["intent_id"], at=at)
    document["received"] = received + collected
    order.trigger(e.ItemsInvoiced, at, invoice_id=invoice.id, **document)
    invoice.issue(
        at,
        order_id=order.id,
        currency=state.currency,
        capture=mode,
        notify=request.get("notify", False),
        grand_total=total,
        **document,
    )
    if collected == rest:
        invoice.settle(received + collected, at)


def _waived(order: Order) -> bool:
    """After an accepted review what was paid covers the order: nobody is asked for a difference."""
    return order.state.accepted and order.state.anything_paid


def _collect(order: Order, invoice: Invoice, rest: int, mode: Capture, intent_id: UUID, *, at: datetime) -> int:
    """What becomes of the part that was not received before; returns how much of it is paid now."""
    if rest == 0 or mode is Capture.NONE:
        return 0
    if mode is Capture.OFFLINE:
        order.trigger(
            p.PaymentCaptured,
            at,
            amount=rest,
            currency=order.state.currency,
            source=Capture.OFFLINE,
            invoice_id=invoice.id,
        )
        return rest
    missing = f"{to_text(rest, order.state.currency)} {order.state.currency}"
    if mode is Capture.RECEIVED or order.state.authorized - order.state.capturing < rest:
        raise Refusal("payment_required", f"{missing} were neither paid nor authorized.")
    order.trigger(p.PaymentCaptureRequested, at, intent_id=intent_id, amount=rest, invoice_id=invoice.id)
    return 0


def settle(order: Order, invoice: Invoice, intent_id: UUID, at: datetime) -> None:
    """Collect what an open invoice still waits for: money already received first, then the usual way."""
    invoice.require_open()
    if order.state.intent_for(invoice.id):
        raise Refusal("capture_pending", "The gateway was asked for this money and has not answered yet.")
    rest = 0 if _waived(order) else invoice.rest
    received = min(invoice.rest, max(0, order.state.uninvoiced_money))
    missing = max(0, rest - received)
    collected = _collect(order, invoice, missing, capture_mode(order, None), intent_id, at=at)
    if collected == missing:
        take(order, invoice, received + collected, at)


def take(order: Order, invoice: Invoice, received: int, at: datetime, online: int = 0) -> None:
    """Move received money onto the open invoice; it is paid when nothing is left to ask for."""
    order.trigger(e.InvoiceSettled, at, invoice_id=invoice.id, received=received)
    paid = invoice.state.received + received
    if received == invoice.rest or _waived(order):
        invoice.settle(paid, at, online)
    else:
        invoice.trigger(InvoicePartlyPaid, at, paid=paid, online=online)


def void(order: Order, invoice: Invoice, intent_id: UUID, at: datetime) -> None:
    """Ask the gateway to undo the capture of a paid invoice that nobody was refunded from."""
    document = invoice.state
    voidable = document.state == "paid" and document.online and not document.refunded
    if not voidable or order.state.intent_for(invoice.id):
        detail = "Only a paid invoice whose money the gateway took, and nobody gave back, can be voided."
        raise Refusal("void_not_available", detail)
    order.trigger(p.PaymentVoidRequested, at, intent_id=intent_id, amount=document.online, invoice_id=invoice.id)


def cancel(order: Order, invoice: Invoice, at: datetime) -> None:
    """Withdraw an open invoice; its units, amounts and money return to the order exactly."""
    invoice.require_open()
    if order.state.intent_for(invoice.id):
        raise Refusal("capture_pending", "The gateway was asked for this money and has not answered yet.")
    if invoice.state.credited:
        raise Refusal("invoice_not_open", "A credit memo already reduced the invoice.")
    withdraw(order, invoice, at)
    invoice.cancel(at)


def withdraw(order: Order, invoice: Invoice, at: datetime) -> None:
    """Give the invoice's units, amounts and money back to the order."""
    document = invoice.state
    order.trigger(
        e.InvoiceWithdrawn,
        at,
        invoice_id=invoice.id,
        lines=document.lines,
        shipping=document.shipping,
        shipping_tax=document.shipping_tax,
        received=document.received,
    )
