"""What a page is made of: blocks that know their height before anything is drawn.

Because heights are known first, the number of pages is, and "Page 1 of 3" needs no second run. A block never breaks;
what may break is many blocks. Building a block measures, drawing it happens later, once, on the page it came to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from adapters.documents import text as texts
from adapters.documents.contents import Address
from adapters.documents.countries import country_name
from adapters.documents.sheet import LEADING, MM, Sheet
from adapters.documents.typeface import Typeface
from domain.places import place_line

BOX = 8.5
_CAPTION = 10.0
Draw = Callable[[Sheet, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Something ``height`` points high. ``keep``: on the same page as the next; ``head`` is repeated above it when
    it is the first on a page.
    """

    height: float
    draw: Draw
    keep: bool = False
    head: "Block | None" = None


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the page's width, and the typeface to set it in."""

    face: Typeface
    x: float
    width: float

    def part(self, x: float, width: float) -> "Area":
        """Another part of the same page."""
        return Area(self.face, x, width)

    @property
    def left(self) -> "Area":
        """The half that addresses take."""
        return Area(self.face, self.x, self.width * 0.49)


def space(height: float) -> Block:
    """Nothing, but of a height."""
    return Block(height, lambda _sheet, _top: None)


def kept(block: Block) -> Block:
    """The block, held together with the next."""
    return replace(block, keep=True)


def stack(blocks: Sequence[Block]) -> Block:
    """Blocks below each other, as one that does not break."""

    def draw(sheet: Sheet, top: float) -> None:
        for block in blocks:
            block.draw(sheet, top)
            top += block.height

    return Block(sum(block.height for block in blocks), draw)


def beside(blocks: Sequence[Block]) -> Block:
    """Blocks next to each other (each knows its own place across), as high as the highest."""

    def draw(sheet: Sheet, top: float) -> None:
        for block in blocks:
            block.draw(sheet, top)

    return Block(max(block.height for block in blocks), draw)


def ticked(row: Block, x: float) -> Block:
    """The row with a box to tick at ``x``."""

    def draw(sheet: Sheet, top: float) -> None:
        row.draw(sheet, top)
        sheet.frame(x, top + 3.6, BOX, BOX, weight=0.8)

    return replace(row, draw=draw)


def paragraph(
    area: Area,
    content: str | None,
    size: float = 9,
    *,
    bold: bool = False,
    align: str = "left",
    grey: float = 0.0,
) -> Block:
    """A text wrapped into an area."""
    x, width = area.x, area.width
    lines = texts.wrap(area.face.style(bold=bold), content, size, width)

    def draw(sheet: Sheet, top: float) -> None:
        sheet.lines(x, top, lines, size, width=width, bold=bold, align=align, grey=grey)

    return Block(len(lines) * size * LEADING, draw)


def running(area: Area, content: str, size: float = 9) -> list[Block]:
    """A text of any length, a block per line, so that it can go over pages."""
    paragraphs = [line for line in content.splitlines() if line.strip()] or [content]
    lines = [line for part in paragraphs for line in texts.wrap(area.face.regular, part, size, area.width)]
    return [paragraph(area, line, size) for line in lines]


def facts(area: Area, rows: Sequence[tuple[str, str | None]], size: float = 8.5) -> Block:
    """Names on the left, values on the right; a value wraps (at most four lines), a name shrinks."""
    x, width = area.x, area.width
    left = width * 0.42
    style, room = area.face.regular, width - left
    wrapped = [
        (name, texts.at_most(style, texts.wrap(style, value, size, room), size, room, most=4)) for name, value in rows
    ]
    step = size * LEADING

    def draw(sheet: Sheet, top: float) -> None:
        for name, lines in wrapped:
            sheet.text(x, top, name, size, width=left - 2 * MM, grey=0.35)
            top = sheet.lines(x + left, top, lines, size, width=width - left) + 1

    return Block(sum(len(lines) * step + 1 for _, lines in wrapped), draw)


def address_lines(address: Address, *, capitals: bool = False, language: str = "en") -> list[str]:
    """An address as it is written on an envelope; what is not known is left out, of nothing at all remains a dash."""
    country = country_name(address.country, language)
    place = place_line(address.postcode, address.city, address.region, address.country)
    candidates = [
        address.company,
        address.name,
        *address.street,
        place,
        country.upper() if capitals and country else country,
    ]
    lines = [line for line in candidates if line and line.strip()]
    anonymous = not (address.name or address.company)
    return ["—", *lines] if anonymous else lines


def address(area: Area, title: str, who: Address, height: float, *, largest: float = 10, language: str = "en") -> Block:
    """A titled address that takes no more than ``height``, however long it is."""
    style = area.face.regular
    lines, size = texts.fit(style, address_lines(who, language=language), (area.width, height - _CAPTION), largest, 5)

    def draw(sheet: Sheet, top: float) -> None:
        sheet.text(area.x, top, title, 7.5, width=area.width, grey=0.35)
        sheet.lines(area.x, top + _CAPTION, lines, size, width=area.width)

    return Block(_CAPTION + len(lines) * size * LEADING, draw)
