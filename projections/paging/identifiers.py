"""What names one order exactly: references, numbers of documents and parcels, customers, articles, phones.

They are lexemes of their own among the words of a row, each with a letter for its kind, so that one index finds both
and a house number is never taken for an invoice. Case, blanks, hyphens and other punctuation do not count: a tracking
number is typed, pasted and scanned in many ways. A phone is kept from its end, where it is the same with and without
the country and the zero in front.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from projections.paging.letters import plain
from projections.paging.words import WORD_MAX, letters_of

DIGITS_OF_A_NUMBER = 9
PHONE_MIN = 6

# The filter of each kind, and its letter.
KINDS = {
    "external_reference": "r",
    "customer_id": "c",
    "sku": "s",
    "provider_reference": "v",
    "tracking_number": "t",
    "phone": "p",
    "invoice_number": "i",
    "shipment_number": "h",
    "credit_memo_number": "m",
    "purchase_order": "u",
    "tag": "g",
}
NUMBERS = ("invoice_number", "shipment_number", "credit_memo_number")
# Documents are found by their order's number, too, and orders by one that the shop gave; and by what only they have.
_LETTERS = KINDS | {"order_number": "o", "sscc": "x", "manifest_number": "f"}
_NUMBERED = (*NUMBERS, "order_number", "manifest_number")
# Many orders have the same customer or article; of all others one order, or a few.
COMMON = frozenset({"customer_id", "sku", "tag"})
_OF_ONE_ORDER = ("external_reference", "provider_reference", "tracking_number", "purchase_order", "order_number")
# From so many letters on the beginning of such a reference is enough.
_BEGINNINGS = {"external_reference": 4, "tracking_number": 6}
# Shorter pieces of letters and digits are parts of one reference.
_LISTED_MIN = 4
_COUNTRY_CODE_MAX = 3
_SEPARATORS = re.compile(r"[\s,;]+")
_LINES = re.compile(r"[\n\r\t,;]+")
_PHONE = re.compile(r"[+0-9 ()./\u00a0\u2010-\u2013-]+")
_AFTER_PREFIX = re.compile(r"^.*\D(?=\d+$)")
_WITH_PREFIX = re.compile(r"[a-z]\w*\d{9}")
_TRUNK_ZERO = re.compile(r"\(0+\)")


def lexeme(kind: str, text: str) -> str:
    """The lexeme under which a row is found by this; "" where nothing is left of the text."""
    if kind == "phone":
        digits = _digits_of_phone(text)
        return f"p={digits[::-1]}" if len(digits) >= PHONE_MIN else ""
    if kind in NUMBERS:  # the prefix of a series stands on the document and is no part of what it is found by
        text = _AFTER_PREFIX.sub("", text)
    key = text.lstrip("0") if kind in _NUMBERED and _is_number(text) else letters_of(text)
    return f"{_LETTERS[kind]}={key}" if key else ""


@lru_cache(4096)  # the same articles are ordered again and again
def sku_lexeme(sku: str) -> str:
    """The lexeme of an article."""
    return lexeme("sku", sku)


def number_lexeme(kind: str, number: int | None) -> str:
    """The lexeme of a number of ours."""
    return f"{_LETTERS[kind]}={number}"


def foreign_lexeme(kind: str, number: str) -> str:
    """The lexeme of a document's number that another system gave: all of it, since its prefix is none of ours."""
    key = letters_of(number)
    return f"{_LETTERS[kind]}={key.lstrip('0') if _is_number(key) else key}" if key else ""


def order_number(text: str) -> str:
    """An order number as it is kept, however many zeros it is written with."""
    folded = plain(text.strip()).removeprefix("#")
    if folded.isascii() and folded.isdigit():
        return folded.lstrip("0").zfill(DIGITS_OF_A_NUMBER)
    return folded


def several(text: str) -> list[str]:
    """What a pasted text may name: all of it, each of its lines, and each of its words where all have a digit.

    A reference may have blanks and commas of its own; that too much is looked for finds nothing that was not named.
    """
    pieces = [piece for piece in _SEPARATORS.split(text) if piece]
    if not all(_has_digit(piece) for piece in pieces):
        pieces = []
    found = [text, *_LINES.split(text), *pieces]
    return list(dict.fromkeys([each.strip() for each in found if each.strip()]))


def lexemes(kind: str, text: str) -> list[str]:
    """The lexemes that a filter asks for, of which one is enough; none where the text holds no such identifier."""
    if kind == "phone":
        found = [each for line in [text, *_LINES.split(text)] for each in _phones(line)]
    elif kind in _NUMBERED:
        pieces = [plain(piece).removeprefix("#") for piece in several(text)]
        found = [lexeme(kind, piece) for piece in pieces if _is_number(piece) or _number_in(letters_of(piece))]
    else:
        found = [lexeme(kind, piece) for piece in several(text)]
    return [each for each in dict.fromkeys(found) if each]


def beside_words(term: str, *, alone: bool = True) -> list[str]:
    """What a word of a question may be besides a word: a customer, an article, the beginning of a reference.

    Among other words only what has letters and digits is: names, house numbers and postcodes would be looked for
    several times over, at a multiple of the cost.
    """
    key = letters_of(term)
    if not _has_digit(key):
        return [f"s={key}"] if key and alone else []
    if _is_number(key) and not alone:
        return []
    beginnings = [f"{KINDS[kind]}={key}:*" for kind, least in _BEGINNINGS.items() if len(key) >= least]
    return [f"s={key}", f"c={key}", *beginnings]


def named(text: str) -> list[str]:
    """What a question names exactly, as a whole or as a list of which each is wanted: lexemes of few orders each."""
    keys = _keys(text)
    whole = letters_of(text)
    found = _phones(text)
    if len(keys) == 1 or _has_digit(whole):
        found += [f"{_LETTERS[kind]}={whole}" for kind in (*_OF_ONE_ORDER, *NUMBERS) if whole]
    if len(keys) == 1:
        found += [f"c={whole}", *[lexeme(kind, number) for kind in NUMBERS if (number := _number_in(whole))]]
    elif _is_list(text, keys):
        found += [f"{_LETTERS[kind]}={key}" for key in keys for kind in _OF_ONE_ORDER]
    return [each for each in dict.fromkeys(found) if not each.endswith("=")]


def order_numbers(text: str) -> list[str]:
    """The order numbers that a question consists of."""
    keys = _keys(text)
    if len(keys) > 1 and not _is_list(text, keys):
        return []
    return [order_number(key) for key in keys if _is_number(key)]


def _keys(text: str) -> list[str]:
    return [key for key in map(letters_of, _SEPARATORS.split(text)) if key]


def _is_list(text: str, keys: Sequence[str]) -> bool:
    """Whether these are several identifiers, and not one that is written with blanks."""
    if not all(_has_digit(key) for key in keys):
        return False
    if len([line for line in _LINES.split(text) if line.strip()]) > 1:
        return True
    alike = all(_is_number(key) for key in keys) or all(len(key) >= _LISTED_MIN for key in keys)
    return alike and not text.lstrip().startswith("+")


def _number_in(key: str) -> str | None:
    """The number of a document in what was typed, behind the prefix of a series or alone."""
    if _is_number(key):
        return key
    return key[-9:] if _WITH_PREFIX.fullmatch(key) else None


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _digits_of_phone(text: str) -> str:
    """The digits without what only says how to dial: zeros in front, and the zero that is written in brackets."""
    kept = _TRUNK_ZERO.sub("", plain(text))
    return "".join([character for character in kept if "0" <= character <= "9"]).lstrip("0")[:WORD_MAX]


def _phones(text: str) -> list[str]:
    """A phone number to its end; with a country in front also what it is without."""
    folded = plain(text.strip())
    if not _PHONE.fullmatch(folded):
        return []
    digits = _digits_of_phone(folded)
    if len(digits) < PHONE_MIN:
        return []
    found = [f"p={digits[::-1]}:*"]
    if folded.startswith(("+", "00", "(+")):
        shorter = [digits[cut:].lstrip("0") for cut in range(1, _COUNTRY_CODE_MAX + 1)]
        found += [f"p={rest[::-1]}" for rest in shorter if len(rest) >= PHONE_MIN]
    return found
