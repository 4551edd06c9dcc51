"""Reviews of a payment: raising one, accepting what was paid, or denying it and ending what has not left."""

from collections.abc import Callable, Iterable
from datetime import datetime

from domain import payment_events as p
from domain import refunding
from domain.canceling import cancel_remaining, give_up
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice
from domain.invoicing import withdraw
from domain.lifecycle import require
from domain.order import Order


def flag(order: Order, at: datetime) -> None:
    """Put the payment under review; a suspected fraud stays one."""
    require(order.state, "flag-payment", at)
    order.trigger(p.PaymentFlagged(occurred_at=at, cause="request"))


def accept(order: Order, at: datetime) -> None:
    """Take what was paid as covering the order: what is due and not authorized is waived.

    An authorization is accepted too, and waives nothing.
    """
    state = order.state
    require(state, "accept-payment", at)
    waived = max(0, state.due - state.authorized) if state.anything_held else 0
    order.trigger(p.PaymentReviewAccepted(occurred_at=at, waived=waived))


def deny(order: Order, invoices: Iterable[Invoice], new_memo: Callable[[], CreditMemo], at: datetime) -> None:
    """End everything that is not shipped, invoiced or not; no money moves, it stays to be refunded.

    Open invoices are canceled, then what is on no invoice. Of paid invoices, and of those that a credit memo reduced
    before, the units that are still unshipped are credited.
    """
    require(order.state, "deny-payment", at)
    order.trigger(p.PaymentReviewDenied(occurred_at=at))
    active = [invoice for invoice in invoices if invoice.state.state in {"open", "paid"}]
    credited = [invoice for invoice in active if invoice.state.state == "paid" or invoice.state.credit_memos]
    for invoice in active:
        if invoice not in credited:
            withdraw(order, invoice, at)
            invoice.cancel(at)
    cancel_remaining(order, "payment_denied", at)
    for invoice in credited:
        refunding.credit_unshipped(order, invoice, new_memo, at)
    if order.state.charge_alone and not order.state.anything_booked:
        give_up(order, {}, "payment_denied", at)
