"""Letters as people type them: without case and accents, one way to write what can be written in several.

PostgreSQL may know no ICU and no unaccent, so both sides of every comparison are folded here: the texts of a row when
it is written, the words of a question when it is asked. Nothing else may fold.

An accent that only helps reading goes (Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowel signs). A mark
that is half of a letter stays: without its vowel signs राम is the same as मीरा.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

APOSTROPHE = "'"
# Before Unicode takes anything apart: it would make a space of some of them.
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u2032\u00b4\u0060\uff07\u05f3\u055a", APOSTROPHE))
# Letters that readers take for others although Unicode does not take them apart, in lower case.
_LETTERS = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i",
        "ŋ": "n", "ĸ": "k", "ƒ": "f", "ɓ": "b", "ɗ": "d", "ɠ": "g", "ƙ": "k", "ƴ": "y", "ə": "e", "ɛ": "e", "ɔ": "o",
        "\u0491": "\u0433", "\u0452": "\u0434", "\u2032": APOSTROPHE,
        # Arabic: alef with wasla; alef maksura and Farsi yeh; Farsi and swash kaf; teh marbuta, Urdu and Kurdish heh
        "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06d2": "\u064a", "\u06a9": "\u0643",
        "\u06aa": "\u0643", "\u0629": "\u0647", "\u06c1": "\u0647", "\u06be": "\u0647", "\u06d5": "\u0647",
        # Hebrew letters at the end of a word
        "\u05da": "\u05db", "\u05dd": "\u05de", "\u05df": "\u05e0", "\u05e3": "\u05e4", "\u05e5": "\u05e6",
        "\u0901": "\u0902",  # candrabindu is written as anusvara as often
    }
)  # fmt: skip
# What helps reading only, and what is neither seen nor meant: accents, points and vowel signs that readers leave out,
# the tatweel, modifier letters (the okina), soft hyphens, zero-width characters, directions, variants of glyphs.
_NOTHING_MEANT = (
    (0x00AD, 0x00AD), (0x02B0, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2),
    (0x05C4, 0x05C5), (0x05C7, 0x05C7), (0x0600, 0x0605), (0x0610, 0x061A), (0x061C, 0x061C), (0x0640, 0x0640),
    (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DD), (0x06DF, 0x06E4), (0x06E7, 0x06E8), (0x06EA, 0x06ED),
    (0x070F, 0x070F), (0x0711, 0x0711), (0x0730, 0x074A), (0x07EB, 0x07F3), (0x0890, 0x0891), (0x0897, 0x089F),
    (0x08CA, 0x08FF), (0x093C, 0x093C), (0x0A3C, 0x0A3C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x20D0, 0x20F0),
    (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE01EF),
)  # fmt: skip


def _class(spans: Iterable[tuple[int, int]]) -> str:
    """Characters from ... to ..., as what stands in the brackets of a regular expression."""
    return "".join([f"\\U{low:08x}-\\U{high:08x}" for low, high in spans])


_NOTHING = re.compile(f"[{_class(_NOTHING_MEANT)}]+")
_MARKS = [code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code)) in {"Mn", "Mc"}]
_KEPT = _class([(code, code) for code in _MARKS if not any(low <= code <= high for low, high in _NOTHING_MEANT)])
LETTER = rf"(?:[^\W_]|[{_KEPT}])"
MARKS = f"[{_KEPT}]*"


def plain(text: str) -> str:
    """The text in lower case, without accents: "Müller" and "MULLER" are both "muller"."""
    if text.isascii():
        return text.lower()
    return " ".join(map(_plain, text.split(" ")))  # no text is like another, but names and places come again


@lru_cache(8192)
def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    # Once more, because the lower case of a letter may come apart again.
    folded = unicodedata.normalize("NFKD", _NOTHING.sub("", apart).casefold())
    letters = _NOTHING.sub("", folded).translate(_LETTERS)
    return "".join(map(_ascii_digit, unicodedata.normalize("NFC", letters)))


def _ascii_digit(character: str) -> str:
    """Digits of other scripts are digits: on a phone or in a street one is written for the other."""
    if character.isascii():
        return character
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
