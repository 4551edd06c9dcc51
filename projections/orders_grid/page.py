"""Pages of a grid: from a query as a value to one keyset statement, and back to cursors.

A cursor names the row it stands at, so a page costs the same at any depth. Column names come from the
grid's own list, values travel as parameters; no text of a reader ever becomes SQL.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from projections.orders_grid.columns import TIES
from projections.orders_grid.filters import Filters, is_value
from projections.orders_grid.query import GridQuery
from projections.paging.filters import NO_AMOUNT, Condition
from projections.paging.letters import plain
from projections.paging.query import Count, Cursor, GridPage, Match, Sort
from projections.paging.reading import read_items
from projections.paging.words import words

_CASTS = {Match.TIMES: "::timestamptz", Match.NUMBERS: "::numeric"}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is shown in pages.

    ``filters`` know the columns that can be asked for. Columns with few different values are ``grouped``: their index
    is on (column, ``newest_by``, key), so rows with the same value come in the order of ``newest_by``, which never
    changes. ``counted_by`` is one of them.
    """

    filters: Filters
    grouped: frozenset[str]
    counted_by: str
    newest_by: str

    def page(self, connection: Connection[Any], query: GridQuery) -> GridPage:
        """One page, made from at least the position it names. Raises positions.Behind."""
        backward = query.cursor is not None and query.cursor.backward
        statement, parameters = self._statement(query, backward)
        position, items = read_items(
            connection,
            self.filters.name,
            query.min_position,
            statement,
            parameters,
            one_plan=self._one_plan_fits(query),
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
        match self.filters.columns[sort.column]:
            case Match.WORDS:
                value = words(value or "")
            case Match.WHOLE | Match.NAME:
                value = plain(value or "")
            case Match.CHOICE:
                value = value or ""
            case _:
                value = None if value is None else str(value)
        if sort.column in TIES:
            value = f"{value} {shown[TIES[sort.column]]}"
        return Cursor(sort.text(), value, UUID(shown[self.filters.key]), backward)

    def _statement(self, query: GridQuery, backward: bool) -> tuple[str, list[Any]]:
        """The page's rows and one more, in the direction of the walk."""
        sort = query.sort
        down = sort.descending != backward
        places = self.places(sort)
        order = ", ".join([f"{place} {'DESC' if down else 'ASC'}" for place in places])
        beyond = self._beyond(query, down)
        branches = list(self._branches(query))
        texts: list[str] = []
        parameters: list[Any] = []
        for conditions in branches:
            everything = [*conditions, *beyond]
            where = " AND ".join([each.text for each in everything]) or "true"
            texts.append(
                f"(SELECT {', '.join(places)}, item FROM read.{self.filters.name} WHERE {where} "  # noqa: S608
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
        return not query.by_text and query.numbers.keys() | query.times.keys() <= {query.sort.column}

    def _branches(self, query: GridQuery) -> Iterator[list[Condition]]:
        """The filters; once per asked value where an index has the rows of each value in the asked order."""
        asked = [column for column in query.choices if column in self.grouped]
        if not asked or query.sort.column != self.newest_by:
            yield list(self.filters.of(query))
            return
        column = min(asked, key=lambda name: (name != self.counted_by, name))
        for value in dict.fromkeys(query.choices[column]):
            yield [is_value(column, value), *self.filters.of(query, {column})]

    def places(self, sort: Sort) -> tuple[str, ...]:
        """The columns that give every row its place in this order."""
        if sort.column in self.grouped:
            return sort.column, self.newest_by, self.filters.key
        return sort.column, TIES.get(sort.column, self.filters.key)

    def _beyond(self, query: GridQuery, down: bool) -> list[Condition]:
        """Only rows on the far side of the cursor."""
        cursor = query.cursor
        if cursor is None:
            return []
        column = query.sort.column
        match = self.filters.columns[column]
        value = NO_AMOUNT if cursor.value is None and match is Match.NUMBERS else cursor.value
        places = self.places(query.sort)
        given, parameters = [f"%s{_CASTS.get(match, '')}", "%s"], [value, cursor.order_id]
        if column in TIES:
            given, parameters = ["%s::timestamptz", "%s::bigint"], list((value or "").split(" "))
        elif len(places) > 2:
            given.insert(1, f"(SELECT {self.newest_by} FROM read.{self.filters.name} WHERE {self.filters.key} = %s)")  # noqa: S608
            parameters.insert(1, cursor.order_id)
        beyond = f"({', '.join(places)}) {'<' if down else '>'} ({', '.join(given)})"
        return [Condition(beyond, tuple(parameters))]

    def _counted(self, connection: Connection[Any], query: GridQuery) -> int | None:
        if query.count is Count.NONE:
            return None
        filters = list(self.filters.of(query))
        where = " AND ".join([each.text for each in filters]) or "true"
        parameters = [value for each in filters for value in each.parameters]
        if query.count is Count.EXACT:
            statement = f"SELECT count(*) FROM read.{self.filters.name} WHERE {where}"  # noqa: S608
            return int(_first(connection, statement, parameters))
        if self._counts_say_it(query):
            counts = self.counts(connection)
            asked = query.choices.get(self.counted_by, counts)
            return sum([counts.get(value, 0) for value in set(asked)])
        statement = f"EXPLAIN (FORMAT JSON) SELECT FROM read.{self.filters.name} WHERE {where}"
        return int(_first(connection, statement, parameters)[0]["Plan"]["Plan Rows"])

    def _counts_say_it(self, query: GridQuery) -> bool:
        others = query.choices.keys() - {self.counted_by}
        return not (query.by_text or query.times or query.numbers or others)

    def counts(self, connection: Connection[Any]) -> dict[str, int]:
        """How many rows there are by the counted column, as the projection keeps them."""
        found = connection.execute(
            "SELECT key, sum(value::bigint)::bigint FROM read.positions, jsonb_each_text(counts) "
            "WHERE projection = %s GROUP BY key",
            [self.filters.name],
        )
        return dict(found.fetchall())


def _first(connection: Connection[Any], statement: str, parameters: Sequence[Any]) -> Any:
    row = connection.execute(statement.encode(), parameters, prepare=False).fetchone()
    return None if row is None else row[0]
