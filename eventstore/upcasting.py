"""Old events in the shape of today: a table of functions from one schema version to the next.

An upcaster gets the event's stored fields (payload and, unless erased, the personal ones) as
plain JSON values and returns those of the next version. Stored bytes are never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventstore.errors import UnknownTopic

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
Upcasters = Mapping[tuple[str, int], Upcaster]


def upcast(upcasters: Upcasters, topic: str, stored: int, current: int, fields: dict[str, Any]) -> dict[str, Any]:
    """Return `fields` of version `stored` in the shape of version `current`."""
    for version in range(stored, current):
        step = upcasters.get((topic, version))
        if step is None:
            raise UnknownTopic(f"no upcaster for {topic} from version {version}")
        fields = step(fields)
    return fields
