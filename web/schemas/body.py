"""What every body is: an object of known fields, of which a typed value is made.

marshmallow defines the body and finds every fault in it, but pays for that possibility on each field. So a
reader is compiled from the same fields: it only knows how to accept, and anything it cannot accept goes to
``Schema.load``. A test holds both to the same result, and the fields of each schema to those of its value.
"""

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validates_schema

from application.command import Remarks
from web.schemas.fields import Flag, Items, Moment, Strict, Text, WordOr

Read = Callable[[Any], Any]
Parts = Callable[[dict[str, Any]], tuple[Any, int]]

_ABSENT: Any = object()
_REQUIRED: Any = object()


class Body(Schema):
    """An object whose unknown fields are refused; a null in an optional field means it is not there."""

    class Meta:
        unknown = RAISE

    def check(self, body: dict[str, Any]) -> None:
        """Raise ValidationError for what is wrong between fields; each of them is right by itself."""

    @validates_schema(skip_on_field_errors=True)
    def _check(self, body: dict[str, Any], **_: Any) -> None:
        self.check(body)


class Part(Body):
    """An object within a body; ``makes`` is the value that it becomes."""

    makes: ClassVar[type[Any]]

    @post_load
    def _made(self, body: dict[str, Any], **_: Any) -> Any:
        return self.makes(**_said(body))


class CommandBody(Body):
    """A command's body, with the fields that every command may carry; ``makes`` are the values that it can become."""

    makes: ClassVar[tuple[type[Any], ...]] = ()

    reason = Text(1000, low=0, allow_none=True)
    occurred_at = Moment(allow_none=True)
    notify = Flag()


def _said(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


REMARKS = tuple(field.name for field in dataclasses.fields(Remarks))


class Accepted(NamedTuple):
    """A body that is right: what is asked for, and what every command may carry beside it."""

    command: Any
    remarks: Remarks


class BodyReader:
    """Reads the bodies of one command: ``schema`` says what is right, ``makes`` is the value that comes out."""

    def __init__(self, schema: CommandBody, makes: type[Any]) -> None:
        self._schema = schema
        self._makes = makes
        self._asked = frozenset(field.name for field in dataclasses.fields(makes))
        self.read = _command_reader(schema, makes)

    def accept(self, data: Any) -> Accepted:
        """The body read from parsed JSON; ValidationError with all its faults when it is wrong."""
        with suppress(ValidationError, KeyError, TypeError):
            return self.read(data)
        return self.load(data)

    def load(self, data: Any) -> Accepted:
        """The same by marshmallow alone, which names every fault."""
        said = _said(self._schema.load(data))
        remarks = {name: said[name] for name in REMARKS if name in said}
        asked = {name: value for name, value in said.items() if name in self._asked or name not in REMARKS}
        return Accepted(self._makes(**asked), Remarks(**remarks))


def _command_reader(schema: CommandBody, makes: type[Any]) -> Callable[[Any], Accepted]:
    """Reads a body that is right; KeyError, TypeError or ValidationError for any other."""
    asked, remarks, check = _parts(schema, makes), _parts(schema, Remarks), _checker(schema)
    both = [name for name in REMARKS if any(field.name == name for field in dataclasses.fields(makes))]

    def read(data: Any) -> Accepted:
        if type(data) is not dict:
            raise TypeError
        command, known = asked(data)
        remarked, more = remarks(data)
        if known + more != len(data) + sum([name in data for name in both]):
            raise KeyError
        if check:
            check(data)
        return Accepted(command, remarked)

    return read


def _object_reader(schema: Part) -> Read:
    """Reads an object that is right; KeyError, TypeError or ValidationError for any other."""
    parts, check = _parts(schema, schema.makes), _checker(schema)

    def read(data: Any) -> Any:
        if type(data) is not dict:
            raise TypeError
        value, known = parts(data)
        if known != len(data):
            raise KeyError
        if check:
            check(data)
        return value

    return read


def _checker(schema: Body) -> Callable[[dict[str, Any]], None] | None:
    return schema.check if type(schema).check is not Body.check else None


def _parts(schema: Body, makes: type[Any]) -> Parts:
    """Reads the fields of ``makes`` from an object; returns the value and how many fields were there.

    The value is filled slot by slot: the constructor of a frozen dataclass costs four times as much.
    """
    plan = [_step(schema.load_fields[field.name], field, makes) for field in dataclasses.fields(makes)]

    def read(data: dict[str, Any]) -> tuple[Any, int]:
        value, known = object.__new__(makes), 0
        for name, put, take, default, nullable in plan:
            given = data.get(name, _ABSENT)
            if given is _ABSENT:
                if default is _REQUIRED:
                    raise KeyError(name)
                put(value, default)
            else:
                known += 1
                put(value, default if given is None and nullable else take(given))
        return value, known

    return read


def _step(field: fields.Field[Any], of: dataclasses.Field[Any], makes: type[Any]) -> tuple[str, Any, Read, Any, bool]:
    default = _REQUIRED if field.required else of.default
    return of.name, getattr(makes, of.name).__set__, _reader(field), default, bool(field.allow_none)


def _list_reader(items: Items) -> Read:
    low, high = items.low, items.high
    inner = _reader(items.inner)

    def read(value: list[Any]) -> tuple[Any, ...]:
        if type(value) is not list or not low <= len(value) <= high:
            raise TypeError
        return tuple([inner(entry) for entry in value])

    return read


def _word_reader(field: WordOr) -> Read:
    word = field.word
    other = _reader(field.other)
    return lambda value: word if value == word else other(value)


def _reader(field: fields.Field[Any]) -> Read:
    match field:
        case Strict():
            return field.read
        case fields.Nested(schema=Part() as schema):
            return _object_reader(schema)
        case Items():
            return _list_reader(field)
        case WordOr():
            return _word_reader(field)
        case _:
            message = f"no reader for {type(field).__name__}"
            raise NotImplementedError(message)
