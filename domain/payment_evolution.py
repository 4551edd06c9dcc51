"""How each event about money changes the state of an order.

An applier cannot refuse and never asks for an event's class: it also runs over bare shapes of events
(``projections.engine.shapes``), at every replay and in every read model that follows the log.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain import payment_events as p
from domain.events import OrderEvent
from domain.money_state import ForeignMoney, Intent, Receipt, Waiver
from domain.order_state import OrderState, reference_key

MISMATCHES = frozenset({"amount_mismatch", "currency_mismatch"})


def _remember(state: OrderState, kind: str, event: Any, amount: int = 0, currency: str = "") -> None:
    if event.provider_reference is not None:
        known = (amount, currency, event.originator_version)
        state.references.setdefault(reference_key(kind, event.provider_reference), known)


def _authorized(state: OrderState, event: p.PaymentAuthorized) -> None:
    _remember(state, "authorized", event, event.amount, event.currency)
    if event.provider_reference in state.ended_authorizations:
        state.voided = True
    else:
        state.authorizations[event.provider_reference] = event.amount


BY_NO_PROVIDER = frozenset({"gift_card", "store_credit", "cash"})
"""Kinds of money that no payment provider took: it uses up none of its promises, and cannot give it back."""


def _receive_offline(state: OrderState, amount: int, version: int) -> None:
    """Take in money of which an invoice is the receipt.

    Where a gateway promised it, somebody captured it in the provider's own back office: it uses the promise up, and
    can be given back under its reference. The provider may report it under that reference too.
    """
    state.captured += amount
    for reference in list(state.authorizations) if state.method.through_gateway else ():
        taken = min(amount, state.authorizations[reference])
        amount -= taken
        state.consume_authorization(taken, reference)
        receipt = state.receipts.setdefault((state.currency, reference), Receipt(0, None))
        receipt.left += taken
        state.references[reference_key("offline", reference)] = (receipt.left, state.currency, version)


def _receive(
    state: OrderState, event: p.PaymentCaptured | p.LatePaymentReceived, invoice_id: UUID | None = None
) -> None:
    """Take in money; what a provider took has a reference, under which it can give it back."""
    amount, currency, reference = event.amount, event.currency, event.provider_reference
    by_provider = event.kind not in BY_NO_PROVIDER
    if currency != state.currency:
        state.foreign.setdefault(currency, ForeignMoney()).captured += amount
    else:
        state.captured += amount
        if by_provider:
            state.consume_authorization(amount, reference)
    if reference is not None and by_provider:
        receipt = state.receipts.setdefault((currency, reference), Receipt(0, invoice_id))
        receipt.left += amount


def _captured(state: OrderState, event: p.PaymentCaptured) -> None:
    _remember(state, "captured", event, event.amount, event.currency)
    if event.intent_id is not None:
        state.intents.pop(str(event.intent_id), None)
    if event.source == "offline":
        _receive_offline(state, event.amount, event.originator_version)
    else:
        _receive(state, event, event.invoice_id)


def _received_late(state: OrderState, event: p.LatePaymentReceived) -> None:
    _remember(state, "captured", event, event.amount, event.currency)
    _receive(state, event)


def _receipt(state: OrderState, currency: str, reference: str | None) -> Receipt | None:
    """What a provider received under a reference."""
    return None if reference is None else state.receipts.get((currency, reference))


def _failed(state: OrderState, event: p.PaymentFailed) -> None:
    _remember(state, "failed", event)
    intent = None if event.intent_id is None else state.intents.pop(str(event.intent_id), None)
    if intent is None or intent.kind != "refund":
        return
    receipt = _receipt(state, intent.currency, intent.capture_reference)
    if receipt is not None:
        receipt.left += intent.amount
    if intent.currency == state.currency:
        owner = str(intent.document_id or event.intent_id)
        state.unreturned[owner] = state.unreturned.get(owner, 0) + intent.amount


def _voided(state: OrderState, event: p.PaymentVoided) -> None:
    _remember(state, "voided", event, event.amount)
    state.consume_authorization(event.amount, event.provider_reference)
    state.voided = state.voided or event.amount > 0
    if event.provider_reference is not None:
        state.ended_authorizations.add(event.provider_reference)


def _flagged(state: OrderState, event: p.PaymentFlagged) -> None:
    if state.review not in MISMATCHES or event.cause in MISMATCHES:
        state.review = event.cause


def _review_accepted(state: OrderState, event: p.PaymentReviewAccepted) -> None:
    state.review = None
    waived = event.waived
    if waived is None:  # recorded while acceptances covered the whole order, once money had come
        waived = state.due if state.anything_received else 0
        state.waives_all = state.anything_received
    state.waivers.append(Waiver(waived, {currency: money.held for currency, money in state.foreign.items()}))


def _review_denied(state: OrderState, event: p.PaymentReviewDenied) -> None:
    state.review = None


def _refunded(state: OrderState, event: p.PaymentRefunded) -> None:
    currency = event.currency or state.currency
    _remember(state, "refunded", event, event.amount, currency)
    if event.intent_id is not None:
        state.intents.pop(str(event.intent_id), None)
    if currency == state.currency:
        state.returned += event.amount
        if event.credit_memo_id is None:
            _settle_unreturned(state, event.amount)
    else:
        _return_abroad(state, event.amount, currency)


def _settle_unreturned(state: OrderState, amount: int) -> None:
    """Money that went back some way settles the refunds that the gateway had declined, the oldest first."""
    for owner in list(state.unreturned):
        settled = min(amount, state.unreturned[owner])
        amount -= settled
        state.unreturned[owner] -= settled
        if not state.unreturned[owner]:
            del state.unreturned[owner]


def _return_abroad(state: OrderState, amount: int, currency: str) -> None:
    money = state.foreign[currency]
    money.returned += amount
    for waiver in state.waivers:
        waiver.sent_back(currency, money.held)


def _capture_requested(state: OrderState, event: p.PaymentCaptureRequested) -> None:
    state.intents[str(event.intent_id)] = Intent("capture", event.amount, event.invoice_id, state.currency)


def _refund_requested(state: OrderState, event: p.PaymentRefundRequested) -> None:
    currency, source = event.currency or state.currency, event.capture_reference
    _remember(state, "refunded", event, event.whole or event.amount, currency)
    state.intents[str(event.intent_id)] = Intent("refund", event.amount, event.credit_memo_id, currency, source)
    receipt = _receipt(state, currency, source)
    if receipt is not None:
        receipt.left -= event.amount


def _void_requested(state: OrderState, event: p.PaymentVoidRequested) -> None:
    source = event.capture_reference
    state.intents[str(event.intent_id)] = Intent("void", event.amount, event.invoice_id, state.currency, source)


def _request_settled(state: OrderState, event: p.PaymentRequestSettled) -> None:
    intent = state.intents.pop(str(event.intent_id), None)
    receipt = _receipt(state, state.currency, event.provider_reference)
    if intent is not None and intent.kind == "capture" and receipt is not None:
        receipt.invoice_id = intent.document_id


def _capture_voided(state: OrderState, event: p.CaptureVoided) -> None:
    state.intents.pop(str(event.intent_id), None)
    state.captured -= event.amount
    state.voided = True
    for place in [place for place, receipt in state.receipts.items() if receipt.invoice_id == event.invoice_id]:
        del state.receipts[place]


APPLIERS: dict[type[OrderEvent], Callable[[OrderState, Any], None]] = {
    p.PaymentAuthorized: _authorized,
    p.PaymentCaptured: _captured,
    p.LatePaymentReceived: _received_late,
    p.PaymentFailed: _failed,
    p.PaymentVoided: _voided,
    p.PaymentFlagged: _flagged,
    p.PaymentReviewAccepted: _review_accepted,
    p.PaymentReviewDenied: _review_denied,
    p.PaymentRefunded: _refunded,
    p.PaymentCaptureRequested: _capture_requested,
    p.PaymentRefundRequested: _refund_requested,
    p.PaymentVoidRequested: _void_requested,
    p.PaymentRequestSettled: _request_settled,
    p.CaptureVoided: _capture_voided,
}
