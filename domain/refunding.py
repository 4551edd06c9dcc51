"""Refunding an invoice: units with their disposition, shipping, adjustments; and the credit memo over it.

A refund names for each unit whether it had been shipped: nobody guesses. A paid invoice gives money
back, an open one on account asks for less.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain import order_events as e
from domain import payment_events as p
from domain.credit_memo import CreditMemo, CreditMemoIssued
from domain.invoice import Invoice, InvoiceRefunded
from domain.order import Order
from domain.payments import refund_sources, request_refunds
from domain.refund_amounts import Amounts, amounts_to_refund, shares_to_refund
from domain.refusals import Refusal, invalid
from domain.requests import RefundRequest
from domain.values import RefundedShare, TaxPart, portion, refunded, spread, to_text


def refund(
    order: Order, invoice: Invoice, memo: CreditMemo, request: RefundRequest, at: datetime, *, intent_id: UUID
) -> None:
    """Credit what is asked for of an invoice; online, the gateway is asked for the money under ``intent_id``."""
    _require_refundable(order, invoice)
    lines = shares_to_refund(order, invoice, request.lines)
    amounts = amounts_to_refund(order, invoice, lines, request)
    available = _available(invoice)
    if amounts.total > available:
        given, left = (to_text(amount, order.state.currency) for amount in (amounts.total, available))
        raise Refusal(
            "refund_exceeds_paid",
            f"{given} {order.state.currency} are more than the {left} {order.state.currency} left on the invoice.",
        )
    if amounts.total <= 0 and not lines:
        raise invalid("nothing_to_refund", "Name lines, shipping or an adjustment to refund.", "/lines")
    mode, currency = request.mode, order.state.currency
    money = max(0, amounts.total - invoice.rest)
    sources = refund_sources(order, money, currency, invoice.id) if mode == "online" else ()
    memo.external = request.external
    _credit(order, invoice, memo, amounts, at, mode=mode, notify=request.notify)
    if sources:
        request_refunds(order, sources, currency, intent_id, at, memo_id=memo.id)
    elif money:
        order.trigger(p.PaymentRefunded(occurred_at=at, amount=money, currency=currency, credit_memo_id=memo.id))


def credit_unshipped(order: Order, invoice: Invoice, new_memo: Callable[[], CreditMemo], at: datetime) -> None:
    """Credit the units of an invoice that have not left, and its charges where nothing has; no money moves.

    What was never paid of them, or given back before, is kept off the memo as its fee.
    """
    alive = order.state.invoices[str(invoice.id)].units
    lines = tuple(
        refunded(share.part(quantity, gross=order.state.prices_include_tax), "unshipped")
        for share in invoice.state.remaining.values()
        if (quantity := min(alive[share.line_id], order.state.lines[share.line_id].to_ship))
    )
    amounts = Amounts(lines)
    if not order.state.anything_booked:
        document = invoice.state
        charges = tuple(charge for charge in document.charges_left.values() if charge.total)
        amounts = Amounts(lines, document.shipping_left, document.shipping_tax_left, charges)
    if not lines and not amounts.total:
        return
    amounts = replace(amounts, fee=max(0, amounts.total - _available(invoice)))
    _credit(order, invoice, new_memo(), amounts, at, mode="none", notify=False)


def _credit(
    order: Order, invoice: Invoice, memo: CreditMemo, amounts: Amounts, at: datetime, *, mode: str, notify: bool
) -> None:
    """Write down the memo and what it takes out of the order and the invoice."""
    total, is_open = amounts.total, invoice.state.state == "open"
    credited = min(total, invoice.rest)
    unpaid = _units_without_worth(order, invoice, amounts.lines) if 0 < total == _available(invoice) else ()
    order.trigger(
        e.ItemsRefunded(
            occurred_at=at,
            credit_memo_id=memo.id,
            invoice_id=invoice.id,
            lines=(*amounts.lines, *unpaid),
            released=total - credited,
            credited=credited,
        )
    )
    invoice.trigger(
        InvoiceRefunded(
            occurred_at=at,
            credit_memo_id=memo.id,
            lines=amounts.lines,
            shipping=amounts.shipping,
            shipping_tax=amounts.shipping_tax,
            charges=amounts.charges,
            total=total,
            credited=credited,
        )
    )
    if is_open and invoice.rest == 0:
        invoice.settle(invoice.state.received, at)
    _issue(order, invoice, memo, amounts, at, mode=mode, notify=notify)


def _issue(
    order: Order, invoice: Invoice, memo: CreditMemo, amounts: Amounts, at: datetime, *, mode: str, notify: bool
) -> None:
    """Issue the memo, with the tax that its adjustments contain."""
    memo.trigger(
        CreditMemoIssued(
            occurred_at=at,
            prefix=memo.prefix,
            order_id=order.id,
            invoice_id=invoice.id,
            currency=order.state.currency,
            mode=mode,
            notify=notify,
            lines=amounts.lines,
            shipping=amounts.shipping,
            shipping_tax=amounts.shipping_tax,
            charges=amounts.charges,
            adjustment_refund=amounts.more,
            adjustment_fee=amounts.fee,
            adjustment_taxes=_taxes_of(order, invoice, amounts.more),
            fee_taxes=_taxes_of(order, invoice, amounts.fee),
            grand_total=amounts.total,
            stationery=None if memo.external else memo.stationery,
            external=memo.external,
            dated_at=None if memo.external else memo.dated_at,
        )
    )


def _units_without_worth(order: Order, invoice: Invoice, credited: Sequence[RefundedShare]) -> Iterator[RefundedShare]:
    """Unshipped units of an invoice whose whole money a memo takes away without naming them: they never leave.

    Units of the line that stand on other invoices, or on none yet, keep their right to be shipped.
    """
    taken = Counter[str]()
    leaving = Counter[str]()
    for credit in credited:
        taken[credit.line_id] += credit.quantity
        leaving[credit.line_id] += credit.quantity if credit.disposition == "unshipped" else 0
    for name, share in invoice.state.remaining.items():
        line = order.state.lines[name]
        left = share.quantity - taken[name]
        others = line.to_refund - share.quantity + line.to_invoice
        quantity = min(left, line.to_ship - leaving[name] - others)
        if share.total > 0 and quantity > 0:
            yield RefundedShare(name, quantity, 0, 0, 0, "unshipped")


def _require_refundable(order: Order, invoice: Invoice) -> None:
    if invoice.state.state not in {"paid", "open"}:
        raise Refusal(
            "refund_exceeds_paid", f"The invoice is {invoice.state.state}, so there is nothing to refund from it."
        )
    if order.state.intent_for(invoice.id):
        raise Refusal(
            "capture_pending", "The gateway was asked about this invoice and has not answered yet. Try again later."
        )


def _available(invoice: Invoice) -> int:
    """What can be credited at most: what is due on it, which is reduced first, and the money that lies on it."""
    return invoice.rest + invoice.state.money


def _taxes_of(order: Order, invoice: Invoice, amount: int) -> tuple[TaxPart, ...]:
    """What an adjustment contains of each tax rate, in the proportion of the invoice as it was issued."""
    rates = {line.line_id: line.tax_rate for line in order.basket.lines}
    sums: dict[str | None, list[int]] = {}
    shares = [(rates.get(share.line_id), share.subtotal - share.discount, share.tax) for share in invoice.state.lines]
    if order.basket.shipping is not None:
        shares.append((order.basket.shipping.tax_rate, invoice.state.shipping, invoice.state.shipping_tax))
    rates = {charge.charge_id: charge.tax_rate for charge in order.basket.charges}
    shares += [(rates.get(part.charge_id), part.amount, part.tax) for part in invoice.state.charges]
    for rate, net, tax in shares:
        of_rate = sums.setdefault(rate, [0, 0])
        of_rate[0] += net
        of_rate[1] += tax
    if not amount or not any(map(sum, sums.values())):
        return ()
    parts = zip(sums.items(), spread(amount, [sum(each) for each in sums.values()]), strict=True)
    taxes = [(rate, part, portion(tax, part, net + tax)) for (rate, (net, tax)), part in parts if part]
    return tuple(TaxPart(rate, part - tax, tax) for rate, part, tax in taxes)
