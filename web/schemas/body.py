"""What every body is: an object of known fields, read fast when it is right and carefully when it is not.

marshmallow defines the body and finds every fault in it, but pays for that possibility on each field. So a
reader is compiled from the same fields: it only knows how to accept, and anything it cannot accept goes to
``Schema.load``. A test holds both to the same result.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validates_schema

from web.schemas.fields import Items, Moment, Strict, Text, WordOr

Read = Callable[[Any], Any]


class Body(Schema):
    """An object whose unknown fields are refused; a null in an optional field means it is not there."""

    class Meta:
        unknown = RAISE

    def check(self, body: dict[str, Any]) -> None:
        """Raise ValidationError for what is wrong between fields; each of them is right by itself."""

    def accept(self, data: Any) -> dict[str, Any]:
        """The body read from parsed JSON; ValidationError with all its faults when it is wrong."""
        with suppress(ValidationError, KeyError, TypeError):
            return self._read(data)  # type: ignore[no-any-return]
        return self.load(data)  # type: ignore[no-any-return]

    @cached_property
    def _read(self) -> Read:
        return _object_reader(self)

    @validates_schema(skip_on_field_errors=True)
    def _check(self, body: dict[str, Any], **_: Any) -> None:
        self.check(body)

    @post_load
    def _without_nulls(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in body.items() if value is not None}


class CommandBody(Body):
    """The fields that every command may carry."""

    reason = Text(1000, low=0, allow_none=True)
    occurred_at = Moment(allow_none=True)


def _object_reader(schema: Body) -> Read:
    """Reads an object that is right; KeyError, TypeError or ValidationError for any other."""
    reads = {name: _reader(field) for name, field in schema.load_fields.items()}
    nullable = frozenset(name for name, field in schema.load_fields.items() if field.allow_none)
    required = frozenset(name for name, field in schema.load_fields.items() if field.required)
    check = schema.check if type(schema).check is not Body.check else None

    def read(data: dict[str, Any]) -> dict[str, Any]:
        if type(data) is not dict:
            raise TypeError
        body = {name: reads[name](value) for name, value in data.items() if value is not None or name not in nullable}
        if not body.keys() >= required:
            raise KeyError
        if check:
            check(body)
        return body

    return read


def _list_reader(items: Items) -> Read:
    low, high = items.low, items.high
    inner = _reader(items.inner)

    def read(value: list[Any]) -> list[Any]:
        if type(value) is not list or not low <= len(value) <= high:
            raise TypeError
        return [inner(entry) for entry in value]

    return read


def _word_reader(field: WordOr) -> Read:
    word = field.word
    other = _reader(field.other)
    return lambda value: word if value == word else other(value)


def _reader(field: fields.Field[Any]) -> Read:
    match field:
        case Strict():
            return field.read
        case fields.Nested(schema=Body() as schema):
            return _object_reader(schema)
        case Items():
            return _list_reader(field)
        case WordOr():
            return _word_reader(field)
        case _:
            message = f"no reader for {type(field).__name__}"
            raise NotImplementedError(message)
