"""The public form of every event: its name with its own version, and what is in it.

A form is made from the event's class, and a test holds every form against what was promised once: nothing that was
promised may go or change its type. Who renames a field inside gives the form its old name in NAMES; where what is meant
changes, the form gets a new version in VERSIONS. New fields are no new version.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, get_type_hints

from domain.document_number import number_text
from domain.events import Event
from domain.values import exponent
from projections.public_events.values import INSIDE, Json, Shown, closed, shown

ENVELOPE = frozenset(field.name for field in fields(Event))
VERSIONS: Mapping[str, int] = {}
"""By topic the version of its form, where that is not the first."""

NAMES: Mapping[str, Mapping[str, str]] = {
    "dispatch.manifest_issued": {"number": "manifest_number"},
}
"""By topic: what a field inside is called outside, where that differs; a number is that of its document anyway."""

NUMBER: Json = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def _read_number(event: Any, _: int) -> str | None:
    """A number as people read it: the one that came with the order or document, or that of its series."""
    external = getattr(event, "external", None)
    own: str | None = external.number if external else getattr(event, "order_number", None)
    return own or number_text(event.number, getattr(event, "prefix", ""))


class Field(NamedTuple):
    """One field of a form: how it is got from an event, and whether it is personal."""

    name: str
    get: Callable[[Any, int], Any]
    schema: Json
    personal: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What one kind of event looks like outside; ``schema`` is such as "order.placed/1"."""

    topic: str
    schema: str
    meaning: str
    fields: tuple[Field, ...]

    @classmethod
    def of(cls, event: type[Any]) -> "Form":
        """The form of a class of events."""
        names = {"number": f"{event.TOPIC.partition('.')[0]}_number", **NAMES.get(event.TOPIC, {})}
        hints = get_type_hints(event)
        own = [
            _field(each.name, names.get(each.name, each.name), shown(hints[each.name], each.name), event)
            for each in fields(event)
            if each.name not in ENVELOPE | INSIDE and each.name not in names.values()
        ]
        meaning = inspect.cleandoc(event.__doc__ or "").replace("``", "`")
        return cls(event.TOPIC, f"{event.TOPIC}/{VERSIONS.get(event.TOPIC, 1)}", meaning, tuple(own))

    def data(self, event: Any, currency: str | None, *, personal: bool) -> Json:
        """What the event says, amounts in its own currency or else that of its order; ``personal`` parts if asked."""
        places = exponent(getattr(event, "currency", None) or currency or "EUR")
        return {field.name: field.get(event, places) for field in self.fields if personal or not field.personal}

    def json_schema(self, *, personal: bool) -> Json:
        """What ``data`` may be."""
        return closed({field.name: field.schema for field in self.fields if personal or not field.personal})


def _field(inside: str, outside: str, way: Shown, event: type[Any]) -> Field:
    personal = inside in event.PERSONAL
    if inside == "number":
        return Field(outside, _read_number, NUMBER, personal)
    show = way.show
    return Field(outside, lambda found, places: show(getattr(found, inside), places), way.schema, personal)


def forms_of(event_classes: Iterable[type[Any]]) -> dict[str, Form]:
    """The form of each class by its topic."""
    return {event.TOPIC: Form.of(event) for event in event_classes}
