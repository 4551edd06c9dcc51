"""What ``q=`` asks for: words by their beginnings, or what names orders exactly.

Every word that is typed must be there, as a word or as an identifier that goes with it. Besides, a question that names
orders finds them: a number, a reference that is typed with blanks, a list of either. These are looked up one by one,
because PostgreSQL takes a hundred rare things together for something common, and would read the whole table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from projections.paging.identifiers import beside_words, named, order_numbers
from projections.paging.words import address_query, beginnings

NUMBERS_IN_WORDS_MAX = 8


@dataclass(frozen=True, slots=True)
class Search:
    """A question: rows that answer the tsquery ``words``, or have one of the other things."""

    words: str
    lexemes: list[str]
    numbers: list[str]
    ids: list[UUID]


def search(text: str) -> Search:
    """What a text asks for; nothing at all when it has no word."""
    ids = ids_in(text)
    if ids:
        return Search("", [], [], ids)
    numbers = order_numbers(text)
    # No order has all of a long list, and asking for that takes longer than looking each up.
    words = "" if len(numbers) > NUMBERS_IN_WORDS_MAX else _every(text, with_names=True)
    return Search(words, named(text), numbers, [])


def words_query(text: str) -> str:
    """A tsquery for the words of a text; "" when it has none."""
    return _every(text, with_names=False)


def _every(text: str, *, with_names: bool) -> str:
    terms = text.split()
    asked = [_term(term, beside_words(term, alone=len(terms) == 1) if with_names else []) for term in terms]
    return " & ".join([each for each in asked if each])


def _term(term: str, named: Sequence[str]) -> str:
    """What one word of the question asks for: its words, or an identifier that it may be."""
    address = address_query(term)
    if address and "@" in term.strip("@"):
        return address
    words = beginnings(term)
    others = [*([address] if address else []), *(named if words else ())]
    return f"({' | '.join([f'({words})', *others])})" if others else words


def ids_in(text: str) -> list[UUID]:
    """The ids that a text consists of; none when it has anything else."""
    try:
        return [msgspec.convert(piece, UUID) for piece in text.replace(",", " ").replace(";", " ").split()]
    except msgspec.ValidationError:
        return []
