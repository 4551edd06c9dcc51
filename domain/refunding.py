"""Refunding an invoice: units with their disposition, shipping, adjustments; and the credit memo over it.

A refund names for each unit whether it had been shipped: nobody guesses. A paid invoice gives money
back, an open one on account asks for less.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain import order_events as e
from domain import payment_events as p
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice, InvoiceRefunded
from domain.order import Order
from domain.order_state import LineState
from domain.refusals import Refusal, invalid
from domain.values import RefundedShare, Share, portion, to_minor, to_text


def refund(order: Order, invoice: Invoice, memo: CreditMemo, request: Mapping[str, Any], at: datetime) -> None:
    """Credit ``lines``, ``shipping`` (net), ``adjustment_refund`` less ``adjustment_fee`` of an invoice.

    ``request`` has the ``intent_id`` under which the gateway is asked when ``mode`` is "online".
    """
    _require_refundable(order, invoice)
    lines = _shares(order, invoice, request["lines"])
    document = _amounts(order, invoice, lines, request)
    total = document.pop("total")
    available, is_open = _available(invoice)
    currency = order.state.currency
    if total > available:
        detail = f"{to_text(total, currency)} are more than the {to_text(available, currency)} {currency} left."
        raise Refusal("refund_exceeds_paid", detail)
    if total <= 0 and not lines:
        raise invalid("nothing_to_refund", "Name lines, shipping or an adjustment to refund.", "/lines")
    credited = total if is_open else 0
    order.trigger(
        e.ItemsRefunded,
        at,
        credit_memo_id=memo.id,
        invoice_id=invoice.id,
        lines=lines,
        released=total - credited,
        credited=credited,
    )
    mode = request.get("mode", "offline")
    _give_back(order, memo, total - credited, request, at)
    parts = {"lines": lines, "shipping": document["shipping"], "shipping_tax": document["shipping_tax"]}
    invoice.trigger(InvoiceRefunded, at, credit_memo_id=memo.id, total=total, credited=credited, **parts)
    if is_open and invoice.rest == 0:
        invoice.settle(invoice.state.received, at)
    memo.issue(
        at,
        order_id=order.id,
        invoice_id=invoice.id,
        currency=currency,
        mode=mode,
        notify=request.get("notify", False),
        lines=lines,
        grand_total=total,
        **document,
    )


def _require_refundable(order: Order, invoice: Invoice) -> None:
    if invoice.state.state not in {"paid", "open"}:
        raise Refusal("refund_exceeds_paid", f"The invoice is {invoice.state.state}.")
    if order.state.intent_for(invoice.id):
        raise Refusal("capture_pending", "The gateway was asked about this invoice and has not answered yet.")


def _available(invoice: Invoice) -> tuple[int, bool]:
    """What can be credited at most, and whether that only reduces what is due."""
    if invoice.state.state == "open":
        return invoice.rest, True
    return invoice.state.received - invoice.state.refunded, False


def _shares(order: Order, invoice: Invoice, lines: str | Sequence[Mapping[str, Any]]) -> tuple[RefundedShare, ...]:
    if isinstance(lines, str):
        lines = _everything(order, invoice)
    left = dict(invoice.state.remaining)
    wanted: Counter[tuple[str, str]] = Counter()
    shares = []
    for index, line in enumerate(lines):
        name, quantity, disposition = line["line_id"], line["quantity"], line["disposition"]
        if name not in order.state.lines:
            raise invalid("item_not_in_order", f"The order has no line {name}.", f"/lines/{index}/line_id")
        open_share = left.get(name)
        if open_share is None or quantity > open_share.quantity:
            units = open_share.quantity if open_share else 0
            detail = f"Of line {name} only {units} of {quantity} are on this invoice and not refunded."
            raise Refusal("quantity_exceeds_invoiced", detail, pointer=f"/lines/{index}/quantity")
        wanted[name, disposition] += quantity
        _check_disposition(order.state.lines[name], disposition, wanted[name, disposition], index)
        share = open_share.part(quantity)
        left[name] = open_share.without(share)
        shares.append(_refunded(share, disposition))
    return tuple(shares)


def _refunded(share: Share, disposition: str) -> RefundedShare:
    return RefundedShare(share.line_id, share.quantity, share.subtotal, share.discount, share.tax, disposition)


def _everything(order: Order, invoice: Invoice) -> list[dict[str, Any]]:
    """All units left on the invoice: as many as were shipped count as shipped, the others as not."""
    lines = []
    for share in invoice.state.remaining.values():
        line = order.state.lines[share.line_id]
        shipped = min(share.quantity, max(0, line.booked - line.refunded_shipped))
        for disposition, quantity in (("shipped", shipped), ("unshipped", share.quantity - shipped)):
            if quantity:
                lines.append({"line_id": share.line_id, "quantity": quantity, "disposition": disposition})
    return lines


def _check_disposition(line: LineState, disposition: str, quantity: int, index: int) -> None:
    if disposition == "shipped":
        most = line.booked - line.refunded_shipped
    else:
        most = line.to_ship if line.shippable else line.to_refund
    if quantity > most:
        detail = f"Of line {line.line_id} only {most} of {quantity} units are {disposition}."
        raise Refusal("disposition_mismatch", detail, pointer=f"/lines/{index}/disposition")


def _amounts(
    order: Order, invoice: Invoice, lines: Sequence[RefundedShare], request: Mapping[str, Any]
) -> dict[str, Any]:
    currency, left = order.state.currency, invoice.state.shipping_left

    def amount(name: str) -> int:
        return to_minor(request.get(name, Decimal(0)), currency, f"/{name}")

    shipping = amount("shipping")
    if shipping > left:
        detail = f"Only {to_text(left, currency)} {currency} of shipping are left on this invoice."
        raise Refusal("shipping_refund_exceeds", detail, pointer="/shipping")
    shipping_tax = portion(invoice.state.shipping_tax_left, shipping, left) if shipping else 0
    more, fee = amount("adjustment_refund"), amount("adjustment_fee")
    total = sum(share.total for share in lines) + shipping + shipping_tax + more - fee
    if total < 0:
        raise invalid("invalid_amount", "The fee is more than what is refunded.", "/adjustment_fee")
    return {
        "shipping": shipping,
        "shipping_tax": shipping_tax,
        "adjustment_refund": more,
        "adjustment_fee": fee,
        "total": total,
    }


def _give_back(order: Order, memo: CreditMemo, amount: int, request: Mapping[str, Any], at: datetime) -> None:
    if amount == 0:
        return
    if request.get("mode") == "online":
        intent = {"intent_id": request["intent_id"], "amount": amount, "credit_memo_id": memo.id}
        order.trigger(p.PaymentRefundRequested, at, **intent)
    else:
        order.trigger(p.PaymentRefunded, at, amount=amount, credit_memo_id=memo.id)
