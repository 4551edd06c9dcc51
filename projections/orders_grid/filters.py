"""The grid's filters as conditions: which column is asked how, and what is looked up through the words of a row."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from projections.orders_grid.columns import CHOICES
from projections.orders_grid.query import GridQuery
from projections.paging import identifiers
from projections.paging.filters import NO_AMOUNT, Condition, between, has, one_of
from projections.paging.letters import plain
from projections.paging.query import Match
from projections.paging.search import ids_in, search, words_query
from projections.paging.words import asked_words


@dataclass(frozen=True, slots=True)
class Filters:
    """How the columns of a table are filtered: ``searched`` are those whose words are in column ``words``."""

    name: str
    key: str
    columns: Mapping[str, Match]
    searched: AbstractSet[str]

    def of(self, query: GridQuery, without: AbstractSet[str] = frozenset()) -> Iterator[Condition]:
        """Every filter of the query, except for choices of the columns ``without``."""
        yield from self._by_text(query)
        for column, values in query.choices.items():
            if column not in without:
                yield any_of(column, values)
        for column, times in query.times.items():
            yield from between(column, "timestamptz", times.low, times.high)
        for column, numbers in query.numbers.items():
            yield Condition(f"{column} > '{NO_AMOUNT}'::numeric")
            yield from between(column, "numeric", numbers.low, numbers.high)

    def _by_text(self, query: GridQuery) -> Iterator[Condition]:
        if query.keywords is not None:
            yield self._search(query.keywords)
        for name, asked in query.names.items():
            yield from self._named(name, asked)
        for column, empty in query.empty.items():
            nothing = f"'{NO_AMOUNT}'::numeric" if self.columns[column] is Match.NUMBERS else "''"
            yield Condition(f"{column} {'=' if empty else '<>'} {nothing}")
        for column, text in query.texts.items():
            yield from self._text(column, text)

    def _search(self, text: str) -> Condition:
        """Rows in which every word begins some word, or that are named exactly."""
        asked = search(text)
        ways = []
        if asked.words:
            ways.append(has(asked.words))
        if asked.lexemes:
            ways.append(self._has_one_of(asked.lexemes))
        if asked.numbers:
            ways.append(Condition("order_number = ANY (%s)", (asked.numbers,)))
        if asked.ids:
            ways.append(Condition(f"{self.key} = ANY (%s::uuid[])", (asked.ids,)))
        return one_of(ways)

    def _has_one_of(self, lexemes: Sequence[str]) -> Condition:
        """Rows with one of these lexemes, looked up one after the other."""
        looked_up = (
            f"SELECT found.{self.key} FROM unnest(%s::text[]) asked (lexeme) "  # noqa: S608
            f"JOIN read.{self.name} found ON found.words @@ asked.lexeme::tsquery"
        )
        return Condition(f"{self.key} = ANY (ARRAY({looked_up}))", (list(lexemes),))

    def _named(self, name: str, asked: Sequence[str]) -> Iterator[Condition]:
        """Rows with one of these numbers, references or ids, each text of which may be a list."""
        if name == self.key:
            yield Condition(f"{name} = ANY (%s::uuid[])", ([each for text in asked for each in ids_in(text)],))
            return
        if name in identifiers.KINDS:
            found = [each for text in asked for each in identifiers.lexemes(name, text)]
            yield has(" | ".join(found)) if name in identifiers.COMMON else self._has_one_of(found)
        if name in self.columns:
            write = identifiers.order_number if name == "order_number" else plain
            exactly = [write(each) for text in asked for each in identifiers.several(text)]
            yield Condition(f"{name} = ANY (%s)", (exactly,))

    def _text(self, column: str, text: str) -> Iterator[Condition]:
        """The whole text, or every word the beginning of one of the column's; the index narrows it down first."""
        if column in self.searched:
            yield has(words_query(text))
        if self.columns[column] is Match.WHOLE:
            yield Condition(f"{column} = %s", (plain(text.strip()),)) if text.strip() else Condition("false")
            return
        asked = asked_words(text)
        # Not LIKE: the planner would take that for rare, and sort all that the words have in common.
        for choices in asked:
            begins = [f"strpos(' ' || {column}, %s) > 0"] * len(choices)
            yield Condition(f"({' OR '.join(begins)})", tuple([f" {word}" for word in choices]))
        if not asked:
            yield Condition("false")


def is_value(column: str, value: str) -> Condition:
    """One of our own words stands in the statement itself, so that the planner knows once for all how common it is."""
    if value in CHOICES.get(column, ()):
        return Condition(f"{column} = '{value}'")
    return Condition(f"{column} = %s", (value,))


def any_of(column: str, values: Sequence[str]) -> Condition:
    """One of several values."""
    return is_value(column, values[0]) if len(values) == 1 else Condition(f"{column} = ANY (%s)", (list(values),))
