"""Lists and details of documents, packages ready for pickup, documents on paper and as data.

Reading a document as PDF is no printing: who prints it says so with the command record-printed.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Response

from domain.document_kinds import DocumentKind
from domain.printed_document import NothingToPrint, PrintedDocument
from projections.documents.kind import Kind
from projections.documents.parameters import parameters, parse_document_query
from projections.documents.ready_packages import PARAMETERS as READY_PARAMETERS
from projections.documents.ready_packages import parse_ready_query
from web.guard import View
from web.problems import Problem
from web.queries.answering import FRESH, min_position, page_answer, parse_query, refuse_when_behind, versioned
from web.queries.ports import DocumentPrinter, DocumentQueries
from web.queries.printing import Turns

# Not registered; what carriers' interfaces call it.
ZPL = "application/zpl"

ReadData = Callable[[str, UUID, int | None], bytes | None]
"""A form of a document as data; None when there is none of that id. Raises ``NothingToPrint``."""


def list_view(documents: DocumentQueries, kind: Kind) -> View:
    """GET /queries/{kind}."""
    known = parameters(kind)
    return refuse_when_behind(
        lambda: page_answer(documents.page(parse_query(known, lambda given: parse_document_query(kind, given))))
    )


def detail_view(documents: DocumentQueries, kind: Kind) -> View:
    """GET /queries/{kind}/{id}."""

    def view(document_id: UUID) -> Response:
        document = documents.detail(kind.name, document_id, min_position())
        if document is None:
            raise _unknown(kind.document, document_id)
        return versioned(document)

    return refuse_when_behind(view)


def ready_view(documents: DocumentQueries) -> View:
    """GET /queries/dispatches/ready."""
    return refuse_when_behind(
        lambda: page_answer(documents.ready_packages(parse_query(READY_PARAMETERS, parse_ready_query)))
    )


def print_view(printer: DocumentPrinter, kind: DocumentKind, form: str, turns: Turns | None = None) -> View:
    """GET /queries/{kind}/{id}/{form}.pdf, printed when there is a turn; ``turns`` are those of the process."""
    turns = turns or Turns()

    def view(document_id: UUID) -> Response:
        try:
            with turns.one():
                printed = printer.print(form, document_id, min_position())
        except NothingToPrint as nothing:
            raise _not_now(nothing) from None
        if printed is None:
            raise _unknown(kind, document_id)
        return _pdf(printed)

    return refuse_when_behind(view)


def printed_together(printer: DocumentPrinter, form: str, ids: Sequence[UUID], turns: Turns) -> Response:
    """Documents of one form as one PDF, in their order. Raises Problem."""
    try:
        with turns.one():
            return _pdf(printer.print_many(form, ids, None))
    except NothingToPrint as nothing:
        raise _not_now(nothing) from None


def _pdf(printed: PrintedDocument) -> Response:
    headers = FRESH | {"Content-Disposition": f'inline; filename="{printed.name}.pdf"'}
    return Response(printed.pdf, headers=headers, content_type="application/pdf")


def _data_view(read: ReadData, kind: DocumentKind, form: str, ending: str, content_type: str) -> View:
    """GET /queries/{kind}/{id}/{form}.{ending}: the document as other machines read it."""

    def view(document_id: UUID) -> Response:
        try:
            data = read(form, document_id, min_position())
        except NothingToPrint as nothing:
            raise _not_now(nothing) from None
        if data is None:
            raise _unknown(kind, document_id)
        headers = FRESH | {"Content-Disposition": f'attachment; filename="{form}-{document_id}.{ending}"'}
        return Response(data, headers=headers, content_type=content_type)

    return refuse_when_behind(view)


def e_invoice_view(printer: DocumentPrinter, kind: DocumentKind, form: str) -> View:
    """FORM.xml."""
    return _data_view(printer.e_invoice, kind, form, "xml", "application/xml")


def label_printer_view(printer: DocumentPrinter, kind: DocumentKind, form: str) -> View:
    """FORM.zpl."""
    return _data_view(printer.for_label_printer, kind, form, "zpl", ZPL)


def _not_now(nothing: NothingToPrint) -> Problem:
    return Problem(409, nothing.code, str(nothing), errors=nothing.errors)


def _unknown(kind: DocumentKind, document_id: UUID) -> Problem:
    return Problem(404, "not_found", f"There is no {kind.title} {document_id}.")
