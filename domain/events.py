"""The base of every event: an immutable fact about one stream.

Stored names are explicit: ``TOPIC`` and ``SCHEMA_VERSION`` are what the log keeps, the names of the
classes may change. Fields named in ``PERSONAL`` are sealed under the order's data key and are None
once that key was erased. The envelope fields come from the row's columns, not from the payload;
so does ``number`` where a class has a ``SERIES``: the log issues it while it appends.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

NO_STREAM = UUID(int=0)
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact: what happened to the stream ``originator_id``, as its version ``originator_version``."""

    TOPIC: ClassVar[str]
    SCHEMA_VERSION: ClassVar[int] = 1
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    SERIES: ClassVar[str | None] = None

    originator_id: UUID = NO_STREAM
    originator_version: int = 0
    occurred_at: datetime = NO_TIME

    def number_issued(self, number: int) -> None:
        """Complete a fact of a class with a ``SERIES`` by the number that it got when it was recorded."""
        object.__setattr__(self, "number", number)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """A fact of an order's own stream."""
