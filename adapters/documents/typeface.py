"""The typefaces: what can be shown, how wide it is, and what becomes of what cannot.

DejaVu Sans Condensed (Latin, Greek, Cyrillic and more) lies beside this package and comes first; then the fonts that
the merchant names, then those installed on the machine. Texts of plain characters take a short way: widths are added
up. All others are shaped (``shaping``). Every text goes through ``printable`` before it is measured or drawn, so
nothing that a customer typed (control characters, direction overrides, lone surrogates) can reach the page.
"""

import time
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from threading import RLock

from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

from adapters.documents import shaping
from adapters.documents.fontlist import HAN_ORDER, FontError, FontFile, faces_of, in_folder, installed
from adapters.documents.shaping import JOINERS, Face, Line

__all__ = ["FONTS", "Font", "FontError", "Style", "Typeface", "forget_installed", "is_news", "typeface"]

FONTS = Path(__file__).parent.parent / "fonts"
REGULAR = FONTS / "DejaVuSansCondensed.ttf"
BOLD = FONTS / "DejaVuSansCondensed-Bold.ttf"
DASH = "—"
# As many as any script puts on one letter.
MARKS_MAX = 5
LONGEST_LINE = 600
UNKNOWN = "\ufffd"
FROM_RIGHT = "\u200f"
_REGULAR, _BOLD = 400, 700
# What has to be combined, turned around or looked up before it can be drawn is not plain.
_PLAIN_DIRECTIONS = frozenset({"L", "EN", "ES", "ET", "CS", "WS", "ON"})
# Characters without which a text is another one; a picture that is missing prints as a mark instead.
_NEEDED = frozenset("LMNP")
_reading = RLock()
LOOK_AGAIN_SECONDS = 5.0
_looked: list[float] = []


class Font:
    """A shipped font: its name for the PDF and the width of every plain character it has, in 1/1000 of the size."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.face = Face(path)
        font = TTFont(self.name, str(path), shapable=False)
        pdfmetrics.registerFont(font)
        characters = {chr(code): font.face.getCharWidth(code) for code in font.face.charToGlyph}
        self.chars = frozenset(characters)
        # Beyond U+FFFF the library writes a character map that readers cannot parse: text would not be found again.
        self.widths: dict[str, float] = {
            char: width for char, width in characters.items() if char <= "\uffff" and _is_plain(char)
        }


def few_marks(text: str) -> Iterator[str]:
    """``text`` with at most MARKS_MAX marks on a letter: a stack of more would be drawn over what stands around it."""
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= MARKS_MAX:
            yield char


def _is_plain(char: str) -> bool:
    return unicodedata.category(char)[0] != "M" and unicodedata.bidirectional(char) in _PLAIN_DIRECTIONS


class Style:
    """A weight of the typeface: the shipped font, then the ones to turn to for what it lacks, in their order."""

    def __init__(self, own: Font, further: Sequence[FontFile], *, bold: bool) -> None:
        self.name = own.name
        self.widths = own.widths
        self._plain = own.widths.keys()
        self._own = own
        self._further = further
        self._weight = _BOLD if bold else _REGULAR
        self._faces: dict[str, Face | None] = {}
        self.line = lru_cache(maxsize=1024)(self._line)
        self._cleaned = lru_cache(maxsize=512)(self._clean)
        self._word = lru_cache(maxsize=16384)(self._measured)

    def is_plain(self, text: str) -> bool:
        """Whether the shipped font draws it character by character."""
        return self._plain >= set(text)

    def width(self, text: str, size: float) -> float:
        """How wide a printable text is, in points: the sum of its words, so that lines need no shaping to be broken."""
        if self.is_plain(text):
            return sum(map(self.widths.__getitem__, text)) * size / 1000
        words = text.split(" ")
        spaces = (len(words) - 1) * self.widths[" "] / 1000
        return (spaces + sum(map(self._word, words))) * size

    def _measured(self, word: str) -> float:
        """How wide a word is at size 1."""
        if self.is_plain(word):
            return sum(map(self.widths.__getitem__, word)) / 1000
        return self._line(word).width / shaping.UNITS

    def fits(self, text: str, size: float, width: float) -> bool:
        """Whether a text is no wider; what no line of paper can hold is not even measured."""
        return len(text) <= LONGEST_LINE and self.width(text, size) <= width

    def head(self, word: str, size: float, room: float) -> str:
        """The longest beginning of a word that fits; nothing that belongs together is taken apart."""
        if self.is_plain(word):
            return self._plain_head(word, size, room)
        word = word[:LONGEST_LINE]
        line = self.line(word)
        place = bisect_right(line.before, room * shaping.UNITS / size) - 1
        # At its new end a text may be shaped in another way.
        while place > 0 and self.width(word[: line.breaks[place]], size) > room:
            place -= 1
        return word[: line.breaks[place]] if place > 0 else ""

    def first(self, word: str) -> str:
        """The least that a line can hold of a word."""
        return word[:1] if self.is_plain(word) else word[: next(place for place in self.line(word).breaks if place)]

    def _plain_head(self, word: str, size: float, room: float) -> str:
        used = 0.0
        for place, char in enumerate(word):
            used += self.widths[char] * size / 1000
            if used > room:
                return word[:place]
        return word

    def _line(self, text: str) -> Line:
        """A printable text as glyphs."""
        return shaping.line(text, self._faces_of)

    def _faces_of(self, text: str) -> list[Face]:
        """The face of every character; what belongs to no script in particular stays with what it stands beside."""
        chosen: list[Face] = []
        current: Face | None = None
        for char in text:
            neutral = not char.isalpha()
            if current is None or not (neutral and self._has(current, char)):
                current = self._face_of(char) or current or self._own.face
            chosen.append(current)
        return chosen

    def _has(self, face: Face, char: str) -> bool:
        if char in JOINERS or char == FROM_RIGHT:
            return True
        return shaping.font_of(face).get_nominal_glyph(ord(char)) is not None

    def _face_of(self, char: str) -> Face | None:
        """The first face that has a character; None when none has."""
        if char not in self._faces:
            self._faces[char] = self._found(char)
        return self._faces[char]

    def _found(self, char: str) -> Face | None:
        if char in self._own.chars:
            return self._own.face
        file = next((file for file in self._further if char in file), None)
        return None if file is None else Face(file.path, file.index, self._weight if file.variable else None)

    def lacks(self, char: str) -> bool:
        """Whether no font has a character without which a text is not that text."""
        return unicodedata.category(char)[0] in _NEEDED and self._shown(char) == UNKNOWN != char

    def printable(self, text: str | None) -> str:
        """``text`` as one line that can be drawn; a dash for nothing."""
        if not text:
            return DASH
        if not (text.isprintable() and self.is_plain(text)):
            text = self._cleaned(text)
        return " ".join(text.split()) or DASH

    def _clean(self, text: str) -> str:
        text = "".join(map(self._shown, few_marks(unicodedata.normalize("NFC", text))))
        bare = "".join(char for char in text if char not in JOINERS)
        return bare if self.is_plain(bare) else text

    def _shown(self, char: str) -> str:
        category = unicodedata.category(char)
        if category in {"Cc", "Zl", "Zp", "Zs"}:
            return " "
        if char in JOINERS:
            return char
        if category == "Cf" or "\ufe00" <= char <= "\ufe0f":
            return ""
        if category in {"Cs", "Cn", "Co"} or self._face_of(char) is None:
            return UNKNOWN
        return char


class Typeface:
    """A regular and a bold style."""

    def __init__(self, regular: Style, bold: Style) -> None:
        self.regular = regular
        self.bold = bold

    def style(self, *, bold: bool) -> Style:
        return self.bold if bold else self.regular

    def lacking(self, text: str) -> set[str]:
        """The characters of a text that cannot be printed and must not be left out."""
        return {char for char in set(unicodedata.normalize("NFC", text)) if self.regular.lacks(char)}


def typeface(further: tuple[Path, ...] = (), *, with_installed: bool = True, han: str = HAN_ORDER[0]) -> Typeface:
    """The shipped typeface; for what it lacks ``further`` font files and folders, then the machine's fonts.

    ``han`` says whose way of writing Han characters comes first (JP, SC, TC, KR, HK). Raises ``FontError``.
    """
    with _reading:
        return _typeface(further, with_installed, han)


def forget_installed() -> None:
    """Look anew at what is installed."""
    with _reading:
        _typeface.cache_clear()
        _installed.cache_clear()
        _looked.clear()


def is_news() -> bool:
    """Whether the machine's fonts are others than before; looked at no more than every few seconds."""
    with _reading:
        now = time.monotonic()
        if _looked and now < _looked[-1] + LOOK_AGAIN_SECONDS:
            return False
        _looked[:] = [now]
        before = _installed()
        _installed.cache_clear()
        if _installed() == before:
            return False
        _typeface.cache_clear()
        return True


@lru_cache(maxsize=32)
def _typeface(further: tuple[Path, ...], with_installed: bool, han: str) -> Typeface:
    named = [face for path in further for face in (in_folder(path) if path.is_dir() else faces_of(path))]
    machine = _installed() if with_installed else ()

    shipped = faces_of(REGULAR)  # also in bold, for what the bold one lacks

    def style(path: Path, *, bold: bool) -> Style:
        ranked = sorted(machine, key=lambda face: face.rank(bold=bold, han=han))
        return Style(_font(path), [*shipped, *named, *ranked], bold=bold)

    return Typeface(style(REGULAR, bold=False), style(BOLD, bold=True))


@lru_cache(maxsize=1)
def _installed() -> tuple[FontFile, ...]:
    return installed()


@lru_cache(maxsize=2)
def _font(path: Path) -> Font:
    return Font(path)
