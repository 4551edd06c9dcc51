"""The upper part of a document on letter paper: who writes, what it is, to whom.

The receiver's address stands where the window of a usual envelope is (20 mm from the left, 45 mm from the top).
"""

from collections.abc import Sequence

from adapters.documents.barcodes import DOT, code128_bars, dots_per_module
from adapters.documents.blocks import Area, Block, address_lines, beside, facts, paragraph, running, space, stack
from adapters.documents.contents import Seller
from adapters.documents.sheet import MM, Sheet

_HEIGHT = 30 * MM
_LOGO = (70 * MM, 19 * MM)


def letterhead(area: Area, seller: Seller, title: str, number: str, height: float = _HEIGHT) -> Block:
    """Logo (or name) on the left, kind and number of the document on the right."""
    x, width = area.x, area.width
    half = width / 2

    def draw(sheet: Sheet, top: float) -> None:
        if seller.logo:
            sheet.picture(x, top, seller.logo, _LOGO[0], min(_LOGO[1], height - 2 * MM))
        else:
            sheet.text(x, top, seller.name, 16, width=half - 4 * MM, bold=True, smallest=8)
        below = sheet.text(x + half, top - 3, title, 19, width=half, bold=True, align="right", smallest=8)
        sheet.text(x + half, below, number, 12, width=half, align="right")

    return Block(height, draw, keep=True)


def scannable(area: Area, text: str, *, height: float = 9 * MM) -> Block:
    """A Code 128 at the right edge, for the hand scanner on the packing table; nothing when it does not fit."""
    x, width = area.x, area.width
    bars = code128_bars(text)
    dots = dots_per_module(bars, width, 3) if bars else 0
    if not bars or dots < 2:
        return space(0)
    left = x + width - sum(bars) * dots * DOT

    def draw(sheet: Sheet, top: float) -> None:
        sheet.bars(left, top, bars, dots * DOT, height)

    return Block(height, draw)


def sender_line(area: Area, seller: Seller, language: str) -> Block:
    """The seller in one small line, as it shows in the envelope's window."""
    x, width = area.x, area.width
    line = " · ".join([seller.name, *address_lines(seller.address, language=language)[1:]])

    def draw(sheet: Sheet, top: float) -> None:
        sheet.text(x, top, line, 6.5, width=width, grey=0.35)
        sheet.rule(x, top + 9, width, weight=0.3, grey=0.5)

    return Block(12, draw)


def who_and_what(
    area: Area,
    parties: Sequence[Block],
    rows: Sequence[tuple[str, str | None]],
) -> Block:
    """Addresses on the left, facts on the right."""
    x, width = area.x, area.width
    left = stack(parties)
    right = facts(area.part(x + width * 0.54, width * 0.46), rows)
    return stack([beside([left, right]), space(7 * MM)])


def remarks(area: Area, title: str, text: str) -> list[Block]:
    """A titled text, line by line, so that a long one can go over pages."""
    first, *further = running(area, text)
    return [stack([space(6), paragraph(area, title, 8, bold=True), first]), *further]
