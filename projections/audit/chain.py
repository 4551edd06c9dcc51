"""What an event came from and what came of it: across orders, their documents, batches, dispatches and mails.

Every event names the command that recorded it, and the command or event that this followed from. So the chain goes by
commands: back to the first cause, and on to the last effect. It is bounded, and says when there was more.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventstore.event_keys import EventKeys, event_id
from eventstore.records import RecordedEvent
from projections.public_events.reading import PublicEvents

EVENTS_MAX = 500
DEPTH_MAX = 20
Json = dict[str, Any]


@dataclass(slots=True)
class _Chain:
    """The events found so far with how far each is from the one asked for, causes below zero."""

    depths: dict[int, int] = field(default_factory=dict)
    rows: dict[int, RecordedEvent] = field(default_factory=dict)
    truncated: bool = False

    def add(self, rows: Iterable[RecordedEvent], depth: int) -> list[RecordedEvent]:
        """Take in those that are new; returns them."""
        new = []
        for row in rows:
            if row.position in self.rows:
                continue
            if len(self.rows) == EVENTS_MAX:
                self.truncated = True
                break
            self.rows[row.position], self.depths[row.position] = row, depth
            new.append(row)
        return new


class EventChains:
    """Answers what an event is connected with. Thread-safe. Raises KeysBehind."""

    def __init__(self, keys: EventKeys, events: PublicEvents) -> None:
        self._keys = keys
        self._events = events

    def chain_of(self, asked: UUID) -> Json | None:
        """``{"event_id", "events": [{"depth", "event"}], "truncated", "position"}`` in log order; None for no event.

        At depth 0 is what was recorded by the same command.
        """
        head = self._keys.caught_up()
        start = self._keys.rows(self._keys.of_events([asked], 1))
        if not start:
            return None
        chain = _Chain()
        chain.add(start, 0)
        chain.add(self._together(start), 0)
        own = list(chain.rows.values())
        self._follow(chain, own, -1, self._causes)
        self._follow(chain, own, +1, self._effects)
        positions = sorted(chain.rows)
        shown = self._events.shown([chain.rows[position] for position in positions], audit=True)
        linked = [{"depth": chain.depths[at], "event": event} for at, event in zip(positions, shown, strict=True)]
        return {"event_id": asked, "events": linked, "truncated": chain.truncated, "position": head}

    def _follow(
        self,
        chain: _Chain,
        rows: Sequence[RecordedEvent],
        direction: int,
        further: Callable[[Sequence[RecordedEvent]], list[RecordedEvent]],
    ) -> None:
        for depth in range(1, DEPTH_MAX + 2):
            found = further(rows)
            if not found:
                return
            if depth > DEPTH_MAX or chain.truncated:
                chain.truncated = True
                return
            rows = chain.add(found, direction * depth)
            rows += chain.add(self._together(rows), direction * depth)
            if not rows:
                return

    def _together(self, rows: Sequence[RecordedEvent]) -> list[RecordedEvent]:
        """What the commands of these events recorded."""
        commands = list({row.command_id for row in rows})
        return self._keys.rows(self._keys.of_commands(commands, EVENTS_MAX + 1)) if commands else []

    def _causes(self, rows: Sequence[RecordedEvent]) -> list[RecordedEvent]:
        named = list({row.causation_id for row in rows if row.causation_id is not None})
        if not named:
            return []
        limit = EVENTS_MAX + 1
        found = self._keys.of_commands(named, limit) + self._keys.of_events(named, limit)
        return self._keys.rows(found)

    def _effects(self, rows: Sequence[RecordedEvent]) -> list[RecordedEvent]:
        named = {row.command_id for row in rows} | {event_id(row.stream_id, row.version) for row in rows}
        return self._keys.rows(self._keys.caused_by(list(named), EVENTS_MAX + 1)) if named else []
