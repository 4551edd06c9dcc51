"""Invoices as readers see them: in an order, in the list, and each in full.

An invoice shows the addresses and amounts of the moment in which it was issued, whatever the order
became later; what was paid and refunded on it is as of now.
"""

from operator import attrgetter
from uuid import UUID

from domain.document_kinds import INVOICE
from domain.order_events import OrderPlaced
from domain.values import to_text
from projections.documents.kind import ADDRESSES, FOUND_BY_ORDER, LINE, MONEY, ORDER_LIFE, Fact, Form, Kind
from projections.documents.money_lines import (
    Billed,
    charges_shown,
    discounts_shown,
    external_shown,
    money_lines,
    shipping_shown,
    taxes,
    totals,
)
from projections.documents.shapes.billing import (
    INVOICE_STATES,
    InvoiceInFull,
    InvoiceInOrder,
    InvoiceSummary,
    OfOrder,
)
from projections.documents.shapes.common import address_shown
from projections.documents.supply import goods_of, supplied_at
from projections.order_history.history import InvoiceHistory, OrderHistory
from projections.paging.times import rfc3339

STATES = INVOICE_STATES


def in_order(invoice_id: UUID, invoice: InvoiceHistory, currency: str) -> InvoiceInOrder:
    """The invoice as its order shows it."""
    issued = invoice.issued
    return {
        "invoice_id": str(invoice_id),
        "invoice_number": issued.document_number,
        "state": invoice.state.state,
        "issued_at": rfc3339(issued.issued_at),
        "lines": [{"line_id": share.line_id, "quantity": share.quantity} for share in issued.lines],
        "shipping": to_text(issued.shipping, currency),
        "charges": [{"charge_id": each.charge_id, "total": to_text(each.total, currency)} for each in issued.charges],
        "grand_total": to_text(issued.grand_total, currency),
        "paid": to_text(invoice.state.received, currency),
        "external": external_shown(issued.external),
    }


def summary(history: OrderHistory, invoice_id: UUID, invoice: InvoiceHistory) -> InvoiceSummary:
    """The invoice as a list shows it."""
    issued, state, currency = invoice.issued, invoice.state, invoice.issued.currency
    return {
        "invoice_id": str(invoice_id),
        "invoice_number": issued.document_number,
        "order_id": str(history.order_id),
        "order_number": history.order_number,
        "store": history.order.store,
        "state": state.state,
        "issued_at": rfc3339(issued.issued_at),
        "bill_to_name": (invoice.billing_address or {}).get("name"),
        "currency": currency,
        "grand_total": to_text(issued.grand_total, currency),
        "paid": to_text(state.received, currency),
        "refunded": to_text(state.refunded, currency),
        "credited": to_text(state.credited, currency),
        "waived": to_text(state.waived, currency),
        "due": to_text(max(0, state.rest), currency),
    }


def of_order(placed: OrderPlaced) -> OfOrder:
    """What a document says of the order it is about: whom to reach, and what the customer calls the order."""
    return {
        "external_reference": placed.external_reference,
        "customer_email": (placed.customer or {}).get("email"),
    }


def detail(history: OrderHistory, invoice_id: UUID) -> InvoiceInFull | None:
    """The invoice in full; None when the order has none of that id."""
    invoice = history.invoices.get(invoice_id)
    if invoice is None or history.placed is None:
        return None
    issued, placed = invoice.issued, history.placed
    billed = Billed(issued.lines, (issued.shipping, issued.shipping_tax), issued.charges)
    details = placed.details
    return {
        **summary(history, invoice_id, invoice),
        **of_order(placed),
        "purchased_at": rfc3339(placed.occurred_at),
        "base_rate": placed.base_rate,
        "payment_method": history.order.payment_method,
        "payment_title": details.payment_title if details else None,
        "capture": issued.capture,
        "supplied_at": None if (supplied := supplied_at(history, issued)) is None else rfc3339(supplied),
        "goods": bool(goods_of(history, issued.lines)),
        "billing_address": address_shown(invoice.billing_address),
        "shipping_address": address_shown(invoice.shipping_address),
        "lines": money_lines(history, issued.lines),
        "shipping": shipping_shown(history, *billed.delivery),
        "charges": charges_shown(history, billed.charges),
        "discounts": discounts_shown(history),
        "taxes": taxes(history, billed),
        "totals": totals(billed, issued.currency),
        "purchase_order": details.purchase_order if details else None,
        "due_date": details.due_date.isoformat() if details and details.due_date else None,
        "vat_id": placed.vat_id,
        "registration_id": placed.registration_id,
        "external": external_shown(issued.external),
        "credit_memos": [
            {
                "credit_memo_id": str(memo_id),
                "credit_memo_number": memo.issued.document_number,
            }
            for memo_id, memo in history.credit_memos.items()
            if memo.issued.invoice_id == invoice_id
        ],
    }


KIND = Kind(
    document=INVOICE,
    life=ORDER_LIFE,
    among=attrgetter("invoices"),
    summary=summary,
    detail=lambda history, invoice_id, _: detail(history, invoice_id),
    moment="issued_at",
    states=STATES,
    of_money=True,
    found_by=FOUND_BY_ORDER,
    facts=(*MONEY, *(Fact(name, Form.AMOUNT) for name in ("paid", "refunded", "credited", "waived", "due"))),
    in_full=(Fact("lines", LINE, several=True), *ADDRESSES, Fact("totals", Form.OBJECT)),
    columns=("invoice_number", "order_number", "issued_at", "bill_to_name", "state", "grand_total", "due"),
    exported=(
        *("invoice_number", "order_number", "store", "state", "issued_at", "bill_to_name", "currency", "grand_total"),
        *("paid", "refunded", "credited", "waived", "due", "invoice_id", "order_id"),
    ),
)
