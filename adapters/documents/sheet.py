"""A page to draw on: points from the top left corner, texts that always fit, lines, boxes, bars.

``top`` is the upper edge of a line of text, which takes 1.2 times its size. A text is given a width and never leaves
it: it is shrunk, wrapped or, when nothing else helps, cut with an ellipsis. Only this module and ``rendering`` know the
PDF library.
"""

from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]

from adapters.documents import text as texts
from adapters.documents.barcodes import DOT, qr_runs
from adapters.documents.glyph_font import GlyphFont
from adapters.documents.shaping import UNITS, Line, reads_from_right
from adapters.documents.typeface import Style, Typeface

MM = 72 / 25.4
LEADING = 1.2
_ASCENT = 0.93


class Sheet:
    """The current page of a PDF that is being written."""

    def __init__(self, canvas: Any, face: Typeface) -> None:
        self.canvas = canvas
        self.face = face
        self.glyphs = GlyphFont()
        self.width = 0.0
        self.height = 0.0
        self._font: tuple[str, float] | None = None
        self._grey = 0.0

    def begin(self, width: float, height: float) -> None:
        """Start a page of this size, in points."""
        self.canvas.setPageSize((width, height))
        self.width, self.height = width, height
        self._font = None
        self._grey = 0.0

    def end(self) -> None:
        """The page is complete."""
        self.canvas.showPage()

    def text(
        self,
        x: float,
        top: float,
        content: str | None,
        size: float = 9,
        *,
        width: float,
        bold: bool = False,
        align: str = "left",
        grey: float = 0.0,
        smallest: float = 4.5,
    ) -> float:
        """One line within ``width``: shrunk to ``smallest``, then cut. Answers the top of a next line of ``size``."""
        style = self.face.style(bold=bold)
        line, fitted = texts.one_line(style, content, size, width, smallest)
        align = _side(style, [line], align)
        self._draw(x, top + _ASCENT * size, line, fitted, bold=bold, width=width, align=align, grey=grey)
        return top + size * LEADING

    def lines(
        self,
        x: float,
        top: float,
        content: list[str],
        size: float = 9,
        *,
        width: float,
        bold: bool = False,
        align: str = "left",
        grey: float = 0.0,
    ) -> float:
        """Lines that were wrapped to ``width`` already; answers the top of what comes below.

        A block that begins from right to left stands at the right with all its lines, one that does not at the left.
        """
        align = _side(self.face.style(bold=bold), content, align)
        for line in content:
            self._draw(x, top + _ASCENT * size, line, size, bold=bold, width=width, align=align, grey=grey)
            top += size * LEADING
        return top

    def _draw(
        self, x: float, baseline: float, line: str, size: float, *, bold: bool, width: float, align: str, grey: float
    ) -> None:
        style = self.face.style(bold=bold)
        if not style.is_plain(line):
            self._ink(grey)
            self._draw_shaped(x, baseline, style.line(line), size, width=width, align=align)
            return
        if align != "left":
            spare = width - style.width(line, size)
            x += spare if align == "right" else spare / 2
        self._ink(grey)
        if self._font != (style.name, size):
            self.canvas.setFont(style.name, size)
            self._font = (style.name, size)
        self.canvas.drawString(x, self.height - baseline, line)

    def _draw_shaped(self, x: float, baseline: float, line: Line, size: float, *, width: float, align: str) -> None:
        """What was measured word by word may be wider as a line by a hair: then it is set smaller by that."""
        natural = line.width * size / UNITS
        if natural > width:
            size, natural = size * width / natural, width
        if align != "left":
            x += width - natural if align == "right" else (width - natural) / 2
        self.glyphs.register(self.canvas._doc)
        self.canvas.addLiteral(self.glyphs.show(line, x, self.height - baseline, size))

    def _ink(self, grey: float) -> None:
        if grey != self._grey:
            self.canvas.setFillGray(grey)
            self._grey = grey

    def rule(self, x: float, top: float, width: float, *, weight: float = 0.5, grey: float = 0.0) -> None:
        """A horizontal line."""
        self.fill(x, top - weight / 2, width, weight, grey=grey)

    def upright(self, x: float, top: float, height: float, *, weight: float = 0.5) -> None:
        """A vertical line."""
        self.fill(x - weight / 2, top, weight, height)

    def fill(self, x: float, top: float, width: float, height: float, *, grey: float = 0.0) -> None:
        """A filled box."""
        self._ink(grey)
        self.canvas.rect(x, self.height - top - height, width, height, stroke=0, fill=1)

    def frame(self, x: float, top: float, width: float, height: float, *, weight: float = 0.5) -> None:
        """An empty box."""
        self.canvas.setLineWidth(weight)
        self.canvas.rect(x, self.height - top - height, width, height, stroke=1, fill=0)

    def bars(self, x: float, top: float, bars: list[int], module: float, height: float) -> None:
        """Bars of ``module`` points each, the first at ``x``, which goes to the next dot of a label printer."""
        x = round(x / DOT) * DOT
        bottom = self.height - top - height
        path = self.canvas.beginPath()
        for place, modules in enumerate(bars):
            if place % 2 == 0:
                path.rect(x, bottom, modules * module, height)
            x += modules * module
        self._ink(0.0)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def qr(self, x: float, top: float, text: str, side: float) -> None:
        """A QR code whose dark square is ``side`` points wide."""
        modules, runs = qr_runs(text)
        module = side / modules
        path = self.canvas.beginPath()
        for column, row, length in runs:
            path.rect(x + column * module, self.height - top - (row + 1) * module, length * module, module)
        self._ink(0.0)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def picture(self, x: float, top: float, image: bytes, width: float, height: float) -> float:
        """A picture, as large as the box allows, in its upper left corner; answers the height it took."""
        reader = _reader(image)
        wide, high = reader.getSize()
        scale: float = min(width / wide, height / high)
        size: tuple[float, float] = (wide * scale, high * scale)
        self.canvas.drawImage(reader, x, self.height - top - size[1], *size, mask="auto")
        return size[1]


def _side(style: Style, lines: list[str], align: str) -> str:
    """Where lines stand that are to stand at the side from which they are read."""
    if align != "left" or all(style.is_plain(line) for line in lines):
        return align
    return "right" if reads_from_right("".join(lines)) else align


@lru_cache(maxsize=4)
def _reader(image: bytes) -> Any:
    """The picture in the colours of a screen: files for the archive know no other ones."""
    with Image.open(BytesIO(image)) as picture:
        return ImageReader(picture.convert("RGB") if picture.mode == "CMYK" else BytesIO(image))
