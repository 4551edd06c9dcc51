"""Pages of the lists of documents: from query parameters to one keyset query, newest first.

Every parameter is checked, an unknown one is an error: a misspelt filter would silently show too much.
Column names come from here, values travel as parameters; no text of a reader ever becomes SQL.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from psycopg import Connection

from projections.documents import DOCUMENTS, Kind
from projections.grid_parameters import VALUES_MAX, parse_position, read_integer, read_text, read_time
from projections.grid_query import LIMIT_DEFAULT, LIMIT_MAX, Cursor, GridPage, InvalidParameterError, Range
from projections.reading import read_items

T = TypeVar("T")

FIND_THE_ID = "A number is none: GET /queries/orders?order_number= tells the id of an order."

PAGING = frozenset({"limit", "cursor", "min_position"})


@dataclass(frozen=True, slots=True)
class DocumentQuery:
    """One question to a list; every filter given must hold, several values of one mean any of them."""

    kind: Kind
    choices: Mapping[str, Sequence[str]]
    order_id: UUID | None
    happened: Range[datetime]
    limit: int
    cursor: Cursor | None
    min_position: int | None


def choice_columns(kind: Kind) -> dict[str, str]:
    """The filters that take several values: parameter to column."""
    columns = {kind.state: "state", kind.number_name: "number"}
    return columns | ({"carrier": "carrier", kind.location: "location"} if kind.location else {})


def parameters(kind: Kind) -> frozenset[str]:
    """What the list of a kind can be asked."""
    stem = kind.moment.removesuffix("_at")
    others = {f"{stem}_from", f"{stem}_to"} | ({"order_id"} if kind.of_order else set())
    return PAGING | others | choice_columns(kind).keys()


def parse_document_query(kind: Kind, given: Mapping[str, Sequence[str]]) -> DocumentQuery:
    """The query that these parameters ask; raises InvalidParameterError for the first wrong one."""
    columns = choice_columns(kind)
    check_names(given, parameters(kind), columns)
    single = {name: values[0] for name, values in given.items()}
    stem = kind.moment.removesuffix("_at")
    return DocumentQuery(
        kind=kind,
        choices={
            columns[name]: [_choice(kind, name, value) for value in given[name]] for name in columns & given.keys()
        },
        order_id=_id("order_id", single.get("order_id")),
        happened=Range(
            _moment(single, f"{stem}_from", end_of_day=False),
            _moment(single, f"{stem}_to", end_of_day=True),
        ),
        limit=read_limit(single),
        cursor=read_cursor(single, kind.name),
        min_position=parse_position(single.get("min_position")),
    )


def check_names(given: Mapping[str, Sequence[str]], known: frozenset[str], several: Mapping[str, str]) -> None:
    """Refuse unknown parameters, and those given too often."""
    for name, values in given.items():
        if name not in known:
            raise InvalidParameterError(name, "There is no such parameter.")
        if len(values) > (VALUES_MAX if name in several else 1):
            raise InvalidParameterError(name, "Given too often.")


def read_limit(single: Mapping[str, str], default: int = LIMIT_DEFAULT) -> int:
    """How many items a page has at most."""
    return read_integer("limit", single.get("limit", str(default)), 1, LIMIT_MAX)


def read_cursor(single: Mapping[str, str], name: str) -> Cursor | None:
    """The place to go on from; refuses a cursor of another list."""
    if "cursor" not in single:
        return None
    cursor = Cursor.from_token(single["cursor"])
    if cursor.sort != name or cursor.value is None:
        raise InvalidParameterError("cursor", "This cursor belongs to another list.")
    try:
        read_time("cursor", cursor.value, end_of_day=False)
    except InvalidParameterError:
        raise InvalidParameterError("cursor", "This is no cursor of this list.") from None
    return cursor


def _moment(single: Mapping[str, str], name: str, *, end_of_day: bool) -> datetime | None:
    return read_time(name, single[name], end_of_day=end_of_day) if name in single else None


def _choice(kind: Kind, name: str, value: str) -> str:
    if name == kind.state and value not in kind.states:
        raise InvalidParameterError(name, f"Must be one of: {', '.join(kind.states)}.", malformed=False)
    return read_text(name, value)


def _id(name: str, value: str | None) -> UUID | None:
    if value is None:
        return None
    try:
        return msgspec.convert(value, UUID)
    except msgspec.ValidationError:
        raise InvalidParameterError(name, f"Must be a UUID. {FIND_THE_ID}") from None


def page(connection: Connection[Any], query: DocumentQuery) -> GridPage:
    """One page, newest first, made from at least the position it names. Raises positions.Behind."""
    position, items = keyset_items(connection, *_conditions(query), query)
    taken = items[: query.limit]
    shown, following, previous = ends(
        taken, len(items) > len(taken), query.cursor, place_in(query.kind, query.kind.name)
    )
    return GridPage(b",".join(shown), following, previous, position)


def place_in(kind: Kind, name: str) -> Callable[[bytes], Cursor]:
    """Tells where a row of this kind stands in the list of that name."""

    def place(item: bytes) -> Cursor:
        shown = msgspec.json.decode(item)
        return Cursor(name, shown[kind.moment], UUID(shown[kind.id_name]))

    return place


def ends(
    taken: Sequence[T], more: bool, cursor: Cursor | None, place: Callable[[T], Cursor]
) -> tuple[list[T], Cursor | None, Cursor | None]:
    """The page's rows in the order of the list, and the cursors after and before them.

    ``taken`` are in the order of the walk from ``cursor``; ``more`` lie beyond them.
    """
    backward = cursor is not None and cursor.backward
    rows = list(reversed(taken)) if backward else list(taken)
    following = place(rows[-1]) if rows and (more or backward) else None
    has_previous = rows and (more if backward else cursor is not None)
    return rows, following, replace(place(rows[0]), backward=True) if has_previous else None


def keyset_items(
    connection: Connection[Any],
    conditions: Sequence[str],
    values: Sequence[Any],
    query: DocumentQuery,
    *,
    oldest_first: bool = False,
) -> tuple[int, list[bytes]]:
    """The position, and the rows beyond the cursor in the direction of the walk, one more than a page has."""
    cursor = query.cursor
    down = oldest_first == (cursor is not None and cursor.backward)
    wheres, parameters = list(conditions), list(values)
    if cursor is not None:
        wheres.append(f"(happened_at, document_id) {'<' if down else '>'} (%s::timestamptz, %s)")
        parameters += [cursor.value, cursor.order_id]
    direction = "DESC" if down else "ASC"
    statement = (
        f"SELECT item FROM read.documents d WHERE {' AND '.join(wheres)} "  # noqa: S608
        f"ORDER BY happened_at {direction}, document_id {direction} LIMIT %s"
    )
    parameters.append(query.limit + 1)
    return read_items(connection, DOCUMENTS.name, query.min_position, statement, parameters)


def _conditions(query: DocumentQuery) -> tuple[list[str], list[Any]]:
    conditions: list[str] = ["kind = %s"]
    values: list[Any] = [query.kind.name]
    for column, chosen in query.choices.items():
        conditions.append(f"{column} = ANY (%s)")
        values.append(list(chosen))
    for comparison, value in (
        ("order_id = %s", query.order_id),
        ("happened_at >= %s", query.happened.low),
        ("happened_at <= %s", query.happened.high),
    ):
        if value is not None:
            conditions.append(comparison)
            values.append(value)
    return conditions, values
