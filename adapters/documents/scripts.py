"""What cannot be printed, said before it is: the characters, their scripts, and what to install.

A label of empty boxes is worse than none. Letters, digits and punctuation that no font has are refused; pictures
(emoji) that none has print as a replacement mark, because nobody needs them to deliver a parcel.
"""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, is_dataclass

from adapters.documents.contents import Document
from adapters.documents.typeface import Typeface

CHARACTERS_NAMED_MAX = 12
# How Han characters are written where the receiver lives; everywhere else as in Japan.
_HAN = {"CN": "SC", "SG": "SC", "MY": "SC", "TW": "TC", "HK": "HK", "MO": "HK", "KR": "KR", "KP": "KR"}
_IN_NOTO_CJK = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC")


class Unprintable(Exception):
    """No font has some of a document's characters; the message names them and says what to do."""

    def __init__(self, characters: set[str]) -> None:
        self.characters = tuple(sorted(characters))
        super().__init__(_advice(self.characters))


def _advice(characters: Sequence[str]) -> str:
    named = ", ".join(f"{char} (U+{ord(char):04X})" for char in characters[:CHARACTERS_NAMED_MAX])
    more = len(characters) - CHARACTERS_NAMED_MAX
    if more > 0:
        named += f" and {more} more"
    names = [unicodedata.name(char, "") for char in characters]
    cjk = [name.startswith(_IN_NOTO_CJK) for name in names]
    packages = [*(["fonts-noto-cjk"] if any(cjk) else []), *([] if all(cjk) else ["fonts-noto-core"])]
    return (
        f"No font on this machine has the characters {named}. Install one (Debian: apt install {' '.join(packages)}), "
        "or name a font file or a folder of fonts under documents.fonts in the merchant's file."
    )


def texts_of(documents: Sequence[Document]) -> set[str]:
    """All that is written in documents."""
    return {text for document in documents for text in _texts(document)}


def lacking(face: Typeface, texts: Collection[str]) -> set[str]:
    """The characters of texts that cannot be printed."""
    return {char for text in texts if not face.regular.is_plain(text) for char in face.lacking(text)}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value):
        for each in fields(value):
            if each.metadata.get("printed", True):
                yield from _texts(getattr(value, each.name))


def han_in(country: str | None) -> str:
    """How Han characters are written in the country of a document's receiver."""
    return _HAN.get(country or "", "JP")
