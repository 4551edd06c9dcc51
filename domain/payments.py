"""Payments of an order: what providers report, and money that goes back.

A captured amount is a fact and always recorded; only promises (authorizations) can be refused.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from domain import payment_events as p
from domain.covering import is_covered
from domain.lifecycle import require
from domain.money_state import Receipt
from domain.order import Order
from domain.order_state import OrderState, reference_key
from domain.payment_evolution import MISMATCHES
from domain.refusals import Refusal, invalid
from domain.requests import Means
from domain.status import Status
from domain.values import to_text

UNSAID = Means()


def authorize(order: Order, amount: int, currency: str, reference: str, at: datetime, *, means: Means = UNSAID) -> None:
    """Record a provider's promise; refused beyond what is due and for canceled orders."""
    order.refuse_repeat("authorized", reference, amount, currency)
    require(order.state, "authorize-payment", at)
    if currency != order.state.currency:
        detail = f"The order is in {order.state.currency}. Authorize that currency."
        raise invalid("currency_mismatch", detail, "/currency")
    open_amount = order.state.due - order.state.authorized
    if amount > open_amount:
        due = to_text(max(0, open_amount), currency)
        raise Refusal("amount_exceeds_due", f"Only {due} {currency} are due and not authorized yet.", pointer="/amount")
    order.trigger(
        p.PaymentAuthorized(
            occurred_at=at,
            amount=amount,
            currency=currency,
            provider_reference=reference,
            method=means.method,
            kind=means.kind,
        )
    )


def capture(
    order: Order,
    amount: int,
    currency: str,
    reference: str,
    at: datetime,
    *,
    means: Means = UNSAID,
    remitted: int = 0,
) -> None:
    """Record money that was received; too much or another currency puts the payment under review.

    ``remitted`` is tax that the customer paid beside it, and a marketplace keeps.
    """
    order.refuse_repeat("captured", reference, amount, currency)
    if order.state.references.get(reference_key("offline", reference), ())[:2] == (amount, currency):
        # An invoice was its receipt: the provider reports what somebody captured in its back office.
        order.refuse_repeat("offline", reference, amount, currency)
    if order.status is Status.CANCELED:
        order.trigger(
            p.LatePaymentReceived(
                occurred_at=at,
                amount=amount,
                currency=currency,
                provider_reference=reference,
                method=means.method,
                kind=means.kind,
            )
        )
        return
    due = order.state.due
    order.trigger(
        p.PaymentCaptured(
            occurred_at=at,
            amount=amount,
            currency=currency,
            provider_reference=reference,
            method=means.method,
            kind=means.kind,
            remitted=remitted,
        )
    )
    suspect_mismatch(order, amount, currency, due, at)


def suspect_mismatch(order: Order, amount: int, currency: str, due: int, at: datetime) -> None:
    """Put money just received under review where it is foreign, or more than the ``due`` before it.

    Too much for an order that has nothing left to deliver raises no suspicion: it is shown and can be sent back.
    """
    state = order.state
    foreign = currency != state.currency
    to_deliver = any(line.to_ship if line.shippable else line.to_invoice for line in state.lines.values())
    if state.review not in MISMATCHES and (foreign or (amount > due and to_deliver)):
        order.trigger(p.PaymentFlagged(occurred_at=at, cause="currency_mismatch" if foreign else "amount_mismatch"))


def fail(order: Order, reference: str | None, at: datetime) -> None:
    """Record a payment that did not succeed."""
    order.refuse_repeat("failed", reference, 0, "")
    order.trigger(p.PaymentFailed(occurred_at=at, provider_reference=reference))


def void(order: Order, reference: str | None, at: datetime) -> None:
    """Record that authorized money will not be taken: that of ``reference``, or all of it.

    A reference that is used up or unknown voids nothing else; its authorization is over should it come later.
    """
    state = order.state
    amount = state.authorized
    if reference is not None:
        known = state.references.get(f"voided:{reference}")
        amount = state.authorizations.get(reference, 0)
        order.refuse_repeat("voided", reference, known[0] if known else amount, "")
    elif not amount:
        raise Refusal("nothing_to_void", "The order has no open authorization to void.")
    order.trigger(p.PaymentVoided(occurred_at=at, amount=amount, provider_reference=reference))


def release_authorizations(order: Order, at: datetime) -> None:
    """Give up what is authorized and needed for nothing any more."""
    state = order.state
    if state.authorized and is_covered(state) and not state.capturing:
        order.void_authorizations(at)


def refund(
    order: Order,
    amount: int,
    currency: str,
    reference: str | None,
    at: datetime,
    *,
    means: Means = UNSAID,
    online_as: UUID | None = None,
) -> None:
    """Give money back that no invoice holds.

    With ``online_as`` the gateway is asked, under this id and ids made from it; else this records that the money went
    back, under the provider's ``reference`` where there is one.
    """
    order.refuse_repeat("refunded", reference, amount, currency)
    require(order.state, "refund-payment", at)
    free = order.state.returnable(currency)
    if amount > free:
        detail = f"Only {to_text(free, currency)} {currency} are on no invoice and can be sent back."
        raise Refusal("refund_exceeds_uninvoiced_payment", detail, pointer="/amount")
    if online_as is not None:
        sources = refund_sources(order, amount, currency)
        request_refunds(order, sources, currency, online_as, at, reference=reference)
    else:
        order.trigger(
            p.PaymentRefunded(
                occurred_at=at,
                amount=amount,
                currency=currency,
                provider_reference=reference,
                method=means.method,
                kind=means.kind,
            )
        )


# What a refund by the gateway is made of: the provider's reference of a capture, and how much of it goes back.
Sources = Sequence[tuple[str, int]]


def refund_sources(order: Order, amount: int, currency: str, invoice_id: UUID | None = None) -> Sources:
    """The captures that ``amount`` came from, those for the invoice first; refuses what the gateway did not take."""
    parts = list(_sources(order.state, amount, currency, invoice_id))
    taken = sum(part for _, part in parts)
    if taken < amount:
        detail = f"The gateway can send back {to_text(taken, currency)} {currency}. Use offline for the rest."
        raise Refusal("refund_mode_not_allowed", detail, pointer="/mode")
    return parts


def request_refunds(
    order: Order,
    sources: Sources,
    currency: str,
    intent_id: UUID,
    at: datetime,
    *,
    memo_id: UUID | None = None,
    reference: str | None = None,
) -> None:
    """Ask the gateway for each part back against its capture.

    ``intent_id`` is that of the first, from which the others are made; ``reference`` is the one under which the caller
    knows the refund.
    """
    for index, (capture_reference, part) in enumerate(sources):
        order.trigger(
            p.PaymentRefundRequested(
                occurred_at=at,
                intent_id=uuid5(intent_id, str(index)) if index else intent_id,
                amount=part,
                currency=currency,
                credit_memo_id=memo_id,
                capture_reference=capture_reference,
                whole=0 if index else sum(amount for _, amount in sources),
                provider_reference=None if index else reference,
            )
        )


def _sources(state: OrderState, amount: int, currency: str, invoice_id: UUID | None) -> Iterator[tuple[str, int]]:
    """The captures that a refund is made of, oldest first: those for its invoice, those for none, then the others."""
    if not state.method.through_gateway:
        return

    def distance(receipt: Receipt) -> int:
        return 0 if receipt.invoice_id == invoice_id else 1 if receipt.invoice_id is None else 2

    usable = [(name, each) for (money, name), each in state.receipts.items() if each.left > 0 and money == currency]
    for name, receipt in sorted(usable, key=lambda named: distance(named[1])):
        part = min(amount, receipt.left)
        amount -= part
        if part:
            yield name, part


def automatic_invoice_due(order: Order) -> bool:
    """Whether the payment method invoices by itself and its moment has come."""
    state = order.state
    return (
        state.method.automatic_invoice
        and not state.on_hold
        and state.review is None
        and not state.all_canceled
        and is_covered(state)
        and state.anything_to_invoice
    )
