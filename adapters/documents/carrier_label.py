"""A carrier's own labels: pictures on a page of 4 x 6 inches, as large as they go, and PDFs as they came."""

from collections.abc import Sequence
from io import BytesIO
from typing import Protocol
from uuid import UUID

from adapters.documents.contents import CarrierLabel, Document, Seller
from adapters.documents.filling.ports import Json
from adapters.documents.label import HEIGHT, WIDTH
from adapters.documents.pages import Paper
from adapters.documents.sheet import Sheet
from domain.printed_document import NothingToPrint

PDF = b"%PDF-"
Printable = Document | bytes
"""What is to be drawn, or a PDF that is drawn already."""
WHY_NOT = {
    "requested": "The carrier was asked for a label of package {} and has not answered yet. Try again in a moment.",
    "failed": "The carrier made no label of package {}: {} Mend that, and ask again with request-label.",
    "voided": "The label of package {} is void. Ask for another with request-label.",
    "bought": "The label of package {} was erased with its customer's data.",
}


class CarrierLabels(Protocol):
    """The files that carriers made."""

    def find(self, intent_id: UUID) -> bytes | None:
        """The file of a label; None once its order was erased."""


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
                detail = WHY_NOT[label["state"]].format(package["package_id"], label["detail"])
                raise NothingToPrint("label_not_bought", detail)
            number = shipment["shipment_number"]
            drawn = file.startswith(PDF)
            parts.append(file if drawn else CarrierLabel(seller=seller, shipment_number=number, picture=file))
    return parts


def draw_carrier_label(sheet: Sheet, label: CarrierLabel, _paper: Paper) -> None:
    """One page."""
    sheet.begin(WIDTH, HEIGHT)
    sheet.picture(0, 0, label.picture, WIDTH, HEIGHT)
    sheet.end()


def joined(files: Sequence[bytes]) -> bytes:
    """PDFs as one; a single one stays as it is."""
    if len(files) == 1:
        return files[0]
    # Of the extra whose carriers make PDFs.
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415

    writer, file = PdfWriter(), BytesIO()
    for each in files:
        writer.append(PdfReader(BytesIO(each)))
    writer.write(file)
    return file.getvalue()
