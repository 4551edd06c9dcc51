"""Documents on paper: which document is asked for, as of when, and on whose stationery.

Slips and labels show what a shipment is now. Invoices, credit memos and manifests never change: they are folded as of
their issue, on the stationery of that day, and the bytes that were first printed or mailed are kept. This module must
never calculate anything.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from adapters.documents import Unprintable, missing_from, render, unprintable
from adapters.documents.contents import Document, Missing, ShippingLabel
from adapters.documents.filling.filler import Contents
from adapters.documents.stationery import Stationery, decoded, encoded
from adapters.merchant.config import MerchantConfig
from application.proofreading import UNPRINTABLE, Proofread
from eventstore.errors import Unreadable
from eventstore.keeping import Snapshots, Vault
from projections.documents.issued import Issued, IssuedDocuments
from projections.documents.queries import DocumentQueries
from web.queries.ports import NothingToPrint, Printed

Json = Mapping[str, Any]

TRAVELLING: dict[str, Callable[[Contents, Json], Document]] = {
    "packing-slip": Contents.packing_slip,
    "label": Contents.label,
}
MERGED = {"packing-slips": "packing-slip", "labels": "label"}
ISSUED: dict[str, tuple[str, Callable[[Contents, Issued], Document]]] = {
    "invoice": ("invoices", Contents.invoice),
    "cancellation": ("invoices", Contents.cancellation),
    "credit-memo": ("credit-memos", Contents.credit_memo),
    "manifest": ("dispatches", Contents.manifest),
}
NOT_ISSUED = {
    "manifest": ("manifest_not_issued", "The dispatch is not closed: its manifest is not issued."),
    "cancellation": ("invoice_not_canceled", "The invoice was neither canceled nor voided."),
}


class Press:
    """Prints documents as PDFs (``web.queries.ports.Press``, ``application.letter.Papers``). Thread-safe."""

    def __init__(
        self,
        queries: DocumentQueries,
        merchant: MerchantConfig,
        *,
        issued: IssuedDocuments,
        snapshots: Snapshots,
        vault: Vault,
        public_url: str | None = None,
    ) -> None:
        self._queries = queries
        self._merchant = merchant
        self._contents = Contents(merchant.stationery, public_url)
        self._issued = issued
        self._vault = vault
        self._stationery = lru_cache(maxsize=16)(lambda name: decoded(snapshots.find(name)))

    def print(self, form: str, document_id: UUID, min_position: int | None = None) -> Printed | None:
        """The document as a PDF; None when there is none of that id."""
        name = f"{form}-{document_id}"
        if form in ISSUED:
            pdf = self._as_issued(form, document_id, min_position)
            return None if pdf is None else Printed(name, pdf)
        if form in MERGED:
            return self._batch(form, document_id, min_position)
        shipment = self._queries.detail("shipments", document_id, min_position)
        if shipment is None:
            return None
        return Printed(name, self._rendered([TRAVELLING[form](self._contents, shipment)], self._merchant.stationery))

    def _as_issued(self, form: str, document_id: UUID, min_position: int | None = None) -> bytes | None:
        """The document as it was first printed, or printed now as of its issue."""
        kept = self._vault.find(document_id, form)
        if kept is not None:
            return kept
        kind, contents = ISSUED[form]
        try:
            issued = self._issued.find(form, document_id, min_position)
        except Unreadable as reason:
            if form != "manifest":
                raise
            raise NothingToPrint("order_unreadable", f"An order on it cannot be read: {reason}.") from reason
        if issued is None:
            if form in NOT_ISSUED and self._queries.detail(kind, document_id, min_position) is not None:
                raise NothingToPrint(*NOT_ISSUED[form])
            return None
        stationery = self._merchant.stationery if issued.stationery is None else self._stationery(issued.stationery)
        pdf = self._rendered([contents(Contents(stationery), issued)], stationery)
        return self._vault.keep(document_id, form, issued.owners, pdf)

    def _batch(self, form: str, batch_id: UUID, min_position: int | None) -> Printed | None:
        """The shipments that a batch booked, as one file."""
        batch = self._queries.detail("batches", batch_id, min_position)
        if batch is None:
            return None
        contents = TRAVELLING[MERGED[form]]
        booked = [UUID(entry["shipment_id"]) for entry in batch["entries"] if entry["shipment_id"]]
        found = [self._queries.detail("shipments", shipment_id, min_position) for shipment_id in booked]
        shipments = [shipment for shipment in found if shipment is not None and shipment["state"] != "canceled"]
        if not shipments:
            raise NothingToPrint("nothing_booked", "The batch has booked no shipment.")
        documents = [self._or_missing(contents(self._contents, shipment), shipment) for shipment in shipments]
        return Printed(f"{form}-{batch_id}", self._rendered(documents, self._merchant.stationery))

    def _or_missing(self, document: Document, shipment: Json) -> Document:
        """The document; when it cannot be printed a page that says so: one name must not hold up a batch."""
        characters = missing_from(document, self._merchant.documents.fonts)
        if not characters:
            return document
        return Missing(
            seller=self._merchant.seller,
            shipment_number=shipment["shipment_number"],
            order_number=shipment["order_number"],
            code_points=tuple(f"U+{ord(char):04X}" for char in sorted(characters)),
            label=isinstance(document, ShippingLabel),
            language=document.language,
        )

    def enclosed(self, form: str, document_id: UUID) -> bytes:
        """A document for a letter; raises LookupError."""
        pdf = self._as_issued(form, document_id)
        if pdf is None:
            raise LookupError(f"There is no {form} {document_id}.")
        return pdf

    def _rendered(self, documents: list[Document], stationery: Stationery) -> bytes:
        try:
            return render(documents, paper=stationery.paper, fonts=self._merchant.documents.fonts)
        except Unprintable as missing:
            raise NothingToPrint(UNPRINTABLE, str(missing)) from missing


def stationery_keeper(merchant: MerchantConfig, snapshots: Snapshots) -> Callable[[], str]:
    """Names the stationery of documents that are issued now, and keeps it before the first of them names it."""
    content = encoded(merchant.stationery)
    return lru_cache(maxsize=1)(lambda: snapshots.keep(content))


def proofreader(merchant: MerchantConfig) -> Proofread:
    """Says what is missing to print texts with the merchant's fonts and those of the machine."""

    def proofread(texts: Sequence[str]) -> str | None:
        missing = unprintable(texts, merchant.documents.fonts)
        return str(Unprintable(missing)) if missing else None

    return proofread
