"""Words as people search for them: without case, accents and punctuation.

PostgreSQL may know no ICU and no unaccent, so both sides of every comparison are folded here: the
texts of a row when it is written, the words of a question when it is asked. Nothing else may fold.
"""

import re
import unicodedata
from functools import lru_cache

# Letters that readers take for accented ones although Unicode does not take them apart; the last is the dotless i.
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i"})
_STROKED = re.compile("[" + "".join(map(chr, _STROKES)) + "]")
# Those of the basic plane: beyond it are musical and historical ones, and a search would take ten times as long.
_MARKS = re.compile("[" + "".join(chr(c) for c in range(0x300, 0x10000) if unicodedata.combining(chr(c))) + "]+")
# Longer runs are cut, on both sides alike: a lexeme has an end.
_WORDS = re.compile(r"[^\W_]{1,100}")


def plain(text: str) -> str:
    """The text in lower case, without accents: "Müller" and "MULLER" are both "muller"."""
    if text.isascii():
        return text.lower()
    return " ".join(map(_plain, text.split(" ")))  # no text is like another, but names and places come again


@lru_cache(8192)
def _plain(text: str) -> str:
    folded = _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return folded.translate(_STROKES) if _STROKED.search(folded) else folded


@lru_cache(64)  # one order says the same name and address several times
def words(text: str) -> str:
    """The words of a text, folded, with one space between: "O'Neill, Zoë" is "o neill zoe"."""
    return " ".join(_WORDS.findall(plain(text)))


def address_lexeme(email: str) -> str:
    """An email address as one lexeme of a tsvector or tsquery."""
    quoted = plain(email)[:250].replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"


def prefix_query(text: str) -> str:
    """A tsquery for rows in which every word of the text begins some word; "" when it has no word.

    What looks like an email address is one word, and not the words it is made of.
    """
    asked = []
    for term in text.split():
        if "@" in term.strip("@"):
            asked.append(address_lexeme(term.strip("<>,;\"'()")))
        else:
            asked += words(term).split()
    return " & ".join([f"{word}:*" for word in asked])
