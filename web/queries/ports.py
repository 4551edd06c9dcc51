"""What the queries need from outside: the read models, and a printer of documents."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from domain.printed_document import PrintedDocument
from projections.approvals.queries import ApprovalQuery
from projections.approvals.shapes import ApprovalShown
from projections.documents.parameters import DocumentQuery
from projections.engine.lag import Lag
from projections.engine.parking import Parked
from projections.orders.customer_orders import CustomerQuery
from projections.orders_grid.query import GridQuery
from projections.paging.query import GridPage


class OrderQueries(Protocol):
    """Reads orders. Who asks for a position not reached in time gets ``projections.engine.positions.Behind``."""

    def grid_page(self, query: GridQuery) -> GridPage: ...

    def status_counts(self) -> Mapping[str, int]: ...

    def stores(self) -> Sequence[str]: ...

    def order_detail(
        self, order_id: UUID, min_position: int | None, timeline_before: int | None, *, reasons: bool
    ) -> Mapping[str, Any] | None: ...

    def tracking(self, token: str, min_position: int | None) -> Mapping[str, Any] | None: ...

    def customer_orders(self, customer_id: str, query: CustomerQuery) -> GridPage: ...


class Lags(Protocol):
    """Knows how far the read models are behind the log, and which orders they could not fold."""

    def lags(self) -> Sequence[Lag]: ...

    def of(self, projection: str) -> Lag | None: ...

    def parked(self) -> Sequence[Parked]: ...


class ApprovalQueries(Protocol):
    """Answers what is asked about approvals."""

    def page(self, query: ApprovalQuery) -> GridPage: ...

    def detail(self, approval_id: UUID, min_position: int | None, *, reasons: bool) -> ApprovalShown | None: ...


class DocumentQueries(Protocol):
    """Reads documents: their lists, each in full, and what is ready for pickup."""

    def page(self, query: DocumentQuery) -> GridPage: ...

    def ready_packages(self, query: DocumentQuery) -> GridPage: ...

    def detail(self, kind: str, document_id: UUID, min_position: int | None) -> Mapping[str, Any] | None: ...


class DocumentPrinter(Protocol):
    """Prints documents."""

    def print(self, form: str, document_id: UUID, min_position: int | None) -> PrintedDocument | None:
        """The document as ``form`` ("packing-slip", "labels", ...); None when there is none of that id.

        Raises ``NothingToPrint``.
        """

    def print_many(self, form: str, document_ids: Sequence[UUID], min_position: int | None) -> PrintedDocument:
        """Documents of one form as one file, in their order. Raises ``NothingToPrint``."""

    def for_label_printer(self, form: str, document_id: UUID, min_position: int | None) -> bytes | None:
        """Labels as ZPL; None when there is no document of that id. Raises ``NothingToPrint``."""

    def e_invoice(self, form: str, document_id: UUID, min_position: int | None) -> bytes | None:
        """The data of the document as XML (UBL); None when there is none of that id. Raises ``NothingToPrint``."""
