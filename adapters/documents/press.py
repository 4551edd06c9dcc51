"""Printing: documents in, one PDF out.

A batch is many documents in one call: they share the fonts and need no merging. The same input gives the same bytes
(no clock, no random ids in the file), so that a copy printed again is provably the copy printed before. A call does
no I/O beyond reading fonts once per process, and may run on many threads.
"""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from adapters.documents.accounts import draw_credit_memo, draw_invoice
from adapters.documents.contents import CreditMemo, Document, Invoice, Manifest, PackingSlip, ShippingLabel
from adapters.documents.handover import draw_manifest
from adapters.documents.label import draw_label
from adapters.documents.pages import Paper
from adapters.documents.sheet import Sheet
from adapters.documents.slip import draw_slip
from adapters.documents.typeface import typeface
from adapters.documents.words import words

DRAWN: dict[type[Any], Callable[[Sheet, Any, Paper], None]] = {
    ShippingLabel: draw_label,
    PackingSlip: draw_slip,
    Invoice: draw_invoice,
    CreditMemo: draw_credit_memo,
    Manifest: draw_manifest,
}

# Writing a file reads the font files through one shared position; drawing does not.
_writing = Lock()


def render(documents: Sequence[Document], *, paper: str = "A4", fonts: tuple[Path, ...] = ()) -> bytes:
    """One PDF of all ``documents`` in their order.

    ``paper`` is "A4" or "letter" (labels are always 4 x 6 inches); ``fonts`` are further TrueType files for scripts
    that the shipped ones lack. Raises ValueError when there is nothing to print, KeyError for another paper, and
    ``FontError`` for a font that cannot be embedded.
    """
    if not documents:
        raise ValueError("There is no document to print.")
    size = Paper.named(paper)
    face = typeface(fonts)
    file = BytesIO()
    canvas = Canvas(file, pagesize=(size.width, size.height), invariant=1, pageCompression=1)
    _describe(canvas, documents)
    sheet = Sheet(canvas, face)
    for document in documents:
        DRAWN[type(document)](sheet, document, size)
    with _writing:
        canvas.save()
    return file.getvalue()


def title_of(document: Document) -> str:
    """What a document is called: "Invoice 000000012"."""
    table = words(document.language)
    match document:
        case ShippingLabel():
            return f"{table['label']} {document.shipment_number}"
        case PackingSlip():
            return f"{table['packing_slip']} {document.shipment_number}"
        case Invoice():
            return f"{table['invoice']} {document.number}"
        case CreditMemo():
            return f"{table['credit_memo']} {document.number}"
        case Manifest():
            return f"{table['manifest']} {document.number}"


def _describe(canvas: Any, documents: Sequence[Document]) -> None:
    first, last = title_of(documents[0]), title_of(documents[-1])
    canvas.setTitle(first if len(documents) == 1 else f"{first} … {last}")
    canvas.setAuthor(documents[0].seller.name)
    canvas.setCreator("Daybook")
    canvas.setProducer("Daybook")
