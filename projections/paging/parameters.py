"""Reading a grid query from query parameters: what may be asked, and how it is written.

Every parameter is checked here, so that the grid can trust its query; an unknown parameter is an error,
because a misspelt filter would silently show too much. It never touches the database.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from projections.paging import identifiers, search
from projections.paging.query import (
    CAN_BE_EMPTY,
    CHOICES,
    COLUMNS,
    LIMIT_DEFAULT,
    LIMIT_MAX,
    TIES,
    Count,
    Cursor,
    GridQuery,
    InvalidParameterError,
    Match,
    Range,
    Sort,
    T,
)

WORDS_MAX = 200
VALUES_MAX = 50
# A time whose offset began with a + that was not escaped.
_LOST_PLUS = re.compile(r"(?P<time>[0-9-]{10}[Tt ][0-9:.,]{5,18}) (?P<offset>[0-9]{2}:?[0-9]{2})")
NUMBER_LIMIT = Decimal(10) ** 15

LIST_MAX = 4000
# What identifies orders: columns, other identifiers, and the id itself. Each may be given several times, or be a list.
NAMES = frozenset([*(name for name, match in COLUMNS.items() if match is Match.NAME), *identifiers.KINDS, "order_id"])
EMPTY = {"empty": True, "not_empty": False}
TEXTS = frozenset(name for name, match in COLUMNS.items() if match in {Match.WHOLE, Match.WORDS})
SELECTS = frozenset(name for name, match in COLUMNS.items() if match is Match.CHOICE)
# The parameters of a range: its column, and whether it is the upper end.
TIMES = {
    f"{name.removesuffix('_at')}_{end}": (name, end == "to")
    for name, match in COLUMNS.items()
    if match is Match.TIMES
    for end in ("from", "to")
}
NUMBERS = {
    f"{name}_{end}": (name, end == "max")
    for name, match in COLUMNS.items()
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
        *("q", "sort", "limit", "cursor", "count", "min_position"),
    ]
)


def parse_grid_query(parameters: Mapping[str, Sequence[str]]) -> GridQuery:
    """The query that these parameters ask; raises InvalidParameterError for the first wrong one."""
    for name, values in parameters.items():
        if name not in PARAMETERS:
            raise InvalidParameterError(name, "There is no such parameter.")
        if len(values) > (VALUES_MAX if name in SEVERAL else 1):
            raise InvalidParameterError(name, "Given too often.")
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
        limit=read_integer("limit", single.get("limit", str(LIMIT_DEFAULT)), 1, LIMIT_MAX),
        cursor=_cursor(single.get("cursor"), sort),
        count=_count(single.get("count", Count.NONE)),
        min_position=parse_position(single.get("min_position")),
    )


def parse_position(value: str | None) -> int | None:
    """The log position a reader wants to see at least; None when it does not say."""
    return None if value is None else read_integer("min_position", value, 0, 2**63 - 1)


def read_text(name: str, value: str, longest: int = WORDS_MAX) -> str:
    if "\0" in value:
        raise InvalidParameterError(name, "Must not contain NUL characters.")
    if len(value) > longest:
        raise InvalidParameterError(name, f"At most {longest} characters.", malformed=False)
    return value


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


def read_time(name: str, value: str, *, end_of_day: bool) -> datetime:
    """A time as RFC 3339, or a day (UTC), which as an upper end means until its last microsecond."""
    try:
        if len(value) == len("2026-01-31"):
            day = datetime.combine(msgspec.convert(value, date), time(), UTC)
            return day + timedelta(days=1, microseconds=-1) if end_of_day else day
        moment = msgspec.convert(value, datetime)
        if moment.tzinfo is None:
            raise InvalidParameterError(name, "A time needs its offset from UTC, such as Z or +01:00.")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidParameterError(name, "This time is out of range.", malformed=False) from error
    except msgspec.ValidationError as error:
        raise InvalidParameterError(name, _what_to_write(value)) from error


def _what_to_write(value: str) -> str:
    """What is wrong with a text that is no time; most often its + has become a blank on the way."""
    told = _LOST_PLUS.fullmatch(value)
    if told is None:
        return "Must be a day (2026-01-31) or a time as in RFC 3339 (2026-01-31T12:00:00Z)."
    return f"In an address a + means a blank. Write %2B for it: {told['time'].replace(' ', 'T')}%2B{told['offset']}."


def _numbers(single: Mapping[str, str]) -> dict[str, Range[Decimal]]:
    ranges: dict[str, Range[Decimal]] = {}
    for name, value in single.items():
        if name in NUMBERS:
            column, upper = NUMBERS[name]
            ranges[column] = _with_end(ranges.get(column, Range()), read_number(name, value), upper=upper)
    return ranges


def read_number(name: str, value: str) -> Decimal:
    digits = value.removeprefix("-")
    whole, point, rest = digits.partition(".")
    if not (whole.isascii() and whole.isdigit() and (not point or (rest.isascii() and rest.isdigit()))):
        raise InvalidParameterError(name, "Must be a decimal number such as 12.50.")
    if len(value) > 40 or abs(Decimal(value)) > NUMBER_LIMIT:
        raise InvalidParameterError(name, "This number is out of range.", malformed=False)
    return Decimal(value)


def read_integer(name: str, value: str, low: int, high: int) -> int:
    if not (value.isascii() and value.isdigit()):
        raise InvalidParameterError(name, "Must be a whole number.")
    if len(value) > 20 or not low <= int(value) <= high:
        raise InvalidParameterError(name, f"Must be from {low} to {high}.", malformed=False)
    return int(value)


def _sort(value: str | None) -> Sort:
    if value is None:
        return Sort()
    column = value.removeprefix("-")
    if column not in COLUMNS:
        raise InvalidParameterError("sort", f"Must be one of: {', '.join(COLUMNS)}; with - for descending.")
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
        return _is_value(value, COLUMNS[column])
    first, _, tie = (value or "").partition(" ")
    return _is_value(first, COLUMNS[column]) and tie.isascii() and tie.isdigit() and len(tie) < 19


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
