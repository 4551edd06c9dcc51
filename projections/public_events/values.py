"""How the values of an event are shown outside, and the JSON Schema of each: worked out once from its type.

Whole numbers are amounts in minor units unless their names say otherwise, as everywhere in the domain; outside, an
amount is a decimal text in its currency. A type that
nothing here knows is refused when the program starts, never guessed.
"""

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.values import minor_text
from projections.paging.times import rfc3339

Json = dict[str, Any]
Show = Callable[[Any, int], Any]
"""From a value inside, and the decimal places of its currency, to the value outside."""

COUNTS = frozenset({"attempt", "event_version", "number", "quantity", "revision"})
MEASURES = ("_grams", "_mm")
# Rules and looks as they were then: ours, and of no use to anybody else.
INSIDE = frozenset({"own_method", "stationery", "notify"})


class Shown(NamedTuple):
    """How a value is shown, and what that may be."""

    show: Show
    schema: Json


def shown(hint: Any, name: str) -> Shown:
    """For a field of that type and name."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _optional([part for part in parts if part is not type(None)], name)
    if origin is tuple:
        return _list(shown(parts[0], name))
    if origin is dict:
        return Shown(_as_it_is, {"type": "object"})
    if isinstance(hint, type) and is_dataclass(hint):
        return _object(hint)
    return _number(name) if hint is int else PLAIN.get(hint) or _word(hint)


def _word(hint: type[Enum]) -> Shown:
    return Shown(lambda value, _: value.value, {"type": "string", "enum": [member.value for member in hint]})


def _as_it_is(value: Any, _: int) -> Any:
    return value


PLAIN: dict[Any, Shown] = {
    str: Shown(_as_it_is, {"type": "string"}),
    bool: Shown(_as_it_is, {"type": "boolean"}),
    UUID: Shown(lambda value, _: str(value), {"type": "string", "format": "uuid"}),
    datetime: Shown(lambda value, _: rfc3339(value), {"type": "string", "format": "date-time"}),
    date: Shown(lambda value, _: value.isoformat(), {"type": "string", "format": "date"}),
}


def _number(name: str) -> Shown:
    if name in COUNTS or name.endswith(MEASURES):
        return Shown(_as_it_is, {"type": "integer"})
    return Shown(minor_text, {"type": "string", "format": "decimal"})


def _optional(parts: list[Any], name: str) -> Shown:
    """One of the types, told apart by the value's own, or none."""
    ways = {get_origin(part) or part: shown(part, name) for part in parts}
    schema: Json = {"anyOf": [*(way.schema for way in ways.values()), {"type": "null"}]}
    if len(ways) == 1:
        (only,) = ways.values()
        return Shown(lambda value, places: None if value is None else only.show(value, places), schema)
    return Shown(lambda value, places: None if value is None else ways[type(value)].show(value, places), schema)


def _list(entry: Shown) -> Shown:
    show = entry.show
    return Shown(
        lambda values, places: [show(value, places) for value in values], {"type": "array", "items": entry.schema}
    )


def _object(described: type[Any]) -> Shown:
    hints = get_type_hints(described)
    ways = {each.name: shown(hints[each.name], each.name) for each in fields(described) if each.name not in INSIDE}
    plan = [(name, way.show) for name, way in ways.items()]
    return Shown(
        lambda value, places: {name: show(getattr(value, name), places) for name, show in plan},
        closed({name: way.schema for name, way in ways.items()}),
    )


def closed(properties: Json) -> Json:
    """An object of exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
