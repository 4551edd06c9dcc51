"""Printings and copies of documents: recorded beside the order, never in its stream."""

from collections.abc import Callable

from application.command_context import CommandContext
from application.unit_of_work import UnitOfWork
from domain.aggregate import Aggregate
from domain.invoice import Invoice
from domain.printing import Printing


def printed(kind: type[Aggregate]) -> Callable[[UnitOfWork, CommandContext], None]:
    """The handler that records the printing of a document of this kind."""

    def record(work: UnitOfWork, context: CommandContext) -> None:
        document = work.document(kind, context.target)
        work.new(Printing, context.new_id()).record(document, context.at)

    return record


def send_copy(work: UnitOfWork, context: CommandContext) -> None:
    """Have a copy of an invoice sent to the customer."""
    document = work.document(Invoice, context.target)
    work.new(Printing, context.new_id()).request_copy(document, context.at)
