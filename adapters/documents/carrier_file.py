"""Whether a carrier's file can be printed: looked at before it is kept, so that one file spoils no batch.

A picture of few bytes may be one of many pixels, and a file that was cut short still begins like a whole one. Labels
may also be ZPL, the language of label printers, which goes to them as it came.
"""

import warnings
from io import BytesIO

from PIL import Image

PDF = b"%PDF-"
PNG = b"\x89PNG\r\n\x1a\n"
ZPL_BEGINS, ZPL_ENDS = b"^XA", b"^XZ"
# A label of 4 x 6 inches has 8.6 million at 600 dpi.
PIXELS_MAX = 20_000_000
PAGES_MAX = 20
# Where the end of a PDF is looked for, in bytes from its end: some programs write a little behind it.
END_WITHIN = 1024


def unusable(file: bytes) -> str | None:
    """Why a file cannot be printed, in a few words; None where it can."""
    if file.startswith(PNG):
        return _unusable_picture(file)
    if file.startswith(PDF):
        return _unusable_pages(file)
    return "it is neither a PDF nor a PNG"


def unusable_label(file: bytes) -> str | None:
    """Why a label can be printed on no printer, in a few words; None where it can."""
    if is_zpl(file):
        return None if file.strip().upper().endswith(ZPL_ENDS) else "the ZPL is cut short"
    why_not = unusable(file)
    return f"{why_not}, nor ZPL" if why_not and why_not.startswith("it is neither") else why_not


def is_zpl(file: bytes) -> bool:
    """Whether it is for label printers alone."""
    return file[:64].lstrip().upper().startswith(ZPL_BEGINS)


def _unusable_picture(file: bytes) -> str | None:
    if b"IEND" not in file[-64:]:
        return "the picture is cut short"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(file), formats=["PNG"]) as picture:
                if picture.width * picture.height > PIXELS_MAX:
                    return f"the picture has more than {PIXELS_MAX} pixels"
                picture.load()
    except Exception as error:  # noqa: BLE001  (whatever a strange file does to the library)
        return f"the picture cannot be read ({type(error).__name__})"
    return None


def _unusable_pages(file: bytes) -> str | None:
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415  (a slow import for who has only pictures)

    if b"%%EOF" not in file[-END_WITHIN:]:
        return "the PDF is cut short"
    try:
        reader = PdfReader(BytesIO(file))
        if not 1 <= len(reader.pages) <= PAGES_MAX:
            return f"the PDF has no page, or more than {PAGES_MAX}"
        writer = PdfWriter()
        writer.append(reader)
        writer.write(BytesIO())
    except Exception as error:  # noqa: BLE001  (whatever a strange file does to the library)
        return f"the PDF cannot be read ({type(error).__name__})"
    return None
