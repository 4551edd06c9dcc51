"""Refunding an invoice: units with their disposition, shipping, adjustments; and the credit memo over it.

A refund names for each unit whether it had been shipped: nobody guesses. A paid invoice gives money
back, an open one on account asks for less.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain import order_events as e
from domain import payment_events as p
from domain.credit_memo import CreditMemo, CreditMemoIssued
from domain.invoice import Invoice, InvoiceRefunded
from domain.order import Order
from domain.order_state import LineState
from domain.payments import refund_sources, request_refunds
from domain.refusals import Refusal, invalid
from domain.requests import RefundedCharge, RefundedUnits, RefundRequest
from domain.values import ChargeShare, RefundedShare, TaxPart, portion, refunded, spread, to_minor, to_text


def refund(
    order: Order, invoice: Invoice, memo: CreditMemo, request: RefundRequest, at: datetime, *, intent_id: UUID
) -> None:
    """Credit what is asked for of an invoice; online, the gateway is asked for the money under ``intent_id``."""
    _require_refundable(order, invoice)
    lines = _shares(order, invoice, request.lines)
    amounts = _amounts(order, invoice, lines, request)
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


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a credit memo is made of, in minor units; ``more`` is its adjustment refund, ``fee`` what is kept."""

    lines: tuple[RefundedShare, ...]
    shipping: int = 0
    shipping_tax: int = 0
    charges: tuple[ChargeShare, ...] = ()
    more: int = 0
    fee: int = 0

    @property
    def total(self) -> int:
        """What the memo is worth."""
        goods = sum(share.total for share in self.lines)
        charges = self.shipping + self.shipping_tax + sum(charge.total for charge in self.charges)
        return goods + charges + self.more - self.fee


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
            grand_total=total,
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


def _shares(order: Order, invoice: Invoice, lines: str | Sequence[RefundedUnits]) -> tuple[RefundedShare, ...]:
    if isinstance(lines, str):
        lines = _everything(order, invoice)
    left = dict(invoice.state.remaining)
    wanted: Counter[tuple[str, str]] = Counter()
    shares = []
    for index, line in enumerate(lines):
        name, quantity, disposition = line.line_id, line.quantity, line.disposition
        if name not in order.state.lines:
            raise invalid("item_not_in_order", f"The order has no line {name}.", f"/lines/{index}/line_id")
        open_share = left.get(name)
        if open_share is None or quantity > open_share.quantity:
            units = open_share.quantity if open_share else 0
            detail = f"Only {units} units of line {name} are on this invoice and not refunded, not {quantity}."
            raise Refusal("quantity_exceeds_invoiced", detail, pointer=f"/lines/{index}/quantity")
        wanted[name, disposition] += quantity
        _check_disposition(order.state.lines[name], disposition, wanted[name, disposition], index)
        part = open_share.part(quantity, gross=order.state.prices_include_tax)
        left[name] = open_share.without(part)
        shares.append(refunded(part, disposition))
    return tuple(shares)


def _everything(order: Order, invoice: Invoice) -> list[RefundedUnits]:
    """All units left on the invoice: as many as were shipped count as shipped, the others as not."""
    lines = []
    for share in invoice.state.remaining.values():
        line = order.state.lines[share.line_id]
        shipped = min(share.quantity, max(0, line.booked - line.refunded_shipped))
        for disposition, quantity in (("shipped", shipped), ("unshipped", share.quantity - shipped)):
            if quantity:
                lines.append(RefundedUnits(line_id=share.line_id, quantity=quantity, disposition=disposition))
    return lines


def _check_disposition(line: LineState, disposition: str, quantity: int, index: int) -> None:
    if disposition == "shipped":
        most = line.booked - line.refunded_shipped
    else:
        most = line.to_ship if line.shippable else line.to_refund
    if quantity > most:
        hint = " Units of a shipment that has not left are unshipped once it is canceled." if line.booked else ""
        detail = f"Only {most} units of line {line.line_id} are {disposition}, not {quantity}.{hint}"
        raise Refusal("disposition_mismatch", detail, pointer=f"/lines/{index}/disposition")


def _amounts(order: Order, invoice: Invoice, lines: tuple[RefundedShare, ...], request: RefundRequest) -> Amounts:
    currency = order.state.currency

    def amount(asked: Decimal, name: str) -> int:
        return to_minor(asked, currency, f"/{name}")

    if request.amount is not None:
        return Amounts((), more=amount(request.amount, "amount"))
    gross = order.state.prices_include_tax
    delivery = _delivery(invoice, amount(request.shipping, "shipping"), gross, currency)
    charges = tuple(_charge(invoice, charge, place, gross, currency) for place, charge in enumerate(request.charges))
    more = amount(request.adjustment_refund, "adjustment_refund")
    fee = amount(request.adjustment_fee, "adjustment_fee")
    amounts = Amounts(lines, *delivery, charges, more=more, fee=fee)
    if amounts.total < 0:
        raise invalid("invalid_amount", "The adjustment_fee is more than what is refunded.", "/adjustment_fee")
    return amounts


def _delivery(invoice: Invoice, asked: int, gross: bool, currency: str) -> tuple[int, int]:
    """The part of the delivery charge to give back, and its tax: ``asked`` is net, or contains it where prices do."""
    net_left, tax_left = invoice.state.shipping_left, invoice.state.shipping_tax_left
    left = net_left + tax_left if gross else net_left
    if asked > left:
        detail = f"Only {to_text(left, currency)} {currency} of shipping are left to refund on this invoice."
        raise Refusal("shipping_refund_exceeds", detail, pointer="/shipping")
    return _part(asked, net_left, tax_left, gross)


def _charge(invoice: Invoice, request: RefundedCharge, place: int, gross: bool, currency: str) -> ChargeShare:
    """The part of a charge to give back: all that is left of it, unless an amount is named."""
    name = request.charge_id
    share = invoice.state.charges_left.get(name)
    if share is None:
        detail = f"There is no charge {name} on this invoice."
        raise invalid("charge_not_on_invoice", detail, f"/charges/{place}/charge_id")
    if not share.total:
        detail = f"All of the charge {name} was given back already."
        raise Refusal("charge_refund_exceeds", detail, pointer=f"/charges/{place}")
    if request.amount is None:
        return share
    left = share.total if gross else share.amount
    at = f"/charges/{place}/amount"
    asked = to_minor(request.amount, currency, at)
    if asked > left:
        detail = f"Only {to_text(left, currency)} {currency} of the charge {name} are left on this invoice."
        raise Refusal("charge_refund_exceeds", detail, pointer=at)
    return ChargeShare(name, *_part(asked, share.amount, share.tax, gross))


def _part(asked: int, net_left: int, tax_left: int, gross: bool) -> tuple[int, int]:
    """The net amount and the tax of what is ``asked`` for of a charge: net, or with its tax (``gross``)."""
    left = net_left + tax_left if gross else net_left
    tax = portion(tax_left, asked, left) if asked else 0
    return (asked - tax if gross else asked), tax


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
