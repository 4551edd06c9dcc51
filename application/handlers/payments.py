"""What payment providers report, and what is decided about it."""

from application.book import Book
from application.handlers.settlement import settle, settle_and_invoice
from application.handlers.shipments import cancel_booked
from application.work import Work
from domain import payments, reviews
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice
from domain.shipment import Shipment
from domain.values import to_minor


def _amount(book: Book, work: Work) -> tuple[int, str]:
    currency = work.body.get("currency") or book.order.state.currency
    return to_minor(work.body["amount"], currency, "/amount"), currency


def authorize(book: Book, work: Work) -> None:
    """Record a promise of money."""
    amount, currency = _amount(book, work)
    payments.authorize(book.order, amount, currency, work.body["provider_reference"], work.at)


def capture(book: Book, work: Work) -> None:
    """Record money received; what it pays for follows in the same append."""
    amount, currency = _amount(book, work)
    payments.capture(book.order, amount, currency, work.body["provider_reference"], work.at)
    settle_and_invoice(book, work)


def fail(book: Book, work: Work) -> None:
    """Record a payment that did not succeed."""
    payments.fail(book.order, work.body.get("provider_reference"), work.at)


def void(book: Book, work: Work) -> None:
    """Record that authorized money will not be taken."""
    payments.void(book.order, work.body.get("provider_reference"), work.at)


def flag(book: Book, work: Work) -> None:
    """Put the payment under review."""
    reviews.flag(book.order, work.at)


def accept(book: Book, work: Work) -> None:
    """Take what was paid as covering the order."""
    reviews.accept(book.order, work.at)
    settle_and_invoice(book, work)


def deny(book: Book, work: Work) -> None:
    """End all that has not left: bookings that no carrier has yet, invoices, and units on none."""
    aggregates = list(book.aggregates.values())
    reviews.require_review(book.order)
    for shipment in aggregates:
        if isinstance(shipment, Shipment) and shipment.is_waiting:
            cancel_booked(book, work, shipment)
    invoices = [each for each in aggregates if isinstance(each, Invoice)]
    reviews.deny(book.order, invoices, lambda: book.new(CreditMemo, work.new_id()), work.at)
    settle(book, work.at)
    payments.release_authorizations(book.order, work.at)


def refund(book: Book, work: Work) -> None:
    """Give money back that no invoice holds."""
    amount, currency = _amount(book, work)
    payments.refund(book.order, amount, currency, work.body | {"intent_id": work.new_id()}, work.at)
    settle(book, work.at)
