"""Reviews of a payment: raising one, accepting what was paid, or denying it and ending what has not left."""

from collections.abc import Callable, Iterable
from datetime import datetime

from domain import payment_events as p
from domain import refunding
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice
from domain.invoicing import withdraw
from domain.lifecycle import require
from domain.order import Order
from domain.refusals import Refusal


def flag(order: Order, at: datetime) -> None:
    """Put the payment under review; a suspected fraud stays one."""
    require(order.state, "flag-payment")
    order.trigger(p.PaymentFlagged, at, cause="request")


def require_review(order: Order) -> None:
    """Refuse unless the payment is under review."""
    if order.state.review is None:
        raise Refusal("not_under_review", "The payment is not under review.")


def accept(order: Order, at: datetime) -> None:
    """Take what was paid as covering the order: what is due and not authorized is waived."""
    require_review(order)
    if not order.state.anything_held:
        detail = "No money is here that could be accepted. Deny the payment, or wait until something was received."
        raise Refusal("nothing_received", detail)
    waived = max(0, order.state.due - order.state.authorized)
    order.trigger(p.PaymentReviewAccepted, at, waived=waived)


def deny(order: Order, invoices: Iterable[Invoice], new_memo: Callable[[], CreditMemo], at: datetime) -> None:
    """End everything that is not shipped, invoiced or not; no money moves, it stays to be refunded.

    Open invoices are canceled. Of paid ones, and of those that a credit memo reduced before, the unshipped units are
    credited. What is on no invoice is canceled.
    """
    require_review(order)
    order.trigger(p.PaymentReviewDenied, at)
    for invoice in invoices:
        if invoice.state.state == "open" and not invoice.state.credited:
            withdraw(order, invoice, at)
            invoice.cancel(at)
        elif invoice.state.state in {"open", "paid"}:
            refunding.credit_unshipped(order, invoice, new_memo, at)
    order.cancel_remaining("payment_denied", at)
    if order.state.charge_alone and not order.state.anything_booked:
        order.cancel_units({}, "payment_denied", at)
