"""Words as people search for them: what a text is found by, and what a question asks for.

A question finds the beginnings of words. Where a script writes no space between words (Chinese, Japanese, Thai, Khmer,
...) a word begins at every letter: such a text is kept as runs of three letters from each place on, so that 太郎 is
found in 山田太郎, and longer questions ask for every run of theirs. Korean, which writes a name in one, as well.
What can be typed in two ways is kept in both: Müller as "muller" and "mueller", O'Brien as "o", "brien" and "obrien".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from projections.paging.letters import APOSTROPHE, LETTER, MARKS, plain

# Longer ones are cut, on both sides alike: a lexeme has an end.
WORD_MAX = 100
RUN = 3

_ASCII_WORD = re.compile(f"[0-9a-z]{{1,{WORD_MAX}}}")
_NO_LETTERS = {code: None for code in range(128) if not chr(code).isalnum()}
_LETTERS = re.compile(f"{LETTER}+")
_NAME = re.compile(f"{LETTER}+(?:{APOSTROPHE}{LETTER}+)*")
# Thai and Lao, Myanmar, Hangul, Khmer, Tai Le to Tai Tham, kana and Han.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u2e80-\u2fdf\u3005-\u3007"
    "\u3021-\u312f\u3131-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U000323af"
)
_SAME_SCRIPT = re.compile(f"[{_SPACELESS}]+|[^{_SPACELESS}]+")
_BEGINS_SPACELESS = re.compile(f"[{_SPACELESS}]")
_CLUSTER = re.compile(f".{MARKS}")
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe"}
_UMLAUT = re.compile("[äöüøå]")
# How the same letters are typed where a keyboard has none of them, or where only some of them are taken apart.
_SPELLINGS = [str.maketrans(table) for table in (_UMLAUTS, {"å": "aa"}, _UMLAUTS | {"å": "aa"})]

# A lexeme has an end; an address that is longer than allowed is found by its beginning.
ADDRESS_MAX = 250
_AROUND_ADDRESS = "<>,;:\"'()@.!?"
_IN_ADDRESS = re.compile(r"\w[@._+]+\w")
_NAME_IN_ADDRESS = re.compile(r"[^\W\d_]{2,100}")

Choices = tuple[str, ...]


class Found(NamedTuple):
    """What a piece of text without blanks is found by: its words, and other ways to type them."""

    words: tuple[str, ...]
    others: tuple[str, ...]


@lru_cache(64)  # one order says the same name and address several times
def words(text: str) -> str:
    """What a text is found by, with one space between: "O'Neill, Zoë" is "o neill zoe oneill"."""
    if text.isascii() and APOSTROPHE not in text:
        return " ".join(_ASCII_WORD.findall(text.lower()))
    found = [_found(piece) for piece in text.split(" ")]
    first = [word for each in found for word in each.words]
    return " ".join([*first, *dict.fromkeys([word for each in found for word in each.others])])


@lru_cache(8192)  # no text is like another, but names and places come again
def _found(piece: str) -> Found:
    first: list[str] = []
    others: list[str] = []
    for number, spelling in enumerate(_spellings(piece)):
        for name in _NAME.findall(spelling):
            parts = name.split(APOSTROPHE)
            (others if number else first).extend(_all_runs(parts))
            if len(parts) > 1:
                others += _all_runs(["".join(parts)])
    return Found(tuple(first), tuple([word for word in others if word not in first]))


def _all_runs(parts: Iterable[str]) -> list[str]:
    return [run for part in parts for run in _runs(part, to_the_end=True)]


def _spellings(text: str) -> list[str]:
    """The folded text, and the ways in which it may be typed besides, word for word."""
    letters = unicodedata.normalize("NFC", text).lower()
    others = [plain(letters.translate(table)) for table in _SPELLINGS] if _UMLAUT.search(letters) else []
    return list(dict.fromkeys([plain(text), *others]))


def _runs(word: str, *, to_the_end: bool) -> Iterator[str]:
    """A word as it is kept: itself, and where a script knows no blanks the runs of its letters.

    A text is kept ``to_the_end``, where the runs grow shorter; a question needs only those that are complete.
    """
    if word.isascii():
        yield from _cut(word)
        return
    for part in _SAME_SCRIPT.findall(word):
        if not _BEGINS_SPACELESS.match(part):
            yield from _cut(part)
            continue
        letters = _CLUSTER.findall(part)
        last = len(letters) if to_the_end else max(1, len(letters) - RUN + 1)
        for start in range(last):
            yield "".join(letters[start : start + RUN])[:WORD_MAX]


def _cut(word: str) -> Iterator[str]:
    for start in range(0, len(word), WORD_MAX):
        yield word[start : start + WORD_MAX]


def asked_words(text: str) -> list[Choices]:
    """What a question asks for: of each tuple one must begin a word of the text."""
    wanted: list[Choices] = []
    for piece in text.split():
        spellings = [[name.replace(APOSTROPHE, "") for name in _NAME.findall(each)] for each in _spellings(piece)]
        for name in zip(*spellings, strict=True):
            runs = [list(_runs(spelling, to_the_end=False)) for spelling in name]
            wanted += [tuple(dict.fromkeys(choices)) for choices in zip(*runs, strict=False)]
    return wanted


def address_lexemes(email: str) -> list[str]:
    """What an email address is found by, as lexemes of a tsvector: itself, the words of its local part, its domain."""
    folded = plain(email)[:ADDRESS_MAX]
    local, _, domain = folded.rpartition("@")
    found = [_quoted(folded), *_NAME_IN_ADDRESS.findall(local)]
    while "." in domain:
        found.append(_quoted(domain))
        domain = domain.partition(".")[2]
    return found


def _quoted(lexeme: str) -> str:
    if "'" in lexeme or "\\" in lexeme:
        lexeme = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{lexeme}'"


def letters_of(text: str) -> str:
    """The letters and digits of a reference, folded, without anything between them."""
    if text.isascii():
        return text.lower().translate(_NO_LETTERS)[:WORD_MAX]
    return "".join(_LETTERS.findall(plain(text)))[:WORD_MAX]


def address_query(term: str) -> str:
    """A tsquery for an email address, or the beginning of one, or a domain; "" when it does not look like that."""
    folded = plain(term).strip(_AROUND_ADDRESS)[:ADDRESS_MAX]
    return f"{_quoted(folded)}:*" if _IN_ADDRESS.search(folded) else ""


def beginnings(term: str) -> str:
    """A tsquery for rows in which every word of the term begins some word; "" when it has no word."""
    return " & ".join([_any_of(choices) for choices in asked_words(term)])


def _any_of(choices: Choices) -> str:
    either = " | ".join([f"{word}:*" for word in choices])
    return f"({either})" if len(choices) > 1 else either
