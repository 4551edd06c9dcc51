"""Documents on paper and as data: which document is asked for, as of when, and on whose stationery.

Slips and labels show what a shipment is now. Invoices, credit memos and manifests never change: they are folded as of
their issue, on the stationery of that day, and the bytes that were first printed, mailed or read are kept. This module
must never calculate anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from uuid import UUID

from adapters.documents.archive import Enclosure
from adapters.documents.carrier_label import (
    CarrierLabels,
    Printable,
    carrier_labels,
    carrier_manifest,
    carrier_zpl,
    joined,
    no_zpl,
)
from adapters.documents.contents import CreditMemo, Document, Invoice, Missing
from adapters.documents.filling.filler import DocumentFiller
from adapters.documents.filling.ports import Details, Issued, IssuedDocuments, Json
from adapters.documents.rendering import Fonts, missing_from, render, unprintable
from adapters.documents.scripts import Unprintable
from adapters.documents.stationery import Stationery, decode, encode
from adapters.einvoices import EInvoiceImpossible, cii, einvoice, ubl
from adapters.einvoices.delivering import deliverable
from application.proofreading import UNPRINTABLE, Proofread
from domain.document_kinds import KIND_OF_FORM
from domain.printed_document import NothingToPrint, PrintedDocument
from eventstore.errors import Unreadable
from eventstore.keeping import Snapshots, Vault
from eventstore.records import DataKey

LABEL, CARRIER_MANIFEST = "label", "carrier-manifest"
CURRENT: dict[str, Callable[[DocumentFiller, Json], Document]] = {
    "packing-slip": DocumentFiller.packing_slip,
    "label": DocumentFiller.label,
}
MERGED = {"packing-slips": "packing-slip", "labels": "label"}
ISSUED: dict[str, Callable[[DocumentFiller, Issued], Document]] = {
    "invoice": DocumentFiller.invoice,
    "cancellation": DocumentFiller.cancellation,
    "credit-memo": DocumentFiller.credit_memo,
    "manifest": DocumentFiller.manifest,
}
NOT_ISSUED = {
    "manifest": ("manifest_not_issued", "The dispatch is not closed: its manifest is not issued."),
    "cancellation": ("invoice_not_canceled", "The invoice was neither canceled nor voided."),
}


ELSEWHERE = ("issued_elsewhere", "Another system issued this document under a number of its own; it is printed there.")


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands on a document, on whose stationery, and whose data keys it was read with."""

    content: Document
    stationery: Stationery
    owners: Mapping[UUID, DataKey | None]


class DocumentPrinter:
    """Prints documents as PDFs, with what ``details`` and ``issued`` say of them. Thread-safe."""

    def __init__(
        self,
        details: Details,
        stationery: Stationery,
        fonts: Fonts,
        *,
        issued: IssuedDocuments,
        snapshots: Snapshots,
        vault: Vault,
        carrier_labels: CarrierLabels,
        public_url: str | None = None,
    ) -> None:
        self._details = details
        self._today = stationery
        self._fonts = fonts
        self._filler = DocumentFiller(stationery, public_url)
        self._issued = issued
        self._vault = vault
        self._carrier_labels = carrier_labels
        self._stationery = lru_cache(maxsize=16)(lambda name: decode(snapshots.find(name)))

    def print(self, form: str, document_id: UUID, min_position: int | None = None) -> PrintedDocument | None:
        """The document as a PDF; None when there is none of that id."""
        name = f"{form}-{document_id}"
        if form in ISSUED:
            pdf = self._find_issued(form, document_id, min_position)
            return None if pdf is None else PrintedDocument(name, pdf)
        if form == CARRIER_MANIFEST:
            return self._print_carrier_manifest(name, document_id, min_position)
        if form in MERGED:
            return self._print_batch(form, document_id, min_position)
        document = self._detail(form, document_id, min_position)
        if document is None:
            return None
        return PrintedDocument(name, self._bound(self._current(form, document)))

    def _print_carrier_manifest(self, name: str, document_id: UUID, position: int | None) -> PrintedDocument | None:
        dispatch = self._detail(CARRIER_MANIFEST, document_id, position)
        if dispatch is None:
            return None
        made = carrier_manifest(dispatch, self._today.seller, self._carrier_labels)
        return PrintedDocument(name, self._bound([made]))

    def _current(self, form: str, shipment: Json) -> list[Printable]:
        """What is printed of a shipment as it is now: of labels those of the carrier, where it was asked for them."""
        if form == LABEL and shipment["label"] is not None:
            return carrier_labels(shipment, self._today.seller, self._carrier_labels)
        return [CURRENT[form](self._filler, shipment)]

    def _detail(self, form: str, document_id: UUID, min_position: int | None) -> Json | None:
        """What the read side knows of the document that a form is printed of."""
        return self._details.detail(KIND_OF_FORM[form].collection, document_id, min_position)

    def _find_issued(self, form: str, document_id: UUID, min_position: int | None = None) -> bytes | None:
        """The document as it was first printed, or printed now as of its issue."""
        kept = self._vault.find(document_id, form)
        if kept is not None:
            return kept
        found = self._find(form, document_id, min_position)
        if found is None:
            return None
        enclosure = _enclosure(found.content) if found.stationery.e_invoices else None
        pdf = self._render([found.content], found.stationery, enclosure)
        return self._vault.keep(document_id, form, found.owners, pdf)

    def e_invoice(self, form: str, document_id: UUID, min_position: int | None = None) -> bytes | None:
        """The document as an e-invoice, as it was first read; None when there is none of that id."""
        name = f"{form}-ubl"  # under which it is kept
        kept = self._vault.find(document_id, name)
        if kept is not None:
            return kept
        found = self._find(form, document_id, min_position)
        if found is None or not isinstance(found.content, Invoice | CreditMemo):
            return None
        try:
            xml = ubl.written(deliverable(einvoice(found.content)))
        except EInvoiceImpossible as impossible:
            errors = [(lack.pointer, lack.message) for lack in impossible.lacks]
            raise NothingToPrint(impossible.code, str(impossible), errors) from impossible
        return self._vault.keep(document_id, name, found.owners, xml)

    def _find(self, form: str, document_id: UUID, min_position: int | None) -> _Found | None:
        """What stands on the document as of its issue."""
        try:
            issued = self._issued.find(form, document_id, min_position)
        except Unreadable as reason:
            if form != "manifest":
                raise
            raise NothingToPrint("order_unreadable", f"An order on it cannot be read: {reason}.") from reason
        if issued is None:
            if form in NOT_ISSUED and self._detail(form, document_id, min_position) is not None:
                raise NothingToPrint(*NOT_ISSUED[form])
            return None
        if issued.detail.get("external"):
            raise NothingToPrint(*ELSEWHERE)
        stationery = self._today if issued.stationery is None else self._stationery(issued.stationery)
        return _Found(ISSUED[form](DocumentFiller(stationery), issued), stationery, issued.owners)

    def for_label_printer(self, form: str, document_id: UUID, min_position: int | None = None) -> bytes | None:
        """A shipment's label, or a batch's labels, as ZPL of their carriers; None when there is none of that id."""
        document = self._detail(form, document_id, min_position)
        if document is None:
            return None
        if form not in MERGED:
            return carrier_zpl(document, self._carrier_labels)
        shipments = self._shipments(form, _booked(document), min_position)
        if not shipments:
            raise _nothing_booked()
        zpl = b"".join([self._zpl_or_missing(shipment) for shipment in shipments])
        if not zpl:
            raise NothingToPrint("label_not_zpl", "No label of this batch is for label printers: take labels.pdf.")
        return zpl

    def _is_zpl(self, form: str, shipment: Json) -> bool:
        """Whether what is to be printed of a shipment is for label printers alone."""
        try:
            return form == LABEL and bool(carrier_zpl(shipment, self._carrier_labels))
        except NothingToPrint:
            return False

    def _zpl_or_missing(self, shipment: Json) -> bytes:
        """A shipment's labels for label printers; nothing where they are for paper; one that says so where none is."""
        try:
            return carrier_zpl(shipment, self._carrier_labels)
        except NothingToPrint as nothing:
            return b"" if nothing.code == "label_not_zpl" else no_zpl(shipment)

    def _print_batch(self, form: str, batch_id: UUID, min_position: int | None) -> PrintedDocument | None:
        """The shipments that a batch booked, as one file."""
        batch = self._detail(form, batch_id, min_position)
        if batch is None:
            return None
        shipments = self._shipments(form, _booked(batch), min_position)
        if not shipments:
            raise _nothing_booked()
        one = MERGED[form]
        parts = [part for each in shipments if not self._is_zpl(one, each) for part in self._or_missing(one, each)]
        if not parts:
            raise NothingToPrint("label_is_zpl", "The labels of this batch are for label printers: take labels.zpl.")
        return PrintedDocument(f"{form}-{batch_id}", self._bound(parts))

    def print_many(self, form: str, document_ids: Sequence[UUID], min_position: int | None = None) -> PrintedDocument:
        """Documents of one form as one file, in their order; without what is canceled or was issued elsewhere."""
        if form in CURRENT:
            parts = self._of_shipments(form, document_ids, min_position)
        else:
            parts = [pdf for each in document_ids if (pdf := self._issued_here(form, each, min_position)) is not None]
        if not parts:
            raise NothingToPrint(
                "nothing_to_print", f"None of them has a {form.replace('-', ' ')} that is printed here."
            )
        return PrintedDocument(form, self._bound(parts))

    def _of_shipments(self, form: str, ids: Sequence[UUID], min_position: int | None) -> list[Printable]:
        """What is printed of each shipment that is not canceled."""
        shipments = self._shipments(form, ids, min_position)
        return [part for shipment in shipments for part in self._or_missing(form, shipment)]

    def _shipments(self, form: str, ids: Sequence[UUID], min_position: int | None) -> list[Json]:
        """Those of the shipments that are not canceled."""
        found = [self._detail(MERGED.get(form, form), shipment_id, min_position) for shipment_id in ids]
        return [shipment for shipment in found if shipment is not None and shipment["state"] != "canceled"]

    def _issued_here(self, form: str, document_id: UUID, min_position: int | None) -> bytes | None:
        """An issued document, if it is one of ours."""
        try:
            return self._find_issued(form, document_id, min_position)
        except NothingToPrint as nothing:
            if nothing.code == ELSEWHERE[0]:
                return None
            raise

    def _or_missing(self, form: str, shipment: Json) -> list[Printable]:
        """What is printed of a shipment; where it cannot be, a page that says so: one name must not hold up a batch."""
        characters: set[str] = set()
        try:
            found = self._current(form, shipment)
            for part in found:
                characters |= set() if isinstance(part, bytes) else missing_from(part, self._fonts)
            if not characters:
                return found
        except NothingToPrint:
            pass
        return [
            Missing(
                seller=self._today.seller,
                shipment_number=shipment["shipment_number"],
                order_number=shipment["order_number"],
                code_points=tuple(f"U+{ord(char):04X}" for char in sorted(characters)),
                label=form == LABEL,
                language=self._today.languages[0],
            )
        ]

    def _bound(self, parts: list[Printable]) -> bytes:
        """One PDF of documents to be drawn and of PDFs that are drawn already, in their order."""
        files: list[bytes] = []
        for _, group in groupby(parts, lambda part: isinstance(part, bytes)):
            several = list(group)
            to_draw = [part for part in several if not isinstance(part, bytes)]
            files += [self._render(to_draw, self._today)] if to_draw else [p for p in several if isinstance(p, bytes)]
        return joined(files)

    def print_issued(self, form: str, document_id: UUID) -> bytes:
        """An issued document alone, to be attached to a message; raises LookupError."""
        pdf = self._find_issued(form, document_id)
        if pdf is None:
            raise LookupError(f"There is no {form} {document_id}.")
        return pdf

    def _render(self, documents: list[Document], stationery: Stationery, enclosure: Enclosure | None = None) -> bytes:
        try:
            return render(documents, paper=stationery.paper, fonts=self._fonts, enclosure=enclosure)
        except Unprintable as missing:
            raise NothingToPrint(UNPRINTABLE, str(missing)) from missing


def _nothing_booked() -> NothingToPrint:
    return NothingToPrint("nothing_booked", "The batch has booked no shipment.")


def _booked(batch: Json) -> list[UUID]:
    return [UUID(entry["shipment_id"]) for entry in batch["entries"] if entry["shipment_id"]]


def _enclosure(content: Document) -> Enclosure | None:
    """The data that an invoice or a credit memo carries; None where they cannot be told: paper needs none."""
    if not isinstance(content, Invoice | CreditMemo):
        return None
    try:
        data = cii.written(einvoice(content))
    except EInvoiceImpossible:
        return None
    return Enclosure(name=cii.FILE_NAME, content=data, profile=cii.CONFORMANCE, dated=content.issued_on)


def stationery_keeper(stationery: Stationery, snapshots: Snapshots) -> Callable[[], str]:
    """Names the stationery of documents that are issued now, and keeps it before the first of them names it."""
    content = encode(stationery)
    return lru_cache(maxsize=1)(lambda: snapshots.keep(content))


def proofreader(fonts: Fonts) -> Proofread:
    """Says what is missing to print texts with the merchant's fonts and those of the machine."""

    def proofread(texts: Sequence[str]) -> str | None:
        missing = unprintable(texts, fonts)
        return str(Unprintable(missing)) if missing else None

    return proofread
