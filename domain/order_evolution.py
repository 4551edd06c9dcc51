"""How each event changes the state of an order.

``apply`` cannot refuse: it also runs at every replay and in every read model that follows the log.
"""

from collections.abc import Callable
from typing import Any

from domain import order_events as e
from domain import payment_events as p
from domain.events import OrderEvent
from domain.order_state import Intent, LineState, OrderState, reference_key
from domain.values import portion


def apply(state: OrderState, event: Any) -> None:
    """Change ``state`` by a recorded fact; facts that decide nothing change nothing."""
    applier = APPLIERS.get(type(event))
    if applier is not None:
        applier(state, event)


def _set_lines(state: OrderState, lines: tuple[e.OrderLine, ...], shipping: e.ShippingCharge | None) -> None:
    state.lines = {
        line.line_id: LineState(line.line_id, line.quantity, line.shippable, line.subtotal, line.discount, line.tax)
        for line in lines
    }
    state.shipping_open = shipping.amount if shipping else 0
    state.shipping_tax_open = shipping.tax if shipping else 0
    worth = sum(line.subtotal - line.discount + line.tax for line in lines)
    state.grand_total = worth + state.shipping_open + state.shipping_tax_open
    state.canceled_value = 0


def _placed(state: OrderState, event: e.OrderPlaced) -> None:
    state.store = event.store
    state.currency = event.currency
    state.payment_method = event.payment_method
    state.own_method = event.own_method
    state.prices_include_tax = event.prices_include_tax
    state.expires_at = event.expires_at
    state.revision = 1
    _set_lines(state, event.lines, event.shipping)


def _amended(state: OrderState, event: e.OrderAmended) -> None:
    state.revision = event.revision
    _set_lines(state, event.lines, event.shipping)


def _held(state: OrderState, event: e.OrderHeld) -> None:
    state.held = True


def _released(state: OrderState, event: e.OrderReleased) -> None:
    state.held = False


def _take(state: OrderState, event: e.OrderCanceled | e.ItemsInvoiced | e.InvoiceWithdrawn, sign: int = 1) -> int:
    """Move shares out of the open amounts (or back, sign -1); returns what they are worth."""
    worth = event.shipping + event.shipping_tax
    for share in event.lines:
        line = state.lines[share.line_id]
        line.open_subtotal -= sign * share.subtotal
        line.open_discount -= sign * share.discount
        line.open_tax -= sign * share.tax
        worth += share.total
    state.shipping_open -= sign * event.shipping
    state.shipping_tax_open -= sign * event.shipping_tax
    return worth


def _canceled(state: OrderState, event: e.OrderCanceled) -> None:
    state.canceled_value += _take(state, event)
    for share in event.lines:
        state.lines[share.line_id].canceled += share.quantity


def _remember(state: OrderState, kind: str, event: Any) -> None:
    if event.provider_reference is not None:
        known = (getattr(event, "amount", 0), getattr(event, "currency", ""), event.originator_version)
        state.references.setdefault(reference_key(kind, event.provider_reference), known)


def _authorized(state: OrderState, event: p.PaymentAuthorized) -> None:
    _remember(state, "authorized", event)
    state.authorizations[event.provider_reference] = event.amount


def _captured(state: OrderState, event: p.PaymentCaptured | p.LatePaymentReceived) -> None:
    _remember(state, "captured", event)
    if event.currency != state.currency:
        state.foreign_payments += 1
        return
    state.captured += event.amount
    if isinstance(event, p.PaymentCaptured):
        if event.intent_id is not None:
            del state.intents[str(event.intent_id)]
        if event.source == "offline":
            return
    state.consume_authorization(event.amount, event.provider_reference)


def _payment_failed(state: OrderState, event: p.PaymentFailed) -> None:
    _remember(state, "failed", event)
    if event.intent_id is not None:
        intent = state.intents.pop(str(event.intent_id))
        state.refunding -= intent.amount if intent.kind == "refund" else 0


def _payment_voided(state: OrderState, event: p.PaymentVoided) -> None:
    _remember(state, "voided", event)
    state.consume_authorization(event.amount, event.provider_reference)
    state.voided = state.voided or event.amount > 0


def _flagged(state: OrderState, event: p.PaymentFlagged) -> None:
    state.review = event.cause


def _review_accepted(state: OrderState, event: p.PaymentReviewAccepted) -> None:
    state.review = None
    state.accepted = True


def _review_denied(state: OrderState, event: p.PaymentReviewDenied) -> None:
    state.review = None
    state.accepted = False


def _payment_refunded(state: OrderState, event: p.PaymentRefunded) -> None:
    _remember(state, "refunded", event)
    state.refunded += event.amount
    if event.intent_id is not None:
        state.refunding -= state.intents.pop(str(event.intent_id)).amount


def _capture_requested(state: OrderState, event: p.PaymentCaptureRequested) -> None:
    state.intents[str(event.intent_id)] = Intent("capture", event.amount, event.invoice_id)


def _refund_requested(state: OrderState, event: p.PaymentRefundRequested) -> None:
    state.intents[str(event.intent_id)] = Intent("refund", event.amount, event.credit_memo_id)
    state.refunding += event.amount


def _void_requested(state: OrderState, event: p.PaymentVoidRequested) -> None:
    state.intents[str(event.intent_id)] = Intent("void", event.amount, event.invoice_id)


def _capture_voided(state: OrderState, event: p.CaptureVoided) -> None:
    del state.intents[str(event.intent_id)]
    state.captured -= event.amount
    state.voided = True


def _items_refunded(state: OrderState, event: e.ItemsRefunded) -> None:
    state.on_invoices -= event.released
    state.credited += event.credited
    for share in event.lines:
        line = state.lines[share.line_id]
        if share.disposition == "shipped":
            line.refunded_shipped += share.quantity
            line.refunded_shipped_value += 0 if event.credited else share.total
        else:
            line.refunded_unshipped += share.quantity
            state.refunded_unshipped_value += 0 if event.credited else share.total


def _invoiced(state: OrderState, event: e.ItemsInvoiced) -> None:
    _take(state, event)
    for share in event.lines:
        state.lines[share.line_id].invoiced += share.quantity
    state.active_invoices += 1
    state.on_invoices += event.received


def _invoice_withdrawn(state: OrderState, event: e.InvoiceWithdrawn) -> None:
    _take(state, event, sign=-1)
    for share in event.lines:
        state.lines[share.line_id].invoiced -= share.quantity
    state.active_invoices -= 1
    state.on_invoices -= event.received


def _invoice_settled(state: OrderState, event: e.InvoiceSettled) -> None:
    state.on_invoices += event.received


def _allocated(state: OrderState, event: e.ItemsAllocated) -> None:
    for units in event.lines:
        state.lines[units.line_id].booked += units.quantity


def _allocation_canceled(state: OrderState, event: e.AllocationCanceled) -> None:
    for units in event.lines:
        line = state.lines[units.line_id]
        line.booked -= units.quantity
        # Refunded units cannot have been shipped any more once nothing carries them.
        _never_shipped(state, line, max(0, line.refunded_shipped - line.booked))


def _items_returned(state: OrderState, event: e.ItemsReturned) -> None:
    for units in event.lines:
        state.lines[units.line_id].booked -= units.quantity
    for units in event.refunded:
        _never_shipped(state, state.lines[units.line_id], units.quantity)


def _never_shipped(state: OrderState, line: LineState, refunded: int) -> None:
    """Units refunded as shipped are ones refunded before shipping from now on, with what they were worth."""
    if refunded:
        value = portion(line.refunded_shipped_value, refunded, line.refunded_shipped)
        line.refunded_shipped_value -= value
        line.refunded_shipped -= refunded
        line.refunded_unshipped += refunded
        state.refunded_unshipped_value += value


APPLIERS: dict[type[OrderEvent], Callable[[OrderState, Any], None]] = {
    e.OrderPlaced: _placed,
    e.OrderAmended: _amended,
    e.OrderHeld: _held,
    e.OrderReleased: _released,
    e.OrderCanceled: _canceled,
    p.PaymentAuthorized: _authorized,
    p.PaymentCaptured: _captured,
    p.LatePaymentReceived: _captured,
    p.PaymentFailed: _payment_failed,
    p.PaymentVoided: _payment_voided,
    p.PaymentFlagged: _flagged,
    p.PaymentReviewAccepted: _review_accepted,
    p.PaymentReviewDenied: _review_denied,
    p.PaymentRefunded: _payment_refunded,
    p.PaymentCaptureRequested: _capture_requested,
    p.PaymentRefundRequested: _refund_requested,
    p.PaymentVoidRequested: _void_requested,
    p.CaptureVoided: _capture_voided,
    e.ItemsRefunded: _items_refunded,
    e.ItemsInvoiced: _invoiced,
    e.InvoiceWithdrawn: _invoice_withdrawn,
    e.InvoiceSettled: _invoice_settled,
    e.ItemsAllocated: _allocated,
    e.AllocationCanceled: _allocation_canceled,
    e.ItemsReturned: _items_returned,
}
