"""A carrier's own labels: pictures on a page of 4 x 6 inches, as large as they go, and PDFs as they came."""

from collections.abc import Sequence
from io import BytesIO
from typing import Protocol
from uuid import UUID

from adapters.documents.carrier_file import PDF, unusable
from adapters.documents.contents import CarrierLabel, Document, Seller
from adapters.documents.filling.ports import Json
from adapters.documents.label import HEIGHT, WIDTH
from adapters.documents.pages import Paper
from adapters.documents.sheet import Sheet
from domain.printed_document import NothingToPrint

Printable = Document | bytes
"""What is to be drawn, or a PDF that is drawn already."""
WHY_NOT = {
    "requested": "The carrier was asked for a label of package {} and has not answered yet. Try again in a moment.",
    "failed": "The carrier made no label of package {}. {} Mend that, and ask again with request-label.",
    "voided": "The label of package {} is void. Ask for another with request-label.",
    "bought": "The file of the label of package {} is not here: the carrier has not given it yet, or it was erased with"
    " its customer's data.",
}
NO_MANIFEST = {
    "never": "The carrier was asked for no manifest of its own.",
    "requested": "The carrier was asked for its manifest and has not answered yet. Try again in a moment.",
    "failed": "The carrier made no manifest: {}",
    "made": "The carrier's manifest was erased with a customer's data.",
}


class CarrierLabels(Protocol):
    """The files that carriers made."""

    def find(self, intent_id: UUID) -> bytes | None:
        """The file of a label; None once its order was erased."""

    def find_manifest(self, dispatch_id: UUID) -> bytes | None:
        """A carrier's manifest; None once one of its orders was erased."""


def carrier_labels(shipment: Json, seller: Seller, kept: CarrierLabels) -> list[Printable]:
    """The carrier's labels of a shipment; a package that has its label from elsewhere is not among them.

    Raises NothingToPrint when one is missing.
    """
    parts: list[Printable] = []
    for package in shipment["packages"]:
        if package["labels"]:
            label = package["labels"][-1]
            file = kept.find(UUID(label["label_id"])) if label["state"] == "bought" else None
            if file is None:
                said = label["detail"] or "Nobody knows any more where it goes."
                detail = WHY_NOT[label["state"]].format(package["package_id"], said)
                raise NothingToPrint("label_not_bought", detail)
            why_not = unusable(file)
            if why_not is not None:
                said = f"The carrier's file of package {package['package_id']} cannot be printed: {why_not}."
                raise NothingToPrint("label_not_bought", said)
            parts.append(_page(file, seller, shipment["shipment_number"]))
    return parts


def _page(file: bytes, seller: Seller, number: str) -> Printable:
    return file if file.startswith(PDF) else CarrierLabel(seller=seller, shipment_number=number, picture=file)


def carrier_manifest(dispatch: Json, seller: Seller, kept: CarrierLabels) -> Printable:
    """The carrier's own manifest of a dispatch; raises NothingToPrint when there is none."""
    asked = dispatch["carrier_manifest"] or {"state": "never", "detail": None}
    file = kept.find_manifest(UUID(dispatch["dispatch_id"])) if asked["state"] == "made" else None
    if file is None:
        why = NO_MANIFEST[asked["state"]].format(asked["detail"])
        raise NothingToPrint("carrier_manifest_not_made", f"{why} Ours is manifest.pdf.")
    return _page(file, seller, dispatch["dispatch_number"])


def draw_carrier_label(sheet: Sheet, label: CarrierLabel, _paper: Paper) -> None:
    """One page."""
    sheet.begin(WIDTH, HEIGHT)
    sheet.picture(0, 0, label.picture, WIDTH, HEIGHT)
    sheet.end()


def joined(files: Sequence[bytes]) -> bytes:
    """PDFs as one; a single one stays as it is."""
    if len(files) == 1:
        return files[0]
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415  (a slow import for who prints one at a time)

    writer, file = PdfWriter(), BytesIO()
    for each in files:
        writer.append(PdfReader(BytesIO(each)))
    writer.write(file)
    return file.getvalue()
