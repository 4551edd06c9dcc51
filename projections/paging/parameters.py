"""Reading the parameters that lists share: positions, texts, times, numbers, limits.

Every parameter is checked here, so that a list can trust its query; an unknown one is an error, because a misspelt
filter would silently show too much. It never touches the database.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from projections.paging.query import LIMIT_DEFAULT, LIMIT_MAX, InvalidParameterError

WORDS_MAX = 200
VALUES_MAX = 50
LIST_MAX = 4000
NUMBER_LIMIT = Decimal(10) ** 15
PAGING = frozenset({"limit", "cursor", "min_position"})
# A time whose offset began with a + that was not escaped.
_LOST_PLUS = re.compile(r"(?P<time>[0-9-]{10}[Tt ][0-9:.,]{5,18}) (?P<offset>[0-9]{2}:?[0-9]{2})")


def check_names(given: Mapping[str, Sequence[str]], known: frozenset[str], several: Iterable[str]) -> None:
    """Refuse unknown parameters, and those given too often."""
    for name, values in given.items():
        if name not in known:
            raise InvalidParameterError(name, "There is no such parameter.")
        if len(values) > (VALUES_MAX if name in several else 1):
            raise InvalidParameterError(name, "Given too often.")


def read_limit(single: Mapping[str, str], default: int = LIMIT_DEFAULT) -> int:
    """How many items a page has at most."""
    return read_integer("limit", single.get("limit", str(default)), 1, LIMIT_MAX)


def parse_position(value: str | None, name: str = "min_position") -> int | None:
    """The log position that a reader names, such as the one to be seen at least; None when it does not say."""
    return None if value is None else read_integer(name, value, 0, 2**63 - 1)


def read_text(name: str, value: str, longest: int = WORDS_MAX) -> str:
    if "\0" in value:
        raise InvalidParameterError(name, "Must not contain NUL characters.")
    if len(value) > longest:
        raise InvalidParameterError(name, f"At most {longest} characters.", malformed=False)
    return value


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
