"""Reading printed documents back, as a customer, a scanner and a printer do."""

from io import BytesIO
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from pypdf import PdfReader

DPI = 203


def pages_of(pdf: bytes) -> list[str]:
    """The text of every page."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    return "\n".join(pages_of(pdf))


def words_of(pdf: bytes) -> str:
    """The text with single spaces, however it was broken into lines."""
    return " ".join(text_of(pdf).split())


def image_of(pdf: bytes, page: int = 0, dpi: int = DPI) -> Any:
    """A page as a printer of ``dpi`` dots per inch sets it: black or white, nothing between."""
    document = pypdfium2.PdfDocument(pdf)
    image = document[page].render(scale=dpi / 72, grayscale=True).to_pil()
    document.close()
    return image.point(lambda value: 255 if value > 127 else 0)


def barcodes_of(pdf: bytes, page: int = 0, dpi: int = DPI) -> list[zxingcpp.Barcode]:
    return list(zxingcpp.read_barcodes(image_of(pdf, page, dpi)))


def boxes_of(pdf: bytes) -> list[tuple[tuple[float, float], list[tuple[float, float, float, float]]]]:
    """For each page its size and the boxes (left, bottom, right, top) of the texts that show something."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        texts = [item for item in page.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
        found.append((page.get_size(), [item.get_bounds() for item in texts]))
    document.close()
    return found


def everything_of(pdf: bytes) -> list[tuple[tuple[float, float], list[tuple[float, float, float, float]]]]:
    """For each page its size and the boxes of everything drawn: texts, lines, bars, pictures."""
    document = pypdfium2.PdfDocument(pdf)
    found = [(page.get_size(), [item.get_bounds() for item in page.get_objects()]) for page in document]
    document.close()
    return found
