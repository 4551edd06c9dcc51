"""Issuing, settling, undoing and refunding invoices."""

from application.book import Book
from application.work import Work
from domain import invoicing, refunding
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice
from domain.payments import automatic_invoice_due


def issue(book: Book, work: Work) -> None:
    """Invoice named quantities, or all that remain."""
    invoice = book.new(Invoice, work.chosen_id("invoice_id"))
    invoicing.issue(book.order, invoice, work.body | {"intent_id": work.new_id()}, work.at)


def issue_if_due(book: Book, work: Work) -> None:
    """Invoice everything where the payment method does so by itself and the money is there."""
    if automatic_invoice_due(book.order):
        invoice = book.new(Invoice, work.new_id())
        request = {"lines": "all_remaining", "notify": True, "intent_id": work.new_id()}
        invoicing.issue(book.order, invoice, request, work.at)


def capture(book: Book, work: Work) -> None:
    """Collect what an open invoice waits for."""
    invoicing.settle(book.order, book.invoice(work.target), work.new_id(), work.at)


def cancel(book: Book, work: Work) -> None:
    """Withdraw an open invoice."""
    invoicing.cancel(book.order, book.invoice(work.target), work.at)


def void(book: Book, work: Work) -> None:
    """Undo a paid invoice together with its capture."""
    invoicing.void(book.order, book.invoice(work.target), work.new_id(), work.at)


def refund(book: Book, work: Work) -> None:
    """Credit units, shipping or an adjustment of an invoice."""
    invoice = book.invoice(work.target)
    memo = book.new(CreditMemo, work.new_id())
    refunding.refund(book.order, invoice, memo, work.body | {"intent_id": work.new_id()}, work.at)
