"""Folding events of many orders into rows, each order by itself.

An order that fails is reported and harms no other. Whatever it fails with counts: an event nobody
knows, a seal that does not open, a fold with a fault. Nothing here writes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg import Connection

from eventstore import feed
from eventstore.feed import FeedEvent
from projections.engine.decoder import Decoder
from projections.engine.memory import Memory
from projections.engine.model import ReadModel, Row
from projections.engine.parking import Unfoldable
from projections.engine.slices import Slice, slice_of


@dataclass(slots=True)
class Folded:
    """The rows of the orders that were folded, and why the others were not."""

    rows: dict[UUID, Sequence[Row]] = field(default_factory=dict)
    last_positions: dict[UUID, int] = field(default_factory=dict)
    failures: dict[UUID, Unfoldable] = field(default_factory=dict)


def fold_all(model: ReadModel[Any], decoder: Decoder, state: Any, events: Iterable[FeedEvent]) -> Sequence[Row]:
    """Change a partition's state by its next events; returns its rows. Raises Unfoldable."""
    position = 0
    try:
        for row in events:
            position = row.position
            model.fold(state, row, decoder.fed(row))
        return tuple(model.rows(state))
    except MemoryError:
        raise
    except Exception as error:
        raise Unfoldable(position, error) from error


class Folder:
    """Folds batches of one read model, remembering the orders of the batches before."""

    def __init__(self, model: ReadModel[Any], decoder: Decoder) -> None:
        self._model = model
        self._decoder = decoder
        self.memory = Memory(model.remembered)

    def fold(
        self,
        connection: Connection[Any],
        events: dict[UUID, list[FeedEvent]],
        slices: Mapping[int, Slice],
        erased: Collection[UUID] = (),
    ) -> Folded:
        """Fold the new events of some partitions of the held slices; takes them out of ``events`` on the way.

        Those ``erased`` are folded from their beginning, whatever is remembered of them.
        """
        folded = Folded()
        self.memory.trust(slices.values())
        if erased:
            self._begin_again(connection, events, slices, erased)
        states = self._states(connection, events, slices, folded)
        for partition_id in list(states):
            state, rows = states.pop(partition_id), events.pop(partition_id)
            try:
                folded.rows[partition_id] = fold_all(self._model, self._decoder, state, rows)
                folded.last_positions[partition_id] = rows[-1].position
                self.memory.keep(partition_id, state)
            except Unfoldable as reason:
                folded.failures[partition_id] = reason
        return folded

    def _begin_again(
        self,
        connection: Connection[Any],
        events: dict[UUID, list[FeedEvent]],
        slices: Mapping[int, Slice],
        erased: Collection[UUID],
    ) -> None:
        """Put all their past before the new events of some partitions: all their rows are then made, not the last."""
        for partition_id in erased:
            self.memory.take(partition_id)
        wanted = {each: slices[slice_of(each)].position for each in erased if each in events}
        for partition_id, rows in groupby(feed.past(connection, wanted), lambda row: row.partition_id):
            events[partition_id] = [*rows, *events[partition_id]]

    def _states(
        self,
        connection: Connection[Any],
        events: Mapping[UUID, Sequence[FeedEvent]],
        slices: Mapping[int, Slice],
        folded: Folded,
    ) -> dict[UUID, Any]:
        """The partitions as they were before their new events: remembered, new, or folded from the log."""
        states: dict[UUID, Any] = {}
        missing: dict[UUID, int] = {}
        for partition_id, rows in events.items():
            state = self.memory.take(partition_id)
            if state is not None:
                states[partition_id] = state
            elif _is_first(rows[0]):
                states[partition_id] = self._model.start(partition_id)
            else:
                missing[partition_id] = slices[slice_of(partition_id)].position
        if missing:
            self._fold_past(connection, missing, states, folded)
        return states

    def _fold_past(
        self, connection: Connection[Any], missing: Mapping[UUID, int], states: dict[UUID, Any], folded: Folded
    ) -> None:
        past = feed.past(connection, missing)
        found = {partition_id: list(rows) for partition_id, rows in groupby(past, lambda row: row.partition_id)}
        for partition_id in missing:
            state = self._model.start(partition_id)
            try:
                fold_all(self._model, self._decoder, state, found.get(partition_id, ()))
                states[partition_id] = state
            except Unfoldable as reason:
                folded.failures[partition_id] = reason


def _is_first(row: FeedEvent) -> bool:
    return row.version == 1 and row.stream_id == row.partition_id
