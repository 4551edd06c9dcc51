"""The embedded fonts: what they can show, how wide it is, and what becomes of what they cannot.

DejaVu Sans Condensed (Latin, Greek, Cyrillic and more) lies beside this package and is read once; a merchant can name
further TrueType fonts for scripts it lacks. Every text goes through ``printable`` before it is measured or drawn, so
nothing that a customer typed (control characters, direction overrides, lone surrogates) can reach the page.
Text is neither shaped nor reordered: Arabic and Hebrew come out in typing order.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]

FONTS = Path(__file__).parent.parent / "fonts"
DASH = "—"
UNKNOWN = "\ufffd"
_registering = Lock()


class FontError(Exception):
    """A font file that cannot be used; the message names it."""


class Font:
    """One font file: its name for the PDF and the width of every character it has, in 1/1000 of the size."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        try:
            font = TTFont(name, str(path), shapable=False)
        except (TTFError, OSError) as error:
            raise FontError(f"{path} is not a TrueType font that can be embedded: {error}") from None
        pdfmetrics.registerFont(font)
        face = font.face
        # Beyond U+FFFF the library writes a character map that readers cannot parse: text would not be found again.
        self.widths: dict[str, float] = {
            chr(code): face.getCharWidth(code) for code in face.charToGlyph if code <= 0xFFFF
        }


class Style:
    """A weight of the typeface: the font, then the ones to turn to for what it lacks."""

    def __init__(self, fonts: tuple[Font, ...]) -> None:
        self.fonts = fonts
        self.name = fonts[0].name
        self.own = fonts[0].widths.keys()
        self.widths: dict[str, float] = {}
        for font in reversed(fonts):
            self.widths |= font.widths

    def width(self, text: str, size: float) -> float:
        """How wide a printable text is, in points."""
        return sum(map(self.widths.__getitem__, text)) * size / 1000

    def runs(self, text: str) -> list[tuple[str, str]]:
        """The text in pieces of one font each: (font name, piece)."""
        if self.own >= set(text):
            return [(self.name, text)]
        pieces: list[tuple[str, str]] = []
        for char in text:
            name = next(font.name for font in self.fonts if char in font.widths)
            if pieces and pieces[-1][0] == name:
                pieces[-1] = (name, pieces[-1][1] + char)
            else:
                pieces.append((name, char))
        return pieces

    def printable(self, text: str | None) -> str:
        """``text`` as one line that can be drawn; a dash for nothing."""
        if not text:
            return DASH
        if not (text.isprintable() and self.widths.keys() >= set(text)):
            text = "".join(map(self._shown, unicodedata.normalize("NFC", text)))
        return " ".join(text.split()) or DASH

    def _shown(self, char: str) -> str:
        category = unicodedata.category(char)
        if category in {"Cc", "Zl", "Zp", "Zs"}:
            return " "
        if category == "Cf" or "\ufe00" <= char <= "\ufe0f":
            return ""
        if category in {"Cs", "Cn", "Co"} or char not in self.widths:
            return UNKNOWN
        return char


class Typeface:
    """A regular and a bold style."""

    def __init__(self, regular: Style, bold: Style) -> None:
        self.regular = regular
        self.bold = bold

    def style(self, *, bold: bool) -> Style:
        return self.bold if bold else self.regular


def typeface(further: tuple[Path, ...] = ()) -> Typeface:
    """The shipped typeface, with ``further`` fonts for the scripts it lacks; raises ``FontError``."""
    with _registering:
        return _typeface(further)


@lru_cache(maxsize=8)
def _typeface(further: tuple[Path, ...]) -> Typeface:
    others = tuple(_font(path) for path in further)
    regular = _font(FONTS / "DejaVuSansCondensed.ttf")
    bold = _font(FONTS / "DejaVuSansCondensed-Bold.ttf")
    return Typeface(Style((regular, *others)), Style((bold, *others)))


@lru_cache(maxsize=32)
def _font(path: Path) -> Font:
    return Font(f"{path.stem}-{_font.cache_info().currsize}", path)
