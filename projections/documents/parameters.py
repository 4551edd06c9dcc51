"""What a list of documents can be asked, and reading it from query parameters.

Every parameter is checked, an unknown one is an error: a misspelt filter would silently show too much. It never touches
the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from projections.documents.kind import Kind
from projections.paging.changes import PARAMETER as AFTER
from projections.paging.changes import check_alone
from projections.paging.parameters import (
    LIST_MAX,
    PAGING,
    check_names,
    parse_position,
    read_integer,
    read_limit,
    read_number,
    read_text,
    read_time,
)
from projections.paging.query import LIMIT_DEFAULT, Cursor, InvalidParameterError, Range, Sort

FIND_THE_ID = "A number is none: GET /queries/orders?order_number= tells the id of an order."
ANY_TIME: Range[datetime] = Range()
ANY_AMOUNT: Range[Decimal] = Range()
AMOUNT = ("grand_total_min", "grand_total_max")


@dataclass(frozen=True, slots=True)
class DocumentQuery:
    """One question to a list; every filter given must hold, several values of one mean any of them.

    ``names`` are numbers and references, each of which may be a list. ``after`` asks for what changed behind that
    position of the log.
    """

    kind: Kind
    sort: Sort
    keywords: str | None = None
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order_id: UUID | None = None
    happened: Range[datetime] = ANY_TIME
    updated: Range[datetime] = ANY_TIME
    amount: Range[Decimal] = ANY_AMOUNT
    limit: int = LIMIT_DEFAULT
    cursor: Cursor | None = None
    min_position: int | None = None
    after: int | None = None


def choice_columns(kind: Kind) -> dict[str, str]:
    """The filters that take several values: parameter to column."""
    columns = {kind.state: "state"}
    columns |= {"currency": "currency"} if kind.of_money else {}
    return columns | ({"carrier": "carrier", kind.location: "location"} if kind.location else {})


def name_filters(kind: Kind) -> frozenset[str]:
    """The numbers and references that documents of a kind are found by, their own number among them."""
    return frozenset({kind.number_name, *kind.found_by})


def sorts(kind: Kind) -> tuple[str, ...]:
    """What the list can be sorted by."""
    return (kind.moment, kind.number_name, "updated_at", *(["grand_total"] if kind.of_money else []))


def parameters(kind: Kind) -> frozenset[str]:
    """What the list of a kind can be asked."""
    stem = kind.moment.removesuffix("_at")
    others = {"q", "sort", AFTER, "updated_from", "updated_to", f"{stem}_from", f"{stem}_to"}
    others |= {"order_id"} if kind.of_order else set()
    others |= set(AMOUNT) if kind.of_money else set()
    return PAGING | others | choice_columns(kind).keys() | name_filters(kind)


def parse_document_query(kind: Kind, given: Mapping[str, Sequence[str]]) -> DocumentQuery:
    """The query that these parameters ask; raises InvalidParameterError for the first wrong one."""
    check_alone(list(given))
    columns, names = choice_columns(kind), name_filters(kind)
    check_names(given, parameters(kind), columns.keys() | names)
    single = {name: values[0] for name, values in given.items()}
    sort = _sort(kind, single.get("sort"))
    return DocumentQuery(
        kind=kind,
        sort=sort,
        keywords=read_text("q", single["q"], LIST_MAX) if "q" in single else None,
        names={name: [read_text(name, value, LIST_MAX) for value in given[name]] for name in names & given.keys()},
        choices={
            columns[name]: [_choice(kind, name, value) for value in given[name]] for name in columns & given.keys()
        },
        order_id=_id("order_id", single.get("order_id")),
        happened=_span(single, kind.moment.removesuffix("_at")),
        updated=_span(single, "updated"),
        amount=_amount(single),
        limit=read_limit(single),
        cursor=read_cursor(single, list_name(kind, sort), sort.column),
        min_position=parse_position(single.get("min_position")),
        after=parse_position(single.get(AFTER), AFTER),
    )


def list_name(kind: Kind, sort: Sort) -> str:
    """What a cursor says where it belongs."""
    return f"{kind.name} {sort.text()}"


def read_cursor(single: Mapping[str, str], name: str, column: str) -> Cursor | None:
    """The place to go on from; refuses a cursor of another list, or of another order of its rows."""
    if "cursor" not in single:
        return None
    cursor = Cursor.from_token(single["cursor"])
    if cursor.sort != name or cursor.value is None or "\0" in cursor.value:
        raise InvalidParameterError("cursor", "This cursor belongs to another list.")
    try:
        _check_place(cursor.value, column)
    except InvalidParameterError:
        raise InvalidParameterError("cursor", "This is no cursor of this list.") from None
    return cursor


def _check_place(value: str, column: str) -> None:
    """Raise InvalidParameterError for a text that no row has in this column: a cursor is input like any other."""
    if column == "updated_at":
        value, _, position = value.partition(" ")
        read_integer("cursor", position, 0, 2**63 - 1)
    if column.endswith("_at"):
        read_time("cursor", value, end_of_day=False)
    elif column == "grand_total":
        read_number("cursor", value)


def _sort(kind: Kind, value: str | None) -> Sort:
    sort = Sort(kind.moment) if value is None else Sort(value.removeprefix("-"), value.startswith("-"))
    if sort.column not in sorts(kind):
        raise InvalidParameterError("sort", f"Must be one of: {', '.join(sorts(kind))}; with - for descending.")
    return sort


def _span(single: Mapping[str, str], stem: str) -> Range[datetime]:
    low, high = f"{stem}_from", f"{stem}_to"
    return Range(
        read_time(low, single[low], end_of_day=False) if low in single else None,
        read_time(high, single[high], end_of_day=True) if high in single else None,
    )


def _amount(single: Mapping[str, str]) -> Range[Decimal]:
    low, high = AMOUNT
    return Range(
        read_number(low, single[low]) if low in single else None,
        read_number(high, single[high]) if high in single else None,
    )


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
