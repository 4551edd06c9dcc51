"""What orders, invoices and shipments share: verbs decide and trigger, ``evolve`` applies.

Follows the eventsourcing library's aggregate protocols (``MutableAggregateProtocol``,
``CollectEventsProtocol``), so that its application and repository work with these classes. An
aggregate reads no clock and makes no ids: whoever calls a verb hands both in.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import OriginatorIDError, OriginatorVersionError

from domain.document_number import number_text
from domain.events import Event

_set = object.__setattr__  # past the frozen dataclass


class Aggregate:
    """A consistency boundary with one stream of events; version 0 means that nothing happened yet."""

    NAME: ClassVar[str]
    evolve: Callable[[Event], None]

    def __init__(self, aggregate_id: UUID) -> None:
        self._id = aggregate_id
        self._version = 0
        self.number: int | None = None
        self.prefix = ""
        self.own_number: str | None = None
        self._pending: list[Event] = []

    @property
    def id(self) -> UUID:
        """The id of the stream."""
        return self._id

    @property
    def version(self) -> int:
        """The version of the last event, pending ones included."""
        return self._version

    @version.setter
    def version(self, version: int) -> None:
        self._version = version

    @property
    def document_number(self) -> str | None:
        """The number as people read it: the one that came with it, or that of its series; None while it has none."""
        return self.own_number or number_text(self.number, self.prefix)

    @property
    def pending_events(self) -> Sequence[Event]:
        """Events triggered and not yet collected."""
        return self._pending

    def collect_events(self) -> Sequence[Event]:
        """Hand over the pending events, to be appended."""
        collected, self._pending = self._pending, []
        return collected

    def silence(self) -> None:
        """Let nobody be told of what is pending."""
        for event in self._pending:
            if getattr(event, "notify", False):
                _set(event, "notify", False)

    def trigger(self, event: Event) -> None:
        """Record a new fact: give it its place in this stream, apply it, keep it to be collected.

        ``event`` comes fresh from its class, without stream and version, and nobody else holds it yet: so it can still
        be completed, which is several times faster than a copy of it.
        """
        if event.originator_version:
            raise OriginatorVersionError(event.originator_version, 0)
        version = self._version + 1
        _set(event, "originator_id", self._id)
        _set(event, "originator_version", version)
        self.evolve(event)
        self._version = version
        self._pending.append(event)

    def replay(self, event: Event) -> None:
        """Apply a recorded event; refuses one of another stream or out of its order."""
        if event.originator_id != self._id:
            raise OriginatorIDError(event.originator_id, self._id)
        self.replay_own(event)

    def replay_own(self, event: Event) -> None:
        """Apply a recorded event that was found by this stream's id; refuses one out of its order."""
        if event.originator_version != self._version + 1:
            raise OriginatorVersionError(event.originator_version, self._version + 1)
        self.evolve(event)
        self._version = event.originator_version
        number = getattr(event, "number", None)
        if number is not None:
            self.number_issued(event, number)

    def number_issued(self, event: Event, number: int) -> None:  # noqa: ARG002
        """Keep the number that the log issued for ``event``."""
        self.number = number
