"""Printing: documents in, one PDF out.

A batch is many documents in one call: they share the fonts and need no merging. The same input gives the same bytes
(no clock, no random ids in the file), so that a copy printed again is provably the copy printed before. A call does
no I/O beyond reading fonts, and may run on many threads.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from adapters.documents.accounts import draw_credit_memo, draw_invoice
from adapters.documents.archive import VERSION, Enclosure, archive
from adapters.documents.carrier_label import draw_carrier_label
from adapters.documents.contents import (
    CarrierLabel,
    CreditMemo,
    Document,
    Invoice,
    Manifest,
    Missing,
    PackingSlip,
    ShippingLabel,
)
from adapters.documents.handover import draw_manifest
from adapters.documents.label import draw_label
from adapters.documents.missing import draw_missing
from adapters.documents.pages import Paper
from adapters.documents.scripts import Unprintable, han_in, lacking, texts_of
from adapters.documents.sheet import Sheet
from adapters.documents.slip import draw_slip
from adapters.documents.typeface import Typeface, is_news, typeface
from adapters.documents.words import words


class Look(NamedTuple):
    """How one kind of content is printed: what draws it, what it is called, and in which country it is read."""

    draw: Callable[[Sheet, Any, Paper], None]
    title: Callable[[Mapping[str, str], Any], str]
    country: Callable[[Any], str | None] = lambda _: None


LOOKS: dict[type[Any], Look] = {
    ShippingLabel: Look(
        draw_label, lambda word, label: f"{word['label']} {label.shipment_number}", lambda label: label.ship_to.country
    ),
    CarrierLabel: Look(draw_carrier_label, lambda word, label: f"{word['label']} {label.shipment_number}"),
    PackingSlip: Look(
        draw_slip,
        lambda word, slip: f"{word['packing_slip']} {slip.shipment_number}",
        lambda slip: slip.ship_to.country,
    ),
    Invoice: Look(
        draw_invoice,
        lambda word, invoice: f"{word['invoice']} {invoice.number}",
        lambda invoice: invoice.bill_to.address.country,
    ),
    CreditMemo: Look(
        draw_credit_memo,
        lambda word, memo: f"{word['cancellation' if memo.cancels else 'credit_memo']} {memo.number}",
        lambda memo: memo.bill_to.address.country,
    ),
    Manifest: Look(draw_manifest, lambda word, manifest: f"{word['manifest']} {manifest.number}"),
    Missing: Look(draw_missing, lambda word, missing: f"{word['shipment']} {missing.shipment_number}"),
}

# Writing a file reads the font files through one shared position; drawing does not.
_writing = Lock()


@dataclass(frozen=True, slots=True)
class Fonts:
    """Where glyphs come from after the shipped fonts: files and folders that the merchant names, then the machine."""

    named: tuple[Path, ...] = ()
    installed: bool = True

    def face(self, han: str = "JP") -> Typeface:
        return typeface(self.named, with_installed=self.installed, han=han)


def render(
    documents: Sequence[Document], *, paper: str = "A4", fonts: Fonts = Fonts(), enclosure: Enclosure | None = None
) -> bytes:
    """One PDF of all ``documents`` in their order.

    ``paper`` is "A4" or "letter" (labels are always 4 x 6 inches); ``fonts`` are those for the scripts that the shipped
    ones lack. With an ``enclosure`` the file is PDF/A-3 and carries it. Raises ValueError when there is nothing to
    print, KeyError for another paper, ``FontError`` for a font that cannot be embedded, and ``Unprintable`` for
    characters that no font has.
    """
    if not documents:
        raise ValueError("There is no document to print.")
    size = Paper.named(paper)
    check_printable(documents, fonts)
    file = BytesIO()
    face = fonts.face()
    # Every page begins by naming a font: in an archive it has to be one that is embedded.
    begun = {"initialFontName": face.regular.name, "pdfVersion": VERSION} if enclosure else {}
    canvas = Canvas(file, pagesize=(size.width, size.height), invariant=1, pageCompression=1, **begun)
    _describe(canvas, documents)
    if enclosure:
        first = documents[0]
        archive(canvas, enclosure, title_of(first), first.seller.name, first.language)
    sheet = Sheet(canvas, face)
    for document in documents:
        look = LOOKS[type(document)]
        sheet.face = fonts.face(han_in(look.country(document)))
        look.draw(sheet, document, size)
    with _writing:
        canvas.save()
    return file.getvalue()


def check_printable(documents: Sequence[Document], fonts: Fonts = Fonts()) -> None:
    """Raise ``Unprintable`` if some of the documents have characters that no font has."""
    missing = unprintable(texts_of(documents), fonts)
    if missing:
        raise Unprintable(missing)


def missing_from(document: Document, fonts: Fonts) -> set[str]:
    """The characters of a document that no font has."""
    return unprintable(texts_of([document]), fonts)


def unprintable(texts: Collection[str], fonts: Fonts) -> set[str]:
    """The characters of texts that no font has."""
    missing = lacking(fonts.face(), texts)
    if missing and fonts.installed and is_news():  # something was installed since the start
        missing = lacking(fonts.face(), texts)
    return missing


def title_of(document: Document) -> str:
    """What a document is called: "Invoice 000000012"."""
    return LOOKS[type(document)].title(words(document.language), document)


def _describe(canvas: Any, documents: Sequence[Document]) -> None:
    first, last = title_of(documents[0]), title_of(documents[-1])
    canvas.setTitle(first if len(documents) == 1 else f"{first} … {last}")
    canvas.setAuthor(documents[0].seller.name)
    canvas.setCreator("Daybook")
    canvas.setProducer("Daybook")
