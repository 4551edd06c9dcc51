"""What follows by itself when money or units of an order moved.

Money received settles open invoices, the oldest first; the methods that invoice by themselves do so once the order is
covered; and what is authorized and needed for nothing any more is given up with the last invoice. None of it refuses:
what cannot follow now waits.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from application.book import Book
from application.work import Work
from domain import invoicing
from domain.invoice import Invoice
from domain.payments import automatic_invoice_due, release_authorizations


def _active_invoices(book: Book) -> list[Invoice]:
    """The invoices that were neither canceled nor voided nor corrected, the oldest first."""
    return [book.invoice(UUID(invoice_id)) for invoice_id in book.order.state.invoices]


def _open_invoices(book: Book) -> Iterator[Invoice]:
    """The invoices that wait for money, the oldest first."""
    return (invoice for invoice in _active_invoices(book) if invoice.state.state == "open")


def settle(book: Book, at: datetime) -> None:
    """Let money settle what waits for it; what was waived for money that went back waits again."""
    state = book.order.state
    invoicing.reopen(book.order, reversed(_active_invoices(book)), at)
    invoicing.settle_open(book.order, _open_invoices(book), at)
    if not (state.anything_to_invoice or state.open_invoices):
        release_authorizations(book.order, at)


def settle_and_invoice(book: Book, work: Work) -> None:
    """Let money settle what waits for it, and issue the automatic invoice when its moment has come."""
    if automatic_invoice_due(book.order):
        invoice = book.new(Invoice, work.new_id())
        request = {"lines": "all_remaining", "notify": True, "intent_id": work.new_id()}
        invoicing.issue(book.order, invoice, request, work.at)
    settle(book, work.at)
