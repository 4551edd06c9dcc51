"""Printings and copies of documents: recorded beside the order, never in its stream."""

from collections.abc import Callable

from application.book import Book
from application.work import Work
from domain.aggregate import Aggregate
from domain.invoice import Invoice
from domain.printing import Printing


def printed(kind: type[Aggregate]) -> Callable[[Book, Work], None]:
    """The handler that records the printing of a document of this kind."""

    def record(book: Book, work: Work) -> None:
        document = book.document(kind, work.target)
        book.new(Printing, work.new_id()).record(document, work.at)

    return record


def send_copy(book: Book, work: Work) -> None:
    """Have a copy of an invoice sent to the customer."""
    document = book.document(Invoice, work.target)
    book.new(Printing, work.new_id()).request_copy(document, work.at)
