"""A page that stands in for a slip or label which cannot be had: large, and impossible to take for one."""

from adapters.documents import text as texts
from adapters.documents.contents import Missing
from adapters.documents.label import HEIGHT, WIDTH
from adapters.documents.pages import Paper
from adapters.documents.sheet import MM, Sheet
from adapters.documents.words import words

_EDGE = 8 * MM
CODES_MAX = 40


def draw_missing(sheet: Sheet, missing: Missing, paper: Paper) -> None:
    """One page, of the size of what it stands for."""
    table = words(missing.language)
    width, height = (WIDTH, HEIGHT) if missing.label else (paper.width, paper.height)
    sheet.begin(width, height)
    sheet.frame(_EDGE / 2, _EDGE / 2, width - _EDGE, height - _EDGE, weight=3)
    codes = " ".join(missing.code_points[:CODES_MAX])
    parts = [
        (table["not_printed"], 22.0),
        (f"{table['shipment']} {missing.shipment_number}", 16.0),
        (f"{table['order']} {missing.order_number}", 16.0),
        (f"{table['no_font_has']} {codes}" if codes else table["no_carrier_label"], 11.0),
    ]
    top, inner = 2 * _EDGE, width - 2 * _EDGE
    for content, size in parts:
        lines = texts.wrap(sheet.face.bold, content, size, inner)
        top = sheet.lines(_EDGE, top, lines, size, width=inner, bold=True) + 4 * MM
    sheet.end()
