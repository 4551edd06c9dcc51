"""What a reader asks of the orders grid, as a value: filters, order, page, wish to count.

``parameters`` reads it from query parameters; the grid turns it into one keyset query and answers
a ``GridPage``. It knows column names and kinds, never SQL and never HTTP.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Self, TypeVar
from uuid import UUID

import msgspec

from domain.status import Status

LIMIT_DEFAULT = 50
LIMIT_MAX = 200

STATUSES = tuple(status.value for status in Status)
PAYMENT_STATUSES = (
    "none",
    "pending",
    "authorized",
    "partially_paid",
    "paid",
    "partially_refunded",
    "refunded",
    "voided",
)
FULFILMENT_STATUSES = (
    "unfulfilled",
    "partially_booked",
    "booked",
    "partially_dispatched",
    "dispatched",
    "delivered",
)


class Match(StrEnum):
    """How a column is filtered."""

    WHOLE = "whole"  # the whole text, without regard to case and accents
    NAME = "name"  # the same, and there may be several: of those that identify an order
    WORDS = "words"  # the beginnings of its words, without regard to case and accents
    CHOICE = "choice"  # one of several values, exactly
    TIMES = "times"  # between two times, both included
    NUMBERS = "numbers"  # between two numbers, both included


COLUMNS: dict[str, Match] = {
    "order_number": Match.NAME,
    "store": Match.CHOICE,
    "purchased_at": Match.TIMES,
    "bill_to_name": Match.WORDS,
    "ship_to_name": Match.WORDS,
    "base_grand_total": Match.NUMBERS,
    "grand_total": Match.NUMBERS,
    "currency": Match.CHOICE,
    "status": Match.CHOICE,
    "billing_address": Match.WORDS,
    "shipping_address": Match.WORDS,
    "shipping_information": Match.WORDS,
    "customer_email": Match.WHOLE,
    "customer_group": Match.CHOICE,
    "subtotal": Match.NUMBERS,
    "shipping_and_handling": Match.NUMBERS,
    "customer_name": Match.WORDS,
    "payment_method": Match.CHOICE,
    "total_refunded": Match.NUMBERS,
    "total_paid": Match.NUMBERS,
    "total_due": Match.NUMBERS,
    "payment_status": Match.CHOICE,
    "fulfilment_status": Match.CHOICE,
    "item_count": Match.NUMBERS,
    "updated_at": Match.TIMES,
    "external_reference": Match.NAME,
    "customer_id": Match.NAME,
}
# Amounts in the currency of each order; the base amounts are all in the merchant's.
OWN_AMOUNTS = frozenset(
    {"grand_total", "subtotal", "shipping_and_handling", "total_refunded", "total_paid", "total_due"}
)
# What decides between rows of the same value, where that is not the order's id: changes of one moment keep the order of
# the log.
TIES = {"updated_at": "position"}
# Columns of which it can be asked whether there is anything in them.
CAN_BE_EMPTY = (
    *(name for name, match in COLUMNS.items() if match in {Match.WHOLE, Match.WORDS, Match.NAME}),
    "customer_group",
    "base_grand_total",
)
CHOICES: dict[str, tuple[str, ...]] = {
    "status": STATUSES,
    "payment_status": PAYMENT_STATUSES,
    "fulfilment_status": FULFILMENT_STATUSES,
}


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
    """The column that orders the rows; rows with the same value follow the order's id."""

    column: str = "purchased_at"
    descending: bool = True

    def text(self) -> str:
        return f"-{self.column}" if self.descending else self.column


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: beyond the row with this sort value and id, forward or backward.

    ``value`` is the text of the row's sort column (RFC 3339 time, decimal, text), None for no value; where the
    column's ties are broken by another one (``TIES``), followed by a blank and that one's.
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
    """One page: ``items`` are JSON objects joined by commas; the cursors are None at either end."""

    items: bytes
    next: Cursor | None
    previous: Cursor | None
    position: int
    count: int | None = None
    warnings: Sequence[Warned] = ()


@dataclass(frozen=True, slots=True)
class GridQuery:
    """One question to the grid; every filter given must hold, several choices or names mean any of them.

    ``names`` are identifiers (``projections.paging.identifiers``), order numbers and ids; ``empty`` says of a column
    whether there shall be nothing in it.
    """

    keywords: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    empty: Mapping[str, bool] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    times: Mapping[str, Range[datetime]] = field(default_factory=dict)
    numbers: Mapping[str, Range[Decimal]] = field(default_factory=dict)
    sort: Sort = Sort()
    limit: int = LIMIT_DEFAULT
    cursor: Cursor | None = None
    count: Count = Count.NONE
    min_position: int | None = None

    @property
    def by_text(self) -> bool:
        """Whether it looks for words, names or their absence, of which there may be many or few."""
        return self.keywords is not None or bool(self.texts or self.names or self.empty)
