"""Asking the past of an order: how it was shown at a point, and what changed between two points, by which events.

Folded from the log with the code of today, as the order's detail is, so it needs no table and misses no order. What was
erased since is erased in the past too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import jsonpatch
import msgspec

from eventstore.cursors import position_before
from eventstore.reader import LogReader
from eventstore.records import DataKey, RecordedEvent
from projections.orders.points import NoSuchPointError, Past, Point, past_of
from projections.orders.telling import OrderTeller
from projections.paging.times import rfc3339

DIFF_EVENTS_MAX = 500
# What moves with every event, and tells the events themselves.
UNCOMPARED = frozenset({"position", "timeline", "timeline_before"})
Json = dict[str, Any]
# How the audit trail lists events of one partition, whose data key is given.
Listed = Callable[[Sequence[RecordedEvent], DataKey | None], Sequence[Mapping[str, Any]]]


class DiffTooLongError(Exception):
    """There are more events between the two points than are compared at once."""


class PastOrders:
    """Answers what an order was. Thread-safe. Raises NoSuchPointError, Unreadable."""

    def __init__(self, reader: LogReader, teller: OrderTeller, listed: Listed) -> None:
        self._reader = reader
        self._teller = teller
        self._listed = listed

    def order_at(self, order_id: UUID, point: Point, timeline_before: int | None = None) -> Mapping[str, Any] | None:
        """The order as the query of its detail answered it at a point, with reasons; None when there is none."""
        partition = self._reader.read_partition(order_id)
        if not _is_order(partition.events, order_id):
            return None
        past = past_of(partition.events, order_id, point)
        return self._teller.told(
            order_id,
            past.rows,
            partition.data_key,
            position=self._position(past, point),
            now=past.now,
            before=timeline_before,
            reasons=True,
        )

    def changes(self, order_id: UUID, since: Point, until: Point) -> Mapping[str, Any] | None:
        """The operations of RFC 6902 that make the order of one point that of a later one, by event.

        Answers ``{"from", "to", "changes": [{"event", "operations"}]}``; an ``event`` of None is time that passed. None
        when there is no such order. Raises DiffTooLongError.
        """
        partition = self._reader.read_partition(order_id)
        rows, key = partition.events, partition.data_key
        if not _is_order(rows, order_id):
            return None
        first, last = past_of(rows, order_id, since), past_of(rows, order_id, until)
        if len(last.rows) < len(first.rows):
            raise NoSuchPointError("from lies after to: exchange them.")
        made = list(last.rows[len(first.rows) :])
        if len(made) > DIFF_EVENTS_MAX:
            raise DiffTooLongError(f"There are {len(made)} events in between; at most {DIFF_EVENTS_MAX} are compared.")
        states = self._states(order_id, first, last, key)
        told = [*self._listed(made, key), None]
        before = next(states)
        found: list[Json] = []
        for event, after in zip(told, states, strict=True):
            if operations := jsonpatch.make_patch(before, after).patch:
                found.append({"event": event, "operations": operations})
            before = after
        return {"from": _where(first), "to": _where(last), "changes": found}

    def _states(self, order_id: UUID, first: Past, last: Past, key: DataKey | None) -> Iterator[Json]:
        """The order at the first point, after each event up to the last, and at the last point."""
        yield self._shown(order_id, first, key)
        for number, state in enumerate(self._teller.states(order_id, last.rows, key, len(first.rows))):
            if number:  # the first of them is where we began
                yield _plain(state)
        yield self._shown(order_id, last, key)

    def _shown(self, order_id: UUID, past: Past, key: DataKey | None) -> Json:
        told = self._teller.told(order_id, past.rows, key, position=past.rows[-1].position, now=past.now)
        return _plain(told)

    def _position(self, past: Past, point: Point) -> int:
        """The end of the log at a moment; for other points the order's own last event."""
        if point.moment is None or point.occurred:
            return past.rows[-1].position
        return position_before(self._reader, point.moment + timedelta(microseconds=1))


def _is_order(rows: Sequence[RecordedEvent], order_id: UUID) -> bool:
    return bool(rows) and rows[0].order_id == order_id


def _plain(state: Mapping[str, Any] | None) -> Json:
    """A state in the plain values of JSON."""
    compared = {name: value for name, value in (state or {}).items() if name not in UNCOMPARED}
    plain: Json = msgspec.json.decode(msgspec.json.encode(compared))
    return plain


def _where(past: Past) -> Json:
    last = past.rows[-1]
    return {"position": last.position, "recorded_at": rfc3339(last.recorded_at), "at": rfc3339(past.now)}
