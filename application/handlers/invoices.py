"""Issuing, settling, undoing, correcting and refunding invoices."""

from application.book import Book
from application.handlers.settlement import settle
from application.work import Work
from domain import invoicing, refunding
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice


def issue(book: Book, work: Work) -> None:
    """Invoice named quantities, or all that remain."""
    invoice = book.new(Invoice, work.chosen_id("invoice_id"))
    invoicing.issue(book.order, invoice, work.body | {"intent_id": work.new_id()}, work.at)
    settle(book, work.at)


def capture(book: Book, work: Work) -> None:
    """Collect what an open invoice waits for."""
    invoicing.settle(book.order, book.invoice(work.target), work.new_id(), work.at)
    settle(book, work.at)


def cancel(book: Book, work: Work) -> None:
    """Withdraw an open invoice."""
    invoicing.cancel(book.order, book.invoice(work.target), work.at)
    settle(book, work.at)


def void(book: Book, work: Work) -> None:
    """Undo a paid invoice together with its capture."""
    invoicing.void(book.order, book.invoice(work.target), work.new_id(), work.at)


def correct(book: Book, work: Work) -> None:
    """Take a paid invoice back by a cancelling credit memo, to be issued anew."""
    memo = book.new(CreditMemo, work.new_id())
    notify = work.body.get("notify", False)
    invoicing.correct(book.order, book.invoice(work.target), memo, work.at, notify=notify)
    settle(book, work.at)


def refund(book: Book, work: Work) -> None:
    """Credit units, shipping or an adjustment of an invoice."""
    invoice = book.invoice(work.target)
    memo = book.new(CreditMemo, work.new_id())
    refunding.refund(book.order, invoice, memo, work.body | {"intent_id": work.new_id()}, work.at)
    settle(book, work.at)
