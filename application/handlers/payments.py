"""What payment providers report, and what is decided about it."""

from application.book import Book
from application.handlers.invoices import issue_if_due
from application.work import Work
from domain import payments
from domain.values import to_minor


def _amount(book: Book, work: Work) -> tuple[int, str]:
    currency = work.body.get("currency", book.order.state.currency)
    return to_minor(work.body["amount"], currency, "/amount"), currency


def authorize(book: Book, work: Work) -> None:
    """Record a promise of money."""
    amount, currency = _amount(book, work)
    payments.authorize(book.order, amount, currency, work.body["provider_reference"], work.at)


def capture(book: Book, work: Work) -> None:
    """Record money received; methods that invoice by themselves do so in the same append."""
    amount, currency = _amount(book, work)
    payments.capture(book.order, amount, currency, work.body["provider_reference"], work.at)
    issue_if_due(book, work)


def fail(book: Book, work: Work) -> None:
    """Record a payment that did not succeed."""
    payments.fail(book.order, work.body.get("provider_reference"), work.at)


def void(book: Book, work: Work) -> None:
    """Record that authorized money will not be taken."""
    payments.void(book.order, work.body.get("provider_reference"), work.at)


def flag(book: Book, work: Work) -> None:
    """Put the payment under review."""
    payments.flag(book.order, work.at)


def accept(book: Book, work: Work) -> None:
    """Take what was paid as covering the order."""
    payments.accept(book.order, work.at)
    issue_if_due(book, work)


def deny(book: Book, work: Work) -> None:
    """Cancel what is not shipped."""
    payments.deny(book.order, work.at)


def refund(book: Book, work: Work) -> None:
    """Give money back that no invoice holds."""
    amount, _ = _amount(book, work)
    payments.refund(book.order, amount, work.body | {"intent_id": work.new_id()}, work.at)
