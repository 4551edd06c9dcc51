"""Pages of a grid: from a query as a value to one keyset statement, and back to cursors.

A cursor names the row it stands at, so a page costs the same at any depth. Column names come from the
grid's own list, values travel as parameters; no text of a reader ever becomes SQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from projections.grid_query import CHOICES, Count, Cursor, GridPage, GridQuery, Match, Sort
from projections.letters import plain
from projections.reading import read_items
from projections.words import asked_words, prefix_query, words

NO_AMOUNT = "-Infinity"
_CASTS = {Match.TIMES: "::timestamptz", Match.NUMBERS: "::numeric"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of a WHERE clause and its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is shown in pages.

    ``columns`` are those that can be asked for, ``searched`` those whose words are in column ``words``. Columns with
    few different values are ``grouped``: their index is on (column, ``newest_by``, key), so rows with the same value
    come in the order of ``newest_by``, which never changes. ``counted_by`` is one of them.
    """

    name: str
    key: str
    columns: Mapping[str, Match]
    searched: frozenset[str]
    grouped: frozenset[str]
    counted_by: str
    newest_by: str

    def page(self, connection: Connection[Any], query: GridQuery) -> GridPage:
        """One page, made from at least the position it names. Raises positions.Behind."""
        backward = query.cursor is not None and query.cursor.backward
        statement, parameters = self._statement(query, backward)
        position, items = read_items(
            connection, self.name, query.min_position, statement, parameters, one_plan=self._one_plan_fits(query)
        )
        more = len(items) > query.limit
        del items[query.limit :]
        if backward:
            items.reverse()
        following, previous = self._ends(query, items, backward, more)
        return GridPage(b",".join(items), following, previous, position, self._counted(connection, query))

    def _ends(
        self, query: GridQuery, items: Sequence[bytes], backward: bool, more: bool
    ) -> tuple[Cursor | None, Cursor | None]:
        """The cursors after and before these items."""
        following = previous = None
        if items and (more or backward):
            following = self._cursor(items[-1], query.sort, backward=False)
        if items and (more if backward else query.cursor):
            previous = self._cursor(items[0], query.sort, backward=True)
        return following, previous

    def _cursor(self, item: bytes, sort: Sort, *, backward: bool) -> Cursor:
        shown = msgspec.json.decode(item)
        value = shown[sort.column]
        match self.columns[sort.column]:
            case Match.WORDS:
                value = words(value or "")
            case Match.WHOLE:
                value = plain(value or "")
            case Match.CHOICE:
                value = value or ""
            case _:
                value = None if value is None else str(value)
        return Cursor(sort.text(), value, UUID(shown[self.key]), backward)

    def _statement(self, query: GridQuery, backward: bool) -> tuple[str, list[Any]]:
        """The page's rows and one more, in the direction of the walk."""
        sort = query.sort
        down = sort.descending != backward
        places = self._places(sort)
        order = ", ".join([f"{place} {'DESC' if down else 'ASC'}" for place in places])
        beyond = self._beyond(query, down)
        branches = list(self._branches(query))
        texts: list[str] = []
        parameters: list[Any] = []
        for conditions in branches:
            everything = [*conditions, *beyond]
            where = " AND ".join([each.text for each in everything]) or "true"
            texts.append(
                f"(SELECT {', '.join(places)}, item FROM read.{self.name} WHERE {where} "  # noqa: S608
                f"ORDER BY {order} LIMIT {query.limit + 1})"
            )
            for each in everything:
                parameters += each.parameters
        union = " UNION ALL ".join(texts)
        statement = f"SELECT item FROM ({union}) pages ORDER BY {order} LIMIT {query.limit + 1}"  # noqa: S608
        return statement, parameters

    def _one_plan_fits(self, query: GridQuery) -> bool:
        """Whether a walk through the sort's index is right whatever the values are, so that planning anew is wasted.

        Words, and ranges of another column, can be so rare that finding them first and sorting them is better.
        """
        return not (query.keywords is not None or query.texts) and query.numbers.keys() | query.times.keys() <= {
            query.sort.column
        }

    def _branches(self, query: GridQuery) -> Iterator[list[Condition]]:
        """The filters; once per asked value where an index has the rows of each value in the asked order."""
        asked = [column for column in query.choices if column in self.grouped]
        if not asked or query.sort.column != self.newest_by:
            yield list(self._filters(query))
            return
        column = min(asked, key=lambda name: (name != self.counted_by, name))
        for value in dict.fromkeys(query.choices[column]):
            yield [_is(column, value), *self._filters(query, {column})]

    def _places(self, sort: Sort) -> tuple[str, ...]:
        """The columns that give every row its place in this order."""
        if sort.column in self.grouped:
            return sort.column, self.newest_by, self.key
        return sort.column, self.key

    def _beyond(self, query: GridQuery, down: bool) -> list[Condition]:
        """Only rows on the far side of the cursor."""
        cursor = query.cursor
        if cursor is None:
            return []
        match = self.columns[query.sort.column]
        value = NO_AMOUNT if cursor.value is None and match is Match.NUMBERS else cursor.value
        places = self._places(query.sort)
        given, parameters = [f"%s{_CASTS.get(match, '')}", "%s"], [value, cursor.order_id]
        if len(places) > 2:
            given.insert(1, f"(SELECT {self.newest_by} FROM read.{self.name} WHERE {self.key} = %s)")  # noqa: S608
            parameters.insert(1, cursor.order_id)
        beyond = f"({', '.join(places)}) {'<' if down else '>'} ({', '.join(given)})"
        return [Condition(beyond, tuple(parameters))]

    def _filters(self, query: GridQuery, without: set[str] | None = None) -> Iterator[Condition]:
        if query.keywords is not None:
            yield from _has_words(query.keywords)
        for column, text in query.texts.items():
            yield from self._text_filter(column, text)
        for column, values in query.choices.items():
            if not without or column not in without:
                yield _is(column, values[0]) if len(values) == 1 else Condition(f"{column} = ANY (%s)", (list(values),))
        for column, times in query.times.items():
            yield from _between(column, "timestamptz", times.low, times.high)
        for column, numbers in query.numbers.items():
            yield Condition(f"{column} > '{NO_AMOUNT}'::numeric")
            yield from _between(column, "numeric", numbers.low, numbers.high)

    def _text_filter(self, column: str, text: str) -> Iterator[Condition]:
        """The whole text, or every word the beginning of one of the column's; the index narrows it down first."""
        if column in self.searched:
            yield from _has_words(text)
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

    def _counted(self, connection: Connection[Any], query: GridQuery) -> int | None:
        if query.count is Count.NONE:
            return None
        filters = list(self._filters(query))
        where = " AND ".join([each.text for each in filters]) or "true"
        parameters = [value for each in filters for value in each.parameters]
        if query.count is Count.EXACT:
            statement = f"SELECT count(*) FROM read.{self.name} WHERE {where}"  # noqa: S608
            return int(_first(connection, statement, parameters))
        if self._counts_say_it(query):
            counts = self.counts(connection)
            asked = query.choices.get(self.counted_by, counts)
            return sum([counts.get(value, 0) for value in set(asked)])
        statement = f"EXPLAIN (FORMAT JSON) SELECT FROM read.{self.name} WHERE {where}"
        return int(_first(connection, statement, parameters)[0]["Plan"]["Plan Rows"])

    def _counts_say_it(self, query: GridQuery) -> bool:
        others = {column: values for column, values in query.choices.items() if column != self.counted_by}
        return not (query.keywords is not None or query.texts or query.times or query.numbers or others)

    def counts(self, connection: Connection[Any]) -> dict[str, int]:
        """How many rows there are by the counted column, as the projection keeps them."""
        found = connection.execute(
            "SELECT key, sum(value::bigint)::bigint FROM read.positions, jsonb_each_text(counts) "
            "WHERE projection = %s GROUP BY key",
            [self.name],
        )
        return dict(found.fetchall())


def _is(column: str, value: str) -> Condition:
    """One of our own words stands in the statement itself, so that the planner knows once for all how common it is."""
    if value in CHOICES.get(column, ()):
        return Condition(f"{column} = '{value}'")
    return Condition(f"{column} = %s", (value,))


def _between(column: str, kind: str, low: Any, high: Any) -> Iterator[Condition]:
    """Compared as values of that type, which a column of whole numbers is not: readers may ask for 2.5 and more."""
    if low is not None:
        yield Condition(f"{column} >= %s::{kind}", (low,))
    if high is not None:
        yield Condition(f"{column} <= %s::{kind}", (high,))


def _has_words(text: str) -> Iterator[Condition]:
    """Rows in which every word begins some word; no row when the text has no word."""
    asked = prefix_query(text)
    yield Condition("words @@ %s::tsquery", (asked,)) if asked else Condition("false")


def _first(connection: Connection[Any], statement: str, parameters: Sequence[Any]) -> Any:
    row = connection.execute(statement.encode(), parameters, prepare=False).fetchone()
    return None if row is None else row[0]
