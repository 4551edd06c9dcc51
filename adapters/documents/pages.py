"""From blocks to numbered pages: what fits on which page, and the frame around it.

Heads of tables come again on every page they reach; blocks that belong together stay together; the last page never
holds totals without a line above them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.documents.blocks import Area, Block
from adapters.documents.contents import Seller
from adapters.documents.countries import country_name
from adapters.documents.sheet import MM, Sheet
from adapters.documents.typeface import Typeface
from adapters.documents.words import words
from domain.places import place_line

PAPERS = {"A4": (210 * MM, 297 * MM), "letter": (612.0, 792.0)}
_LEFT, _RIGHT, _TOP, _BOTTOM = 20 * MM, 15 * MM, 14 * MM, 9 * MM
_FOOTER_SIZE = 7.0
_FOOTER_STEP = 8.6
_RUNNING = 22.0


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper, upright or turned."""

    width: float
    height: float

    @classmethod
    def named(cls, name: str, *, landscape: bool = False) -> "Paper":
        """A4 or letter; raises KeyError for others."""
        width, height = PAPERS[name]
        return cls(height, width) if landscape else cls(width, height)

    def area(self, face: Typeface) -> Area:
        """The part of the page between the margins."""
        return Area(face, _LEFT, self.width - _LEFT - _RIGHT)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the blocks: ``title`` names the document on its further pages.

    ``legal``: the seller's VAT id, bank and register stand in the footer, as they must on papers about money.
    """

    paper: Paper
    seller: Seller
    title: str
    language: str
    legal: bool = True

    def footer(self) -> list[str]:
        """The seller's lines at the foot of each page."""
        seller = self.seller
        where = seller.address
        place = place_line(where.postcode, where.city, where.region, where.country)
        contact = [
            seller.name,
            *where.street,
            place,
            country_name(where.country, self.language),
            seller.email,
            seller.website,
        ]
        if not self.legal:
            return [_joined(contact)]
        vat = f"{words(self.language)['vat_id']} {seller.vat_id}" if seller.vat_id else None
        lines = [_joined([*contact, vat]), _joined([*seller.bank]), *seller.footer]
        return [line for line in lines if line][:8]

    @property
    def bottom(self) -> float:
        """Where the blocks must end."""
        return self.paper.height - _BOTTOM - (len(self.footer()) + 1) * _FOOTER_STEP - 6

    def draw(self, sheet: Sheet, page: int, pages: int) -> None:
        """Footer, page number and, from the second page on, what this is."""
        area = self.paper.area(sheet.face)
        x, width = area.x, area.width
        top = self.bottom + 4
        sheet.rule(x, top, width, grey=0.5)
        top += 3
        for line in self.footer():
            sheet.text(x, top, line, _FOOTER_SIZE, width=width, align="center", grey=0.35)
            top += _FOOTER_STEP
        count = words(self.language)["page"].format(page=page, pages=pages)
        sheet.text(x, top, self.title, _FOOTER_SIZE, width=width * 0.7, grey=0.35)
        sheet.text(x + width * 0.7, top, count, _FOOTER_SIZE, width=width * 0.3, align="right")
        if page > 1:
            sheet.text(x, _TOP, self.title, 9, width=width * 0.6, bold=True)
            sheet.text(x + width * 0.6, _TOP, self.seller.name, 9, width=width * 0.4, align="right", grey=0.35)


def _joined(parts: Sequence[str | None]) -> str:
    return " · ".join(part for part in parts if part)


def set_pages(sheet: Sheet, frame: Frame, blocks: Sequence[Block]) -> None:
    """Draw the blocks on as many pages as they need."""
    room = frame.bottom - _TOP
    pages = paginate(blocks, room, room - _RUNNING)
    for number, page in enumerate(pages, start=1):
        sheet.begin(frame.paper.width, frame.paper.height)
        frame.draw(sheet, number, len(pages))
        top = _TOP if number == 1 else _TOP + _RUNNING
        for block in page:
            block.draw(sheet, top)
            top += block.height
        sheet.end()


def paginate(blocks: Sequence[Block], first: float, further: float) -> list[list[Block]]:
    """The blocks of each page, when the first has ``first`` points of room and the others ``further``."""
    pages: list[list[Block]] = [[]]
    room = first
    for group in _groups(blocks, further):
        need = sum(block.height for block in group)
        if need > room and pages[-1]:
            pages.append([])
            room = further
            head = group[0].head
            if head is not None:
                pages[-1].append(head)
                room -= head.height
        pages[-1] += group
        room -= need
    return pages


def _groups(blocks: Sequence[Block], longest: float) -> list[list[Block]]:
    groups: list[list[Block]] = []
    together = False
    for block in blocks:
        height = sum(member.height for member in groups[-1]) + block.height if together else 0
        if together and height <= longest:
            groups[-1].append(block)
        else:
            groups.append([block])
        together = block.keep
    return groups
