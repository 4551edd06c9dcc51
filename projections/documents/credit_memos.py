"""Credit memos as readers see them, and whether their money has gone back.

A memo itself is final; ``state`` is what became of the refund behind it: "refunded" (or nothing was to
go back), "pending" while the gateway has not answered or nobody sent back what a denied payment left here,
"failed" when the gateway refused and the money is still here.
"""

from operator import attrgetter
from uuid import UUID

from domain.document_kinds import CREDIT_MEMO
from domain.values import TaxPart, to_text
from projections.documents.invoices import of_order
from projections.documents.kind import FOUND_BY_ORDER, LINE, MONEY, ORDER_LIFE, Fact, Form, Kind
from projections.documents.money_lines import (
    Billed,
    charges_shown,
    external_shown,
    money_lines,
    shipping_shown,
    taxes,
    totals,
)
from projections.documents.shapes.billing import CREDIT_MEMO_STATES, CreditMemoInFull, CreditMemoSummary, TaxShown
from projections.documents.shapes.common import address_shown
from projections.documents.supply import goods_of
from projections.order_history.history import CreditMemoHistory, OrderHistory
from projections.paging.times import rfc3339

STATES = CREDIT_MEMO_STATES


def _is_held(history: OrderHistory) -> bool:
    """Whether money is here that no invoice holds, such as that of a denied payment."""
    return history.order.uninvoiced_money > 0


def _state(history: OrderHistory, memo_id: UUID, memo: CreditMemoHistory) -> str:
    if history.order.intent_for(memo_id) is not None:
        return "pending"
    if memo.issued.mode == "none" and not memo.issued.cancels and memo.issued.grand_total and _is_held(history):
        return "pending"
    waits = history.order.unsettled and str(memo_id) in history.order.unreturned
    return "failed" if waits else "refunded"


def summary(history: OrderHistory, memo_id: UUID, memo: CreditMemoHistory) -> CreditMemoSummary:
    """The credit memo as a list, and its order, show it."""
    issued = memo.issued
    invoice = history.invoices[issued.invoice_id]
    return {
        "credit_memo_id": str(memo_id),
        "credit_memo_number": issued.document_number,
        "order_id": str(history.order_id),
        "order_number": history.order_number,
        "store": history.order.store,
        "invoice_id": str(issued.invoice_id),
        "invoice_number": invoice.issued.document_number,
        "state": _state(history, memo_id, memo),
        "issued_at": rfc3339(issued.issued_at),
        "bill_to_name": (invoice.billing_address or {}).get("name"),
        "currency": issued.currency,
        "grand_total": to_text(issued.grand_total, issued.currency),
        "mode": issued.mode,
    }


def _part(part: TaxPart, currency: str) -> TaxShown:
    """What of an adjustment is of one tax rate."""
    net, tax = to_text(part.net, currency), to_text(part.tax, currency)
    return {"tax_rate": part.tax_rate, "net": net, "tax": tax, "named": []}


def detail(history: OrderHistory, memo_id: UUID) -> CreditMemoInFull | None:
    """The credit memo in full; None when the order has none of that id."""
    memo = history.credit_memos.get(memo_id)
    if memo is None or history.placed is None:
        return None
    issued = memo.issued
    invoice = history.invoices[issued.invoice_id]
    kept = tuple(part.negated() for part in issued.fee_taxes)
    delivery = (issued.shipping, issued.shipping_tax)
    billed = Billed(issued.lines, delivery, issued.charges, (*issued.adjustment_taxes, *kept))
    return {
        **summary(history, memo_id, memo),
        **of_order(history.placed),
        "invoice_issued_at": rfc3339(invoice.issued.issued_at),
        "base_rate": history.placed.base_rate,
        "billing_address": address_shown(invoice.billing_address),
        "shipping_address": address_shown(invoice.shipping_address),
        "lines": money_lines(history, issued.lines),
        "shipping": shipping_shown(history, *delivery),
        "charges": charges_shown(history, billed.charges),
        "taxes": taxes(history, billed),
        "totals": totals(billed, issued.currency),
        "vat_id": history.placed.vat_id,
        "external": external_shown(issued.external),
        "cancels": issued.cancels,
        "goods": bool(goods_of(history, issued.lines)),
        "adjustment_parts": [_part(part, issued.currency) for part in issued.adjustment_taxes],
        "fee_parts": [_part(part, issued.currency) for part in kept],
        "adjustment_refund": to_text(issued.adjustment_refund, issued.currency),
        "adjustment_fee": to_text(issued.adjustment_fee, issued.currency),
    }


KIND = Kind(
    document=CREDIT_MEMO,
    life=ORDER_LIFE,
    among=attrgetter("credit_memos"),
    summary=summary,
    detail=lambda history, memo_id, _: detail(history, memo_id),
    moment="issued_at",
    states=STATES,
    of_money=True,
    found_by=(*FOUND_BY_ORDER, "invoice_number"),
    facts=(*MONEY, Fact("invoice_id", Form.ID), Fact("invoice_number"), Fact("mode")),
    in_full=(
        Fact("lines", LINE, several=True),
        Fact("adjustment_refund", Form.AMOUNT),
        Fact("adjustment_fee", Form.AMOUNT),
    ),
    columns=(
        *("credit_memo_number", "order_number", "invoice_number", "issued_at", "bill_to_name"),
        *("state", "grand_total"),
    ),
    exported=(
        *("credit_memo_number", "order_number", "store", "state", "issued_at", "bill_to_name", "currency"),
        *("grand_total", "invoice_number", "mode", "credit_memo_id", "order_id"),
    ),
)
