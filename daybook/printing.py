"""Documents for the edge: what the printer says, in the words of the queries, which are strangers to each other."""

from uuid import UUID

from adapters.documents import printer
from web.queries.ports import NothingToPrint, Printed


class EdgePrinter:
    """``web.queries.ports.DocumentPrinter`` over the printer of ``adapters.documents``."""

    def __init__(self, documents: printer.DocumentPrinter) -> None:
        self._documents = documents

    def print(self, form: str, document_id: UUID, min_position: int | None) -> Printed | None:
        """The document of a form; None when there is none of that id. Raises ``NothingToPrint``."""
        try:
            printed = self._documents.print(form, document_id, min_position)
        except printer.NothingToPrint as reason:
            raise NothingToPrint(reason.code, str(reason), reason.errors) from reason
        return None if printed is None else Printed(printed.name, printed.pdf)

    def e_invoice(self, form: str, document_id: UUID, min_position: int | None) -> bytes | None:
        """The data of a document; None when there is none of that id. Raises ``NothingToPrint``."""
        try:
            return self._documents.e_invoice(form, document_id, min_position)
        except printer.NothingToPrint as reason:
            raise NothingToPrint(reason.code, str(reason), reason.errors) from reason
