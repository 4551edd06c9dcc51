"""The reference of the events: every class with its fields, made from the classes themselves."""

import inspect
import types
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from application.catalogue import COMMANDS
from application.unit_of_work import AGGREGATE_OF
from domain.events import Event
from tests.support.event_causes import CAUSES

ENVELOPE = {each.name for each in fields(Event)}
COUNTS = {"attempt", "event_version", "number", "quantity", "revision"}
PLAIN = {str: "text", bool: "yes or no", UUID: "UUID", datetime: "time (UTC)", date: "date"}


def event_reference() -> str:
    """Every event by its stream, then the values that their fields are made of."""
    values: dict[str, type[Any]] = {}
    streams: dict[str, list[str]] = {}
    for event, aggregate in AGGREGATE_OF.items():
        streams.setdefault(aggregate.NAME, []).append(_event(event, values))
    parts = [f"\n## {name.replace('_', ' ').capitalize()}\n\n{''.join(events)}" for name, events in streams.items()]
    return "".join((*parts, "\n## Values\n\n", *_values(values)))


def _event(event: type[Event], values: dict[str, type[Any]]) -> str:
    stored = f"`{event.TOPIC}`, schema version {event.SCHEMA_VERSION}"
    if event.SERIES:
        stored += f", numbered in the series `{event.SERIES}`"
    causes = ", ".join(f"`{cause}`" if cause in COMMANDS else cause for cause in CAUSES[event.__name__])
    told = f"{stored}. Caused by {causes or 'nothing yet'}."
    head = f"### {event.__name__}\n\n{told}\n\n{_prose(event)}\n\n"
    return head + _fields(event, values, event.PERSONAL)


def _values(values: dict[str, type[Any]]) -> Iterator[str]:
    """The dataclasses among the fields; telling one may find others."""
    told: dict[str, str] = {}
    while left := values.keys() - told.keys():
        for name in left:
            told[name] = f"### {name}\n\n{_prose(values[name])}\n\n{_fields(values[name], values, frozenset())}"
    yield from (told[name] for name in sorted(told))


def _prose(described: type[Any]) -> str:
    return inspect.cleandoc(described.__doc__ or "").replace("``", "`")


def _fields(described: type[Any], values: dict[str, type[Any]], personal: frozenset[str]) -> str:
    hints = get_type_hints(described)
    own = [each for each in fields(described) if each.name not in ENVELOPE]
    if not own:
        return "No fields.\n\n"
    lines = ["| field | type | default | personal |", "| --- | --- | --- | --- |"]
    for each in own:
        mark = "yes" if each.name in personal else ""
        lines.append(f"| `{each.name}` | {_type(hints[each.name], each.name, values)} | {_default(each)} | {mark} |")
    return "\n".join(lines) + "\n\n"


def _type(hint: Any, name: str, values: dict[str, type[Any]]) -> str:
    if get_origin(hint) in {Union, types.UnionType}:
        parts = [part for part in get_args(hint) if part is not type(None)]
        return f"{' or '.join(_type(part, name, values) for part in parts)}, or none"
    if get_origin(hint) is tuple:
        return f"list of {_type(get_args(hint)[0], name, values)}"
    if get_origin(hint) is dict or hint is Any:
        return "object"
    return _unit(name) if hint is int else PLAIN.get(hint) or _class(hint, values)


def _class(hint: type[Any], values: dict[str, type[Any]]) -> str:
    if issubclass(hint, Enum):
        return " / ".join(f'"{member.value}"' for member in hint)
    if not is_dataclass(hint):
        raise TypeError(f"nothing says how the reference names {hint}")
    values[hint.__name__] = hint
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def _unit(name: str) -> str:
    """What an integer counts, by the name of its field."""
    if name in COUNTS:
        return "count"
    if name.endswith("_grams"):
        return "grams"
    return "millimetres" if name.endswith("_mm") else "minor units"


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "required" if field.default_factory is MISSING else "empty"
    if field.default is None:
        return "none"
    if field.default == ():
        return "empty"
    if isinstance(field.default, bool):
        return "yes" if field.default else "no"
    if isinstance(field.default, (UUID, datetime, date)):
        return ""
    return f"`{field.default}`" if field.default != "" else '""'
