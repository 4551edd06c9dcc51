"""Tables over many pages: columns, heads that come again, rows that never overflow their column."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.documents import text as texts
from adapters.documents.blocks import Area, Block
from adapters.documents.sheet import LEADING, Sheet

_PADDING = 2.5
_GAP = 3.0
_SMALL = 0.86
_SMALLEST_TEXT = 4.5
# An amount that is cut is a lie: the largest the system can hold is shown whole at this size.
_SMALLEST_NUMBER = 3.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``wrap``: a long text takes more lines; otherwise it shrinks (numbers must not break)."""

    title: str
    width: float
    align: str = "left"
    wrap: bool = False


Cell = str | None | tuple[str | None, ...]
"""A text; or a text with smaller lines below it."""


class Table:
    """Rows of cells; a column of width 0 takes what the others leave.

    ``head`` names the columns and is kept with the first row; on further pages ``continued`` stands above it.
    """

    def __init__(self, area: Area, columns: Sequence[Column], size: float = 8.5, continued: str | None = None) -> None:
        rest = area.width - sum(column.width for column in columns)
        self.area = area
        self.x, self.width = area.x, area.width
        self.size = size
        self.columns = columns
        self.widths = [column.width or rest for column in columns]
        self.head = self._titles()
        self.repeated = self.head if continued is None else self._continued(continued)

    def _continued(self, title: str) -> Block:
        size = self.size

        def draw(sheet: Sheet, top: float) -> None:
            sheet.text(self.x, top, title, size, width=self.width, bold=True)
            self.head.draw(sheet, top + size * LEADING + 2)

        return Block(self.head.height + size * LEADING + 2, draw)

    def _titles(self) -> Block:
        size = self.size - 1
        height = size * LEADING + 2 * _PADDING

        def draw(sheet: Sheet, top: float) -> None:
            sheet.fill(self.x, top, self.width, height, grey=0.9)
            x = self.x
            for column, width in zip(self.columns, self.widths, strict=True):
                if column.title:
                    room = width - _GAP
                    left = x + _GAP / 2
                    sheet.text(left, top + _PADDING, column.title, size, width=room, bold=True, align=column.align)
                x += width

        return Block(height, draw, keep=True)

    def row(self, cells: Sequence[Cell], *, keep: bool = False, ruled: bool = True) -> Block:
        """One row; an empty cell is "" (None prints a dash)."""
        laid = [self._cell(*place) for place in zip(self.columns, self.widths, cells, strict=True)]
        height = max(sum(size * LEADING for _, size in lines) for lines in laid) + 2 * _PADDING

        def draw(sheet: Sheet, top: float) -> None:
            x = self.x
            for column, width, lines in zip(self.columns, self.widths, laid, strict=True):
                line_top = top + _PADDING
                for place, (line, size) in enumerate(lines):
                    shift = (self.size - size) * 0.93 if place == 0 else 0.0
                    sheet.lines(x + _GAP / 2, line_top + shift, [line], size, width=width - _GAP, align=column.align)
                    line_top += size * LEADING
                x += width
            if ruled:
                sheet.rule(self.x, top + height, self.width, weight=0.3, grey=0.7)

        return Block(height, draw, keep=keep, head=self.repeated)

    def _cell(self, column: Column, width: float, cell: Cell) -> list[tuple[str, float]]:
        if cell == "":
            return []
        main, *further = cell if isinstance(cell, tuple) else (cell,)
        style, room = self.area.face.regular, width - _GAP
        if not column.wrap:
            smallest = _SMALLEST_NUMBER if column.align == "right" else _SMALLEST_TEXT
            lines = [texts.one_line(style, main, self.size, room, smallest)]
        else:
            lines = [(line, self.size) for line in texts.wrap(style, main, self.size, room)]
        small = self.size * _SMALL
        for text in further:
            lines += [(line, small) for line in texts.wrap(style, text, small, room)]
        return lines
