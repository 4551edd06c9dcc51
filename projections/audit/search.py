"""Searching the log: by who, type, conversation, command, order, amount, time, and the words of reasons.

Everything but the words is found through keys (eventstore/event_keys.py). Reasons are sealed, and stay so: no index
holds their words, so who asks for some has the events that may have a reason opened, some thousand for a page, and goes
on from there. Nothing here waits or writes anything but those keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.events import Event
from eventstore.cursors import position_before
from eventstore.event_keys import EventKeys, KeysAsked
from eventstore.reader import LogReader
from eventstore.records import RecordedEvent
from projections.paging.words import asked_words, words
from projections.public_events.reading import PublicEvents
from projections.public_events.values import Json

OPENED_MAX = 5_000
OPENED_AT_ONCE = 500
ACTORS_MAX = 100
PLACES = (0, 2, 3, 4)
# What an event is about, where that is one amount: the first of these fields that it has.
AMOUNTS = ("amount", "grand_total", "total")
EVERYTHING = KeysAsked()
_NAMED = "SELECT id FROM access.holders WHERE lower(name) = lower(%s) ORDER BY created_at LIMIT %s"


def amount_fields(event_classes: Sequence[type[Event]]) -> dict[str, str]:
    """By topic, the field that holds what the event is about."""
    found: dict[str, str] = {}
    for event_class in event_classes:
        named = [field for field in AMOUNTS if field in event_class.__dataclass_fields__]
        if named:
            found[event_class.TOPIC] = named[0]
    return found


@dataclass(frozen=True, slots=True)
class SearchAsked:
    """What to look for; ``keys`` are its conditions, ``actors`` ids or names, ``reason`` words that must all be there.

    Times are of ``recorded_at``, both included. ``down`` is from the newest to the oldest. ``beyond`` is the position
    where the page begins, ``backward`` the page before it.
    """

    keys: KeysAsked = EVERYTHING
    actor: str | None = None
    amount: Decimal | None = None
    reason: str | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    down: bool = True
    limit: int = 100
    beyond: int | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Events in the order asked for; ``next`` and ``previous`` are positions to go on from, None at either end.

    A page may hold fewer events than asked for and yet have a ``next``: as many reasons were opened as are for a page.
    """

    items: Sequence[Json]
    next: int | None
    previous: int | None
    position: int


class EventSearch:
    """Answers searches. Thread-safe. Raises KeysBehind."""

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], reader: LogReader, keys: EventKeys, events: PublicEvents
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._keys = keys
        self._events = events
        self._names = events.topics_by_name

    def topics(self, types: Sequence[str]) -> list[str]:
        """The types that names and patterns ("order.*", "OrderPlaced") stand for; ValueError names a wrong one."""
        return self._events.matching([self._names.get(name, name) for name in types])

    def page(self, asked: SearchAsked) -> SearchPage:
        """One page, of the log up to the ``position`` it names."""
        head = self._keys.caught_up()
        narrowed = self._narrowed(asked, head)
        if narrowed is None:
            return SearchPage((), None, None, head)
        down = asked.down != asked.backward
        rows, stopped = self._matching(asked, narrowed, down)
        more = len(rows) > asked.limit
        del rows[asked.limit :]
        items = self._events.shown(rows, audit=True)
        after = rows[-1].position if more else stopped
        if asked.backward:
            items.reverse()
            first = items[-1]["position"] if items else None
            return SearchPage(items, first, after, head)
        before = None if asked.beyond is None or not items else items[0]["position"]
        return SearchPage(items, after, before, head)

    def _narrowed(self, asked: SearchAsked, head: int) -> KeysAsked | None:
        """The conditions in terms of the keys; None where nothing can be found."""
        keys = asked.keys
        low, high = keys.above, head + 1
        if asked.recorded_from is not None:
            low = max(low, position_before(self._reader, asked.recorded_from))
        if asked.recorded_to is not None:
            high = position_before(self._reader, asked.recorded_to + timedelta(microseconds=1)) + 1
        if asked.beyond is not None and asked.down != asked.backward:
            high = min(high, asked.beyond)
        elif asked.beyond is not None:
            low = max(low, asked.beyond)
        actors = None if asked.actor is None else self._actors(asked.actor)
        amounts = None if asked.amount is None else _minor(asked.amount)
        if high - low < 2 or amounts == []:
            return None
        return replace(keys, actors=actors, amounts=amounts, sealed=asked.reason is not None, above=low, below=high)

    def _actors(self, named: str) -> list[str]:
        """An id as it stands in the log, or all the keys of that name."""
        with self._pool.connection() as connection:
            found = connection.execute(_NAMED, [named, ACTORS_MAX]).fetchall()
        return [named, *(key_id for (key_id,) in found)]

    def _matching(self, asked: SearchAsked, keys: KeysAsked, down: bool) -> tuple[list[RecordedEvent], int | None]:
        """The events of a page and one more; and where the opening of reasons stopped, if it did before that."""
        wanted = asked.limit + 1
        if asked.reason is None and asked.amount is None:
            return self._ordered(self._keys.find(keys, wanted, down=down), down), None
        found: list[RecordedEvent] = []
        opened = 0
        for rows in self._walk(keys, down):
            found += self._fitting(asked, rows)
            opened += len(rows)
            if len(found) >= wanted:
                return found[:wanted], None
            if opened >= OPENED_MAX:
                return found, rows[-1].position
        return found, None

    def _walk(self, keys: KeysAsked, down: bool) -> Iterator[list[RecordedEvent]]:
        while True:
            positions = self._keys.find(keys, OPENED_AT_ONCE, down=down)
            if positions:
                yield self._ordered(positions, down)
            if len(positions) < OPENED_AT_ONCE:
                return
            keys = replace(keys, below=positions[-1]) if down else replace(keys, above=positions[-1])

    def _fitting(self, asked: SearchAsked, rows: Sequence[RecordedEvent]) -> list[RecordedEvent]:
        """Those with these words in their reason, and about this amount in their own currency."""
        if asked.reason is not None:
            wanted = asked_words(asked.reason)
            rows = [row for row, told in zip(rows, self._events.reasons(rows), strict=True) if says(told, wanted)]
        if asked.amount is None:
            return list(rows)
        shown = self._events.shown(rows, audit=True)
        return [row for row, event in zip(rows, shown, strict=True) if _is_about(event["data"], asked.amount)]

    def _ordered(self, positions: Sequence[int], down: bool) -> list[RecordedEvent]:
        rows = self._keys.rows(positions)
        return rows[::-1] if down else rows


def says(reason: str | None, wanted: Sequence[Sequence[str]]) -> bool:
    """Whether every word asked for begins a word of the reason, without regard to case and accents."""
    if reason is None or not wanted:
        return False
    told = f" {words(reason)}"
    return all(any(f" {word}" in told for word in choices) for choices in wanted)


def _minor(amount: Decimal) -> list[int]:
    """What the amount may be in minor units, by the decimal places of currencies."""
    scaled = [amount.scaleb(places) for places in PLACES]
    return sorted({int(each) for each in scaled if each == each.to_integral_value()})


def _is_about(data: Json, amount: Decimal) -> bool:
    told = next((data[field] for field in AMOUNTS if data.get(field) is not None), None)
    return told is not None and Decimal(told) == amount
