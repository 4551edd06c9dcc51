"""A carrier's own labels: pictures on a page of 4 x 6 inches, as large as they go, and PDFs as they came."""

from collections.abc import Sequence
from io import BytesIO
from typing import Protocol
from uuid import UUID

from adapters.documents.carrier_file import PDF, is_zpl, unusable_label
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
    "failed": "The carrier made no label of package {}. {} Fix that, and ask again with request-label.",
    "voided": "The label of package {} is void. Ask for another with request-label.",
    "bought": "The file of the label of package {} is not here: the carrier has not given it yet, or it was erased with"
    " its customer's data.",
}
# A label with such a void is no one to travel with.
GIVEN_BACK = frozenset({"requested", "under_way"})
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

    Raises NothingToPrint when one is missing or for label printers alone, and for a shipment that is canceled.
    """
    number = shipment["shipment_number"]
    return [_page(_for_paper(name, file), seller, number) for name, file in _files(shipment, kept)]


def carrier_zpl(shipment: Json, kept: CarrierLabels) -> bytes:
    """The same labels for label printers, as the carrier wrote them. Raises NothingToPrint as `carrier_labels` does."""
    if shipment["label"] is None:
        raise NothingToPrint("label_not_zpl", "The carrier was asked for no label of its own. Ours is label.pdf.")
    return b"".join([_for_label_printer(name, file) for name, file in _files(shipment, kept)])


def no_zpl(shipment: Json) -> bytes:
    """A label that says that there is none, so that one shipment holds up no batch."""
    number = shipment["shipment_number"]
    return f"^XA^FO40,60^A0N,44,44^FDNo label: shipment {number}^FS^XZ\n".encode()


def _for_paper(name: str, file: bytes) -> bytes:
    if is_zpl(file):
        raise NothingToPrint(
            "label_is_zpl", f"The carrier's label of package {name} is for label printers: take label.zpl."
        )
    return file


def _for_label_printer(name: str, file: bytes) -> bytes:
    if not is_zpl(file):
        raise NothingToPrint("label_not_zpl", f"The carrier's label of package {name} is no ZPL: take label.pdf.")
    return file.strip() + b"\n"


def _files(shipment: Json, kept: CarrierLabels) -> list[tuple[str, bytes]]:
    """The files of a shipment's labels, each with the id of its package."""
    if shipment["state"] == "canceled":
        raise NothingToPrint(
            "shipment_canceled", "The shipment is canceled: its labels were given back. Use none of them."
        )
    labels = [(each, each["labels"][-1]) for each in shipment["packages"] if each["labels"]]
    here = [(package, label) for package, label in labels if not _is_elsewhere(package, label)]
    if not here:
        raise NothingToPrint("label_not_bought", "Every package has its label from elsewhere.")
    return [(package["package_id"], _file(package, label, kept)) for package, label in here]


def _is_elsewhere(package: Json, label: Json) -> bool:
    """Whether a package has a number, and so a label, from elsewhere: the carrier's was refused or given back."""
    return bool(package["tracking_number"]) and (label["state"] in {"failed", "voided"} or label["void"] in GIVEN_BACK)


def _file(package: Json, label: Json, kept: CarrierLabels) -> bytes:
    name = package["package_id"]
    if label["void"] in GIVEN_BACK:
        raise NothingToPrint("label_not_bought", f"The label of package {name} is being given back. Do not use it.")
    file = kept.find(UUID(label["label_id"])) if label["state"] == "bought" else None
    if file is None:
        said = label["detail"] or "Nobody knows any more where it goes."
        raise NothingToPrint("label_not_bought", WHY_NOT[label["state"]].format(name, said))
    why_not = unusable_label(file)
    if why_not is not None:
        raise NothingToPrint("label_not_bought", f"The carrier's file of package {name} cannot be printed: {why_not}.")
    return file


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
