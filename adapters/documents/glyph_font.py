"""The font of a PDF's shaped texts: one TrueType font made of the glyphs in use, whatever files they came from.

Outlines of TrueType and CFF fonts become the glyphs of one small font that every reader and printer understands. Each
of its codes stands for a glyph and the characters it was shaped from, so that the text can be found and copied.
"""

from functools import lru_cache
from io import BytesIO
from typing import Any

from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.cu2quPen import Cu2QuPen  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfdoc  # type: ignore[import-untyped]

from adapters.documents.shaping import UNITS, Face, Glyph, Line, font_of

NAME = "AAAAAA+DaybookGlyphs"
INTERNAL = "FGlyphs"
_PRECISION = 1.0  # of a curve, in units of the em
_CODES_AT_ONCE = 100
_Key = tuple[Face, int, str]


@lru_cache(maxsize=8192)
def _outline(face: Face, glyph: int) -> tuple[Any, int]:
    """The outline of a glyph in quadratic curves, and how far it advances."""
    pen = TTGlyphPen(None)
    font = font_of(face)
    font.draw_glyph_with_pen(glyph, Cu2QuPen(pen, _PRECISION, reverse_direction=False))
    return pen.glyph(), int(font.get_glyph_h_advance(glyph))


class GlyphFont:
    """The glyphs of one PDF. Reportlab asks for its objects when the file is written (``addObjects``)."""

    def __init__(self) -> None:
        self._codes: dict[_Key, int] = {}

    def show(self, line: Line, x: float, baseline: float, size: float, *, tagged: bool = True) -> str:
        """What draws a line at a place of the page, in PDF's own words."""
        parts = [f"q BT /{INTERNAL} {size:.3f} Tf 1 0 0 1 {x:.3f} {baseline:.3f} Tm"]
        pen = rise = 0
        for cluster in _clusters(line.glyphs):
            several = tagged and len(cluster) > 1
            if several:
                text = cluster[0].text or cluster[-1].text
                parts.append(f"/Span <</ActualText <FEFF{_utf16(text)}>>> BDC")
            for glyph in cluster:
                code, advance = self._code(glyph)
                if glyph.y != rise:
                    rise = glyph.y
                    parts.append(f"{rise * size / UNITS:.3f} Ts")
                back = "" if glyph.x == pen else f"{(pen - glyph.x) * 1000 / UNITS:.2f} "
                parts.append(f"[{back}<{code:04X}>] TJ")
                pen = glyph.x + advance
            if several:
                parts.append("EMC")
        return " ".join([*parts, "ET Q"])

    def _code(self, glyph: Glyph) -> tuple[int, int]:
        key = (glyph.face, glyph.glyph, glyph.text)
        code = self._codes.setdefault(key, len(self._codes) + 1)
        return code, _outline(glyph.face, glyph.glyph)[1]

    def register(self, document: Any) -> None:
        """Have the font written with the document."""
        if NAME not in document.fontMapping:
            document.fontMapping[NAME] = f"/{INTERNAL}"
            document.delayedFonts.append(self)

    def addObjects(self, document: Any) -> None:  # noqa: N802
        """Add the font, when all its glyphs are known."""
        widths = [_outline(face, glyph)[1] for face, glyph, _ in self._codes]
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": pdfdoc.PDFName(NAME),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {"Registry": pdfdoc.PDFString("Adobe"), "Ordering": pdfdoc.PDFString("Identity"), "Supplement": 0}
                ),
                "FontDescriptor": self._descriptor(document, self._file()),
                "DW": 1000,
                "W": pdfdoc.PDFArray([1, pdfdoc.PDFArray([round(width * 1000 / UNITS, 2) for width in widths])]),
                "CIDToGIDMap": "/Identity",
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": pdfdoc.PDFName(NAME),
                "Encoding": "/Identity-H",
                "DescendantFonts": pdfdoc.PDFArray([document.Reference(descendant, f"descendant:{NAME}")]),
                "ToUnicode": _stream(document, self._to_unicode(), "toUnicode"),
            }
        )
        document.idToObject["BasicFonts"].dict[INTERNAL] = document.Reference(font, f"font:{NAME}")

    def _descriptor(self, document: Any, file: bytes) -> Any:
        facts = {
            "Type": "/FontDescriptor",
            "FontName": pdfdoc.PDFName(NAME),
            "Flags": 4,
            "FontBBox": pdfdoc.PDFArray([-1000, -500, 3000, 1500]),
            "ItalicAngle": 0,
            "Ascent": 1000,
            "Descent": -400,
            "CapHeight": 700,
            "StemV": 80,
            "FontFile2": _stream(document, file, "file", Length1=len(file)),
        }
        return document.Reference(pdfdoc.PDFDictionary(facts), f"fontDescriptor:{NAME}")

    def _file(self) -> bytes:
        """The font file: its glyphs in the order of their codes."""
        names = [".notdef", *(f"g{code}" for code in self._codes.values())]
        drawn = {name: _outline(face, glyph) for name, (face, glyph, _) in zip(names[1:], self._codes, strict=True)}
        builder = FontBuilder(UNITS, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({})
        builder.setupGlyf(
            {".notdef": TTGlyphPen(None).glyph()} | {name: outline for name, (outline, _) in drawn.items()}
        )
        table = builder.font["glyf"]
        metrics = {
            name: (advance, table[name].xMin if table[name].numberOfContours else 0)
            for name, (_, advance) in drawn.items()
        }
        builder.setupHorizontalMetrics({".notdef": (0, 0)} | metrics)
        builder.setupHorizontalHeader(ascent=UNITS, descent=-UNITS // 2)
        builder.font["head"].created = builder.font["head"].modified = 0
        builder.font.recalcTimestamp = False
        file = BytesIO()
        builder.font.save(file, reorderTables=False)
        return file.getvalue()

    def _to_unicode(self) -> bytes:
        pairs = [f"<{code:04X}> <{_utf16(text)}>" for (_, _, text), code in self._codes.items() if text]
        blocks = [pairs[start : start + _CODES_AT_ONCE] for start in range(0, len(pairs), _CODES_AT_ONCE)]
        maps = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{maps}\nendcmap CMapName currentdict /CMap defineresource pop end end"
        ).encode("ascii")


def _clusters(glyphs: tuple[Glyph, ...]) -> list[list[Glyph]]:
    clusters: list[list[Glyph]] = []
    for glyph in glyphs:
        if clusters and clusters[-1][0].cluster == glyph.cluster:
            clusters[-1].append(glyph)
        else:
            clusters.append([glyph])
    return clusters


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _stream(document: Any, content: bytes, name: str, **facts: int) -> Any:
    stream = pdfdoc.PDFStream()
    stream.content = content
    for key, value in facts.items():
        stream.dictionary[key] = value
    if document.compression:
        stream.filters = [pdfdoc.PDFZCompress]
    return document.Reference(stream, f"{name}:{NAME}")
