"""The fields of command bodies: strict, exact and bounded.

A plain field has one method ``read`` that gives the value or raises, and says its own JSON Schema; objects
and lists are marshmallow's. Nothing coerces: ``"3"`` is no quantity, ``9.99`` without quotes is no amount,
because a guess costs money.
"""

import copy
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from marshmallow import ValidationError, fields

from web.schemas.faults import impossible

Json = dict[str, Any]

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DAY_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What people write where an id belongs.
NUMBER_TEXT = re.compile("[0-9]{1,20}")
FIND_THE_ID = (
    "A number is no id: GET /queries/orders?order_number= tells the id of an order, "
    "/queries/shipments?shipment_number= of a shipment, and so on."
)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


class Strict(fields.Field[Any]):
    """A field whose ``read`` decides alone; marshmallow adds *required* and *null*."""

    def read(self, value: Any) -> Any:
        """The value, or ValidationError."""
        raise NotImplementedError

    def json_schema(self) -> Json:
        """What the OpenAPI document says of this field."""
        raise NotImplementedError

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return self.read(value)


class Text(Strict):
    """Text of ``low`` to ``high`` characters, not blank unless ``low`` is 0; ``pattern`` must match all of it."""

    def __init__(self, high: int, *, low: int = 1, pattern: str | None = None, hint: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.low = low
        self.high = high
        self.pattern = pattern
        self.hint = hint
        self._matches = re.compile(pattern).fullmatch if pattern else None

    def read(self, value: Any) -> str:
        if type(value) is not str:
            raise ValidationError("Must be text.")
        if "\0" in value:
            raise ValidationError("Must not contain NUL characters.")
        if len(value) > self.high:
            raise impossible(f"Must have at most {self.high} characters.")
        if self.low and not value.strip():
            raise impossible("Must not be empty.")
        if self._matches and not self._matches(value):
            raise impossible(self.hint)
        return value

    def json_schema(self) -> Json:
        schema: Json = {"type": "string", "minLength": self.low, "maxLength": self.high}
        return schema | ({"pattern": f"^{self.pattern}$"} if self.pattern else {})


class Reference(Text):
    """A name from elsewhere: the same one however its accents are composed, and whatever blanks surround it."""

    def read(self, value: Any) -> str:
        return super().read(unicodedata.normalize("NFC", value).strip() if type(value) is str else value)


class Choice(Strict):
    """One of a fixed set of words."""

    def __init__(self, choices: Sequence[str], *, hint: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.choices = frozenset(choices)
        self.hint = hint or f"Must be one of: {', '.join(choices)}."

    def read(self, value: Any) -> str:
        if type(value) is not str:
            raise ValidationError("Must be text.")
        if value not in self.choices:
            raise impossible(self.hint)
        return value

    def json_schema(self) -> Json:
        return {"type": "string", "enum": sorted(self.choices)}


class Whole(Strict):
    """A whole number from ``low`` to ``high``; neither text nor 3.0 nor true."""

    def __init__(self, low: int, high: int, **options: Any) -> None:
        super().__init__(**options)
        self.low = low
        self.high = high

    def read(self, value: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Must be a whole number.")
        if not self.low <= value <= self.high:
            raise impossible(f"Must be from {self.low} to {self.high}.")
        return value

    def json_schema(self) -> Json:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class Exact(Strict):
    """A decimal number as text (or a whole JSON number), from ``low`` to ``high`` with at most ``places``."""

    def __init__(self, *, high: int, places: int, low: int = 0, above_low: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.low = low
        self.high = high
        self.places = places
        self.above_low = above_low
        digits = len(str(high)) - 1
        whole = f"[0-9]{{1,{digits}}}" if digits else "0"
        self._usual = re.compile(rf"{whole}(\.[0-9]{{1,{places}}})?").fullmatch

    def read(self, value: Any) -> Decimal:
        if type(value) is str and self.low == 0 and not self.above_low and self._usual(value):
            return Decimal(value)
        return self._checked(value)

    def _checked(self, value: Any) -> Decimal:
        if type(value) is int:
            number, places = Decimal(value), 0
        elif type(value) is str and DECIMAL.fullmatch(value):
            number, places = Decimal(value), len(value.partition(".")[2])
        else:
            raise ValidationError('Must be a decimal number written as text, such as "12.50".')
        if places > self.places:
            raise impossible(f"Must have at most {self.places} decimal places.")
        if not self.low <= number <= self.high or (self.above_low and number == self.low):
            least = f"more than {self.low}" if self.above_low else f"at least {self.low}"
            raise impossible(f"Must be {least} and at most {self.high}.")
        return abs(number) if number == 0 else number

    def json_schema(self) -> Json:
        text: Json = {"type": "string", "pattern": rf"^-?[0-9]+(\.[0-9]{{1,{self.places}}})?$"}
        least = "exclusiveMinimum" if self.above_low else "minimum"
        return {
            "anyOf": [text | {"examples": ["12.50"]}, {"type": "integer", least: self.low, "maximum": self.high}],
            "description": f"A decimal number from {self.low} to {self.high}.",
        }


class Day(Strict):
    """A day of the calendar as in RFC 3339."""

    def read(self, value: Any) -> date:
        if type(value) is not str or not DAY_TEXT.fullmatch(value):
            raise ValidationError("Must be a day such as 2026-01-31.")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise impossible(f"There is no day {value}.") from error

    def json_schema(self) -> Json:
        return {"type": "string", "format": "date"}


class Texts(Strict):
    """Named texts: at most ``most`` names of ``name_high`` and texts of ``high`` characters."""

    def __init__(self, most: int, *, high: int, name_high: int = 64, **options: Any) -> None:
        super().__init__(**options)
        self.most = most
        self._name = Text(name_high)
        self._text = Text(high, low=0)

    def read(self, value: Any) -> dict[str, str]:
        if type(value) is not dict:
            raise ValidationError("Must be an object of texts.")
        if len(value) > self.most:
            raise impossible(f"Must have at most {self.most} entries.")
        return {self._name.read(name): self._text.read(text) for name, text in value.items()}

    def json_schema(self) -> Json:
        return {
            "type": "object",
            "maxProperties": self.most,
            "propertyNames": self._name.json_schema(),
            "additionalProperties": self._text.json_schema(),
        }


class WordOrNames(Strict):
    """One of some words, or a list of names."""

    def __init__(self, words: Sequence[str], *, high: int, **options: Any) -> None:
        super().__init__(**options)
        self.words = tuple(words)
        self.high = high
        self._name = Text(64)

    def read(self, value: Any) -> str | tuple[str, ...]:
        if type(value) is str and value in self.words:
            return value
        if type(value) is not list:
            raise impossible(f"Must be one of {', '.join(self.words)}, or a list of line ids.")
        if not 1 <= len(value) <= self.high:
            raise impossible(f"Must have from 1 to {self.high} entries.")
        return tuple([self._name.read(name) for name in value])

    def json_schema(self) -> Json:
        names = {"type": "array", "minItems": 1, "maxItems": self.high, "items": self._name.json_schema()}
        return {"anyOf": [{"type": "string", "enum": list(self.words)}, names]}


class Flag(Strict):
    """True or false."""

    def read(self, value: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Must be true or false.")
        return value

    def json_schema(self) -> Json:
        return {"type": "boolean"}


class Moment(Strict):
    """A time as in RFC 3339 with its offset; comes out in UTC."""

    def read(self, value: Any) -> datetime:
        if type(value) is not str:
            raise ValidationError("Must be a time as in RFC 3339, as text.")
        try:
            moment = msgspec.convert(value, datetime)
        except msgspec.ValidationError as error:
            raise ValidationError("Must be a time as in RFC 3339, such as 2026-01-31T12:00:00Z.") from error
        if moment.tzinfo is None:
            raise ValidationError("A time needs its offset from UTC, such as Z or +01:00.")
        if not EARLIEST <= moment <= LATEST:
            raise impossible(f"Must be from {EARLIEST.year} to {LATEST.year}.")
        return moment.astimezone(UTC)

    def json_schema(self) -> Json:
        return {"type": "string", "format": "date-time"}


class Id(Strict):
    """A UUID in its usual form of 36 characters."""

    def read(self, value: Any) -> UUID:
        if type(value) is str and UUID_TEXT.fullmatch(value):
            return UUID(value)
        message = "Must be a UUID, such as 01890a5d-ac96-774b-bcce-b302099a8057."
        raise ValidationError(f"{message} {FIND_THE_ID}" if NUMBER_TEXT.fullmatch(str(value)) else message)

    def json_schema(self) -> Json:
        return {"type": "string", "format": "uuid"}


class Items(fields.List):  # type: ignore[type-arg]  # of whatever its inner field reads
    """A list of ``low`` to ``high`` values of one kind."""

    def __init__(self, inner: Any, *, high: int, low: int = 1, **options: Any) -> None:
        super().__init__(inner, error_messages={"invalid": "Must be a list."}, **options)
        self.low = low
        self.high = high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is list and not self.low <= len(value) <= self.high:
            raise impossible(f"Must have from {self.low} to {self.high} entries.")
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class WordOr(fields.Field[Any]):
    """One word that stands for everything, or what ``other`` reads."""

    def __init__(self, word: str, other: Items, **options: Any) -> None:
        super().__init__(**options)
        self.word = word
        self.other = other

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)
        self.other = copy.deepcopy(self.other)
        self.other._bind_to_schema(field_name, self)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is not str:
            return self.other.deserialize(value, attr, data, **kwargs)
        if value != self.word:
            raise impossible(f'Must be a list or "{self.word}".')
        return value
