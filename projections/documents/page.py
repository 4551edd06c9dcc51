"""Pages of the lists of documents: from a query as a value to one keyset statement.

Column names come from here, values travel as parameters; no text of a reader ever becomes SQL.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from projections.documents.kind import Kind
from projections.documents.parameters import DocumentQuery, list_name
from projections.documents.read_model import DOCUMENTS
from projections.paging import identifiers
from projections.paging.changes import changes
from projections.paging.comparing_amounts import warnings
from projections.paging.ends import ends
from projections.paging.filters import Condition, between, has, one_of
from projections.paging.query import Cursor, GridPage
from projections.paging.reading import read_items
from projections.paging.search import search

_LOOKED_UP = (
    "document_id = ANY (ARRAY(SELECT found.document_id FROM unnest(%s::text[]) asked (lexeme) "
    "JOIN read.documents found ON found.words @@ asked.lexeme::tsquery))"
)


def page(connection: Connection[Any], query: DocumentQuery) -> GridPage:
    """One page, made from at least the position it names. Raises positions.Behind, PositionUnknown."""
    if query.after is not None:
        wheres = list(_conditions(query))
        return changes(
            connection, DOCUMENTS.name, wheres, query.after, limit=query.limit, min_position=query.min_position
        )
    position, items = keyset_items(connection, list(_conditions(query)), query)
    taken = items[: query.limit]
    shown, following, previous = ends(taken, len(items) > len(taken), query.cursor, place_in(query))
    found = GridPage(b",".join(shown), following, previous, position)
    if query.amount.low is None and query.amount.high is None:
        return found
    return replace(found, warnings=warnings(found.items, {"grand_total": query.amount}, query.choices))


def place_in(query: DocumentQuery, name: str | None = None) -> Callable[[bytes], Cursor]:
    """Tells where a row stands in the list that the query asks (or the one of that name)."""
    kind, column = query.kind, query.sort.column

    def place(item: bytes) -> Cursor:
        shown = msgspec.json.decode(item)
        value = f"{shown[column]} {shown['position']}" if column == "updated_at" else str(shown[column])
        return Cursor(name or list_name(kind, query.sort), value, UUID(shown[kind.id_name]))

    return place


def keyset_items(
    connection: Connection[Any], conditions: Sequence[Condition], query: DocumentQuery
) -> tuple[int, list[bytes]]:
    """The position, and the rows beyond the cursor in the direction of the walk, one more than a page has."""
    cursor = query.cursor
    down = query.sort.descending != (cursor is not None and cursor.backward)
    first, second, given = _places(query.kind, query.sort.column)
    wheres = list(conditions)
    if cursor is not None:
        value, _, tie = (cursor.value or "").partition(" ")
        beyond = f"({first}, {second}) {'<' if down else '>'} ({given})"
        wheres.append(Condition(beyond, (value, tie or cursor.order_id)))
    direction = "DESC" if down else "ASC"
    statement = (
        f"SELECT item FROM read.documents d WHERE {' AND '.join([each.text for each in wheres])} "  # noqa: S608
        f"ORDER BY {first} {direction}, {second} {direction} LIMIT %s"
    )
    parameters = [value for each in wheres for value in each.parameters]
    return read_items(connection, DOCUMENTS.name, query.min_position, statement, [*parameters, query.limit + 1])


def _places(kind: Kind, column: str) -> tuple[str, str, str]:
    """The two columns that give every row its place in this order, and how a cursor's values are compared with them."""
    if column == kind.moment:
        return "happened_at", "document_id", "%s::timestamptz, %s"
    if column == "updated_at":
        return "updated_at", "position", "%s::timestamptz, %s::bigint"
    if column == "grand_total":
        return "amount", "document_id", "%s::numeric, %s"
    return "number", "document_id", "%s, %s"


def _conditions(query: DocumentQuery) -> Iterator[Condition]:
    yield Condition("kind = %s", (query.kind.name,))
    if query.keywords is not None:
        yield _search(query.keywords)
    for name, asked in query.names.items():
        yield _named(query.kind, name, asked)
    for column, chosen in query.choices.items():
        yield Condition(f"{column} = ANY (%s)", (list(chosen),))
    if query.order_id is not None:
        yield Condition("order_id = %s", (query.order_id,))
    yield from between("happened_at", "timestamptz", query.happened.low, query.happened.high)
    yield from between("updated_at", "timestamptz", query.updated.low, query.updated.high)
    yield from between("amount", "numeric", query.amount.low, query.amount.high)


def _search(text: str) -> Condition:
    """Documents in which every word begins some word, or that are named exactly, or whose order is."""
    asked = search(text)
    lexemes = [*asked.lexemes, *[identifiers.lexeme("order_number", number) for number in asked.numbers]]
    ways = [has(asked.words)] if asked.words else []
    if lexemes:
        ways.append(Condition(_LOOKED_UP, (lexemes,)))
    if asked.numbers:
        ways.append(Condition("number = ANY (%s)", (asked.numbers,)))
    if asked.ids:
        ways.append(
            Condition("(document_id = ANY (%s::uuid[]) OR order_id = ANY (%s::uuid[]))", (asked.ids, asked.ids))
        )
    return one_of(ways)


def _named(kind: Kind, name: str, asked: Sequence[str]) -> Condition:
    """Documents with one of these numbers or references, each text of which may be a list."""
    if name == kind.number_name:
        pieces = [each for text in asked for each in identifiers.several(text)]
        # As it is written where its series has a prefix, else however many zeros it is written with.
        return Condition("number = ANY (%s)", ([*pieces, *map(identifiers.order_number, pieces)],))
    found = [each for text in asked for each in identifiers.lexemes(name, text)]
    return has(" | ".join(found)) if name in identifiers.COMMON else Condition(_LOOKED_UP, (found,))
