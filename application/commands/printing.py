"""Printings and copies of documents: recorded beside the order, never in its stream."""

from dataclasses import dataclass
from typing import Any

from application.command_context import CommandContext
from application.command_type import CommandType, Handler
from application.unit_of_work import UnitOfWork
from domain.aggregate import Aggregate
from domain.credit_memo import CreditMemo
from domain.dispatch import Dispatch
from domain.document_kinds import CREDIT_MEMO, DISPATCH, INVOICE, SHIPMENT, DocumentKind
from domain.invoice import Invoice
from domain.printing import Printing
from domain.refusals import Refusal
from domain.shipment import Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPrinted:
    """The document left a printer."""


def _record(kind: type[Aggregate]) -> Handler[RecordPrinted]:
    """The handler that records the printing of a document of this kind."""

    def record(work: UnitOfWork, _command: RecordPrinted, context: CommandContext) -> None:
        document = work.document(kind, context.target)
        work.new(Printing, context.new_id()).record(document, context.at)

    return record


def _printed(kind: DocumentKind, aggregate: type[Aggregate]) -> CommandType[RecordPrinted]:
    return CommandType(
        name=f"{kind.collection}/record-printed",
        value=RecordPrinted,
        handle=_record(aggregate),
        summary=f"Record that the {kind.title} was printed.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCopy:
    """The customer is to get a copy of the invoice."""


def send_copy(work: UnitOfWork, _command: SendCopy, context: CommandContext) -> None:
    """Have a copy of an invoice sent to the customer; there is none here of what another system issued."""
    document = work.document(Invoice, context.target)
    if document.own_number is not None:
        detail = f"Another system issued the invoice, as {document.own_number}: its copy has to be sent from there."
        raise Refusal("issued_elsewhere", detail)
    work.new(Printing, context.new_id()).request_copy(document, context.at)


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="invoices/send-copy",
        value=SendCopy,
        handle=send_copy,
        summary="Send the customer a copy of the invoice.",
        codes=("issued_elsewhere",),
    ),
    _printed(INVOICE, Invoice),
    _printed(SHIPMENT, Shipment),
    _printed(CREDIT_MEMO, CreditMemo),
    _printed(DISPATCH, Dispatch),
)
