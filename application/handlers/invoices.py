"""Issuing, settling and canceling invoices."""

from application.book import OrderBook
from application.work import Work
from domain import invoicing
from domain.payments import automatic_invoice_due


def issue(book: OrderBook, work: Work) -> None:
    """Invoice named quantities, or all that remain."""
    invoice = book.new_invoice(work.chosen_id("invoice_id"))
    invoicing.issue(book.order, invoice, work.body, work.at)


def issue_if_due(book: OrderBook, work: Work) -> None:
    """Invoice everything where the payment method does so by itself and the money is there."""
    if automatic_invoice_due(book.order):
        invoice = book.new_invoice(work.new_id())
        invoicing.issue(book.order, invoice, {"lines": "all_remaining", "notify": True}, work.at)


def capture(book: OrderBook, work: Work) -> None:
    """Collect what an open invoice waits for."""
    invoicing.settle(book.order, book.invoice(work.target), work.at)


def cancel(book: OrderBook, work: Work) -> None:
    """Withdraw an open invoice."""
    invoicing.cancel(book.order, book.invoice(work.target), work.at)
