"""Two ways in which a body is wrong, and where: the pointers of a problem's ``errors``.

A fault of *shape* (missing, unknown, of the wrong type, malformed) is answered 400, a fault of *value*
(well-formed, but never right: a quantity of 0) 422. marshmallow knows only messages, so a message about
a value is marked by its type.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

ERRORS_MAX = 50
POINTER_MAX = 200


class OfValue(str):
    """The message of a fault of value; every other message is one of shape."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a body: where (RFC 6901), what, and of which sort."""

    pointer: str
    message: str
    of_value: bool


def impossible(message: str) -> ValidationError:
    """A fault of value, to be raised by a field or a schema."""
    return ValidationError(OfValue(message))


def faults_of(error: ValidationError) -> list[Fault]:
    """The first ``ERRORS_MAX`` faults of a refused body."""
    found = _walk(error.messages, "")
    return [fault for fault, _ in zip(found, range(ERRORS_MAX), strict=False)]


def _walk(messages: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _walk(inner, pointer if key == SCHEMA else f"{pointer}/{_escaped(key)}")
    elif isinstance(messages, list):
        for inner in messages:
            yield from _walk(inner, pointer)
    else:
        yield Fault(pointer, str(messages), isinstance(messages, OfValue))


def _escaped(key: Any) -> str:
    return str(key)[:POINTER_MAX].replace("~", "~0").replace("/", "~1")
