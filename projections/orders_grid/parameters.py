"""Reading a grid query from query parameters: what may be asked, and how it is written.

Every parameter is checked here, so that the grid can trust its query; an unknown parameter is an error,
because a misspelt filter would silently show too much. It never touches the database.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from projections.orders_grid.columns import CAN_BE_EMPTY, CHOICES, MATCHES, TIES
from projections.orders_grid.query import NEWEST_FIRST, GridQuery
from projections.paging import identifiers, search
from projections.paging.changes import PARAMETER as AFTER
from projections.paging.changes import check_alone
from projections.paging.parameters import (
    LIST_MAX,
    PAGING,
    check_names,
    parse_position,
    read_limit,
    read_number,
    read_text,
    read_time,
)
from projections.paging.query import Count, Cursor, InvalidParameterError, Match, Range, Sort, T

# What identifies orders: columns, other identifiers, and the id itself. Each may be given several times, or be a list.
NAMES = frozenset([*(name for name, match in MATCHES.items() if match is Match.NAME), *identifiers.KINDS, "order_id"])
EMPTY = {"empty": True, "not_empty": False}
TEXTS = frozenset(name for name, match in MATCHES.items() if match in {Match.WHOLE, Match.WORDS})
SELECTS = frozenset(name for name, match in MATCHES.items() if match is Match.CHOICE)
# The parameters of a range: its column, and whether it is the upper end.
TIMES = {
    f"{name.removesuffix('_at')}_{end}": (name, end == "to")
    for name, match in MATCHES.items()
    if match is Match.TIMES
    for end in ("from", "to")
}
NUMBERS = {
    f"{name}_{end}": (name, end == "max")
    for name, match in MATCHES.items()
    if match is Match.NUMBERS
    for end in ("min", "max")
}
SEVERAL = SELECTS | NAMES | EMPTY.keys()
PARAMETERS = frozenset(
    [
        *TEXTS,
        *NAMES,
        *EMPTY,
        *SELECTS,
        *TIMES,
        *NUMBERS,
        *PAGING,
        *("q", "sort", "count", AFTER),
    ]
)


def parse_grid_query(parameters: Mapping[str, Sequence[str]]) -> GridQuery:
    """The query that these parameters ask; raises InvalidParameterError for the first wrong one."""
    check_names(parameters, PARAMETERS, SEVERAL)
    check_alone(list(parameters))
    single = {name: values[0] for name, values in parameters.items() if values}
    sort = _sort(single.get("sort"))
    return GridQuery(
        keywords=read_text("q", single["q"], LIST_MAX) if "q" in single else None,
        texts={name: read_text(name, value) for name, value in single.items() if name in TEXTS},
        names={
            name: tuple([_name(name, value) for value in values])
            for name, values in parameters.items()
            if name in NAMES
        },
        empty=_empty(parameters),
        choices={
            name: tuple([_choice(name, value) for value in values])
            for name, values in parameters.items()
            if name in SELECTS
        },
        times=_times(single),
        numbers=_numbers(single),
        sort=sort,
        limit=read_limit(single),
        cursor=_cursor(single.get("cursor"), sort),
        count=_count(single.get("count", Count.NONE)),
        min_position=parse_position(single.get("min_position")),
        after=parse_position(single.get(AFTER), AFTER),
    )


def _name(name: str, value: str) -> str:
    text = read_text(name, value, LIST_MAX)
    if name == "order_id" and not search.ids_in(text):
        raise InvalidParameterError(name, "Must be one or several UUIDs. A number is none: ask order_number= for it.")
    return text


def _empty(parameters: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """Which columns shall have nothing in them, and which something."""
    asked: dict[str, bool] = {}
    for name, wanted in EMPTY.items():
        for column in parameters.get(name, ()):
            if column not in CAN_BE_EMPTY:
                raise InvalidParameterError(name, f"Must be one of: {', '.join(CAN_BE_EMPTY)}.")
            if asked.setdefault(column, wanted) is not wanted:
                raise InvalidParameterError(name, f"{column} cannot be empty and not empty.", malformed=False)
    return asked


def _choice(name: str, value: str) -> str:
    known = CHOICES.get(name)
    if known is not None and value not in known:
        raise InvalidParameterError(name, f"Must be one of: {', '.join(known)}.", malformed=False)
    return read_text(name, value)


def _times(single: Mapping[str, str]) -> dict[str, Range[datetime]]:
    ranges: dict[str, Range[datetime]] = {}
    for name, value in single.items():
        if name in TIMES:
            column, upper = TIMES[name]
            moment = read_time(name, value, end_of_day=upper)
            ranges[column] = _with_end(ranges.get(column, Range()), moment, upper=upper)
    return ranges


def _with_end(span: Range[T], end: T, *, upper: bool) -> Range[T]:
    return Range(span.low, end) if upper else Range(end, span.high)


def _numbers(single: Mapping[str, str]) -> dict[str, Range[Decimal]]:
    ranges: dict[str, Range[Decimal]] = {}
    for name, value in single.items():
        if name in NUMBERS:
            column, upper = NUMBERS[name]
            ranges[column] = _with_end(ranges.get(column, Range()), read_number(name, value), upper=upper)
    return ranges


def _sort(value: str | None) -> Sort:
    if value is None:
        return NEWEST_FIRST
    column = value.removeprefix("-")
    if column not in MATCHES:
        raise InvalidParameterError("sort", f"Must be one of: {', '.join(MATCHES)}; with - for descending.")
    return Sort(column, value.startswith("-"))


def _count(value: str) -> Count:
    if value not in set(Count):
        raise InvalidParameterError("count", f"Must be one of: {', '.join(Count)}.")
    return Count(value)


def _cursor(token: str | None, sort: Sort) -> Cursor | None:
    if token is None:
        return None
    cursor = Cursor.from_token(token)
    if cursor.sort != sort.text() or not _is_place(cursor.value, sort.column):
        raise InvalidParameterError("cursor", "This cursor belongs to another order of rows.")
    return cursor


def _is_place(value: str | None, column: str) -> bool:
    if column not in TIES:
        return _is_value(value, MATCHES[column])
    first, _, tie = (value or "").partition(" ")
    return _is_value(first, MATCHES[column]) and tie.isascii() and tie.isdigit() and len(tie) < 19


def _is_value(value: str | None, match: Match) -> bool:
    """Whether a row can have this text in a column of this kind: a cursor is input like any other."""
    if value is None:
        return match is Match.NUMBERS
    try:
        if match is Match.TIMES:
            read_time("cursor", value, end_of_day=False)
        elif match is Match.NUMBERS:
            read_number("cursor", value)
    except InvalidParameterError:
        return False
    return "\0" not in value
