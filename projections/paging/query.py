"""What a reader asks of a list and what it answers, as values: ranges, the order of rows, cursors, pages.

It knows no list, no SQL and no HTTP.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Self, TypeVar
from uuid import UUID

import msgspec

LIMIT_DEFAULT = 50
LIMIT_MAX = 200


class Match(StrEnum):
    """How a column is filtered."""

    WHOLE = "whole"  # the whole text, without regard to case and accents
    NAME = "name"  # the same, and there may be several: of those that identify an order
    WORDS = "words"  # the beginnings of its words, without regard to case and accents
    CHOICE = "choice"  # one of several values, exactly
    TIMES = "times"  # between two times, both included
    NUMBERS = "numbers"  # between two numbers, both included


class Count(StrEnum):
    """How much a reader wants to pay for knowing how many rows there are."""

    NONE = "none"
    ESTIMATE = "estimate"
    EXACT = "exact"


class InvalidParameterError(Exception):
    """A parameter that cannot be read (``malformed``) or whose value can never be right."""

    def __init__(self, name: str, message: str, *, malformed: bool = True) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.malformed = malformed


T = TypeVar("T", datetime, Decimal)


@dataclass(frozen=True, slots=True)
class Range(Generic[T]):
    """From ``low`` to ``high``, both included; None is open."""

    low: T | None = None
    high: T | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """The column that orders the rows; rows with the same value follow the id."""

    column: str
    descending: bool = True

    def text(self) -> str:
        return f"-{self.column}" if self.descending else self.column


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: beyond the row with this sort value and id, forward or backward.

    ``value`` is the text of the row's sort column (RFC 3339 time, decimal, text), None for no value; where another
    column decides between rows of the same value, followed by a blank and that one's.
    """

    sort: str
    value: str | None
    order_id: UUID
    backward: bool = False

    def token(self) -> str:
        """The cursor as opaque text for a URL."""
        packed = msgspec.json.encode((self.sort, self.value, self.order_id.hex, self.backward))
        return urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def from_token(cls, token: str) -> Self:
        """The cursor that ``token`` stands for; refuses anything that ``token()`` did not write."""
        try:
            packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            sort, value, order_id, backward = msgspec.json.decode(packed, type=tuple[str, str | None, str, bool])
            return cls(sort, value, UUID(order_id), backward)
        except (binascii.Error, ValueError) as error:
            raise InvalidParameterError("cursor", "This is no cursor of this list.") from error


@dataclass(frozen=True, slots=True)
class Warned:
    """What a reader should know about the answer because of one of the parameters."""

    parameter: str
    message: str


@dataclass(frozen=True, slots=True)
class GridPage:
    """One page: ``items`` are JSON objects joined by commas; the cursors are None at either end.

    ``after`` is where in the log to go on, for who asked what changed since a position.
    """

    items: bytes
    next: Cursor | None
    previous: Cursor | None
    position: int
    count: int | None = None
    warnings: Sequence[Warned] = ()
    after: int | None = None
