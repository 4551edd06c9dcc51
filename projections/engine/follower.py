"""One batch of one projection: hold slices, read, fold, write the rows and the new positions, all in one transaction.

Whatever goes wrong in between, nothing of the batch has happened, and the next one starts where this one did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import psycopg.errors
from psycopg import Connection

from eventstore import feed
from eventstore.feed import FeedEvent
from projections.engine import erasing, slices
from projections.engine.decoder import Decoder
from projections.engine.folding import Folded, Folder, fold_all
from projections.engine.model import ReadModel, Row
from projections.engine.parking import Unfoldable, park, parked_ids, unpark
from projections.engine.slices import SLICES, Slice, slice_of
from projections.engine.table import Table

# What PostgreSQL says about a row, as opposed to what it says about itself.
ROW_ERRORS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.CardinalityViolation,
)
# Events per batch, when so many are waiting. The more, the more often several of one order share one write; while the
# projection keeps up, batches are as small as what has just been appended.
EVENTS_MAX = 10_000
# What the events of a batch weigh as they are stored; decoded, folded and written they take several times as much.
BYTES_MAX = 2_500_000
# Before the first batch has told how large events are.
EVENTS_AT_FIRST = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """What a batch did: how many events it took in, and whether more are waiting for the slices it held."""

    events: int
    more: bool
    held: int


class Follower:
    """Keeps one read model up to date over one connection (not autocommit-sensitive, used by one thread)."""

    def __init__(
        self,
        connection: Connection[Any],
        model: ReadModel[Any],
        decoder: Decoder,
        *,
        name: str | None = None,
        events_max: int = EVENTS_MAX,
    ) -> None:
        self.name = name or model.name
        self._connection = connection
        self._model = model
        self._decoder = decoder
        self._events_max = events_max
        self._limit = min(events_max, EVENTS_AT_FIRST)
        self._table = Table(connection, model, self.name)
        self._folder = Folder(model, decoder)

    def step(self, share: int = SLICES) -> Step:
        """Take in the next events of up to ``share`` slices."""
        try:
            with self._connection.transaction():
                return self._step(share)
        except BaseException:
            self._folder.memory.clear()
            raise

    def _step(self, share: int) -> Step:
        memory = self._folder.memory
        held = slices.take(self._connection, self.name, share, memory.mine())
        memory.keep_only(held)
        if not held:
            return Step(0, more=False, held=0)
        head = feed.head(self._connection)
        behind = min(each.position for each in held.values())
        if behind >= head:
            return Step(0, more=False, held=len(held))
        rows = feed.after(self._connection, behind, head, self._limit, slices.choice(held))
        count = len(rows)
        up_to = rows[-1].position if count == self._limit else head
        self._measure(rows)
        erased = erasing.erased_by(rows, held)
        new = self._new(rows, held)
        waiting = erased - new.keys()
        del rows  # from here on only `new` has them, and gives them up one order after the other
        folded = self._folder.fold(self._connection, new, held, erased)
        if erased:
            self._remove(erased, held)
        self._write(folded, held)
        for each in held.values():
            each.position = max(each.position, up_to)
        for partition_id in waiting:
            self._try_again(partition_id, held)
        slices.move(self._connection, self.name, held)
        memory.moved(held.values())
        return Step(count, more=up_to < head, held=len(held))

    def _measure(self, rows: Sequence[FeedEvent]) -> None:
        """Let the next batch hold as many events as fit, if they are as large as these."""
        size = sum([len(row.payload) + len(row.sealed or b"") for row in rows])
        if size:
            self._limit = min(self._events_max, max(1, BYTES_MAX * len(rows) // size))

    def _new(self, rows: Sequence[FeedEvent], held: Mapping[int, Slice]) -> dict[UUID, list[FeedEvent]]:
        """The events by partition, without those that a slice has seen and those that wait for a parked order."""
        waiting = parked_ids(self._connection, self.name)
        new: dict[UUID, list[FeedEvent]] = {}
        for row in rows:
            partition_id = row.partition_id
            if row.position > held[slice_of(partition_id)].position and partition_id not in waiting:
                new.setdefault(partition_id, []).append(row)
        return new

    def _remove(self, erased: set[UUID], held: Mapping[int, Slice]) -> None:
        """Remove what was made of partitions before they were erased; what is live answers for the other editions."""
        erasing.remove(self._connection, self._model, self.name, erased, held)
        if self.name == self._model.name:
            erasing.remove_elsewhere(self._connection, self._model, erased)

    def _write(self, folded: Folded, held: Mapping[int, Slice]) -> None:
        try:
            with self._connection.transaction():
                self._set(folded.rows, held)
        except ROW_ERRORS:
            self._write_one_by_one(folded, held)
        for partition_id, reason in folded.failures.items():
            park(self._connection, self.name, partition_id, reason)

    def _write_one_by_one(self, folded: Folded, held: Mapping[int, Slice]) -> None:
        """Some row is not accepted: find out whose, so that only that order is parked."""
        for partition_id, rows in folded.rows.items():
            try:
                with self._connection.transaction():
                    self._set({partition_id: rows}, held)
            except ROW_ERRORS as error:
                self._folder.memory.take(partition_id)
                folded.failures[partition_id] = Unfoldable(folded.last_positions[partition_id], error)

    def _set(self, rows: Mapping[UUID, Sequence[Row]], held: Mapping[int, Slice]) -> None:
        """Set the rows of some partitions, and count them anew."""
        everything = [row for partition_rows in rows.values() for row in partition_rows]
        now = self._table.counted_now(self._connection, everything)
        self._table.upsert(self._connection, everything)
        for partition_id, partition_rows in rows.items():
            self._table.count(held[slice_of(partition_id)].counts, partition_rows, now)

    def retry(self, partition_id: UUID) -> Unfoldable | None:
        """Fold a parked order again, from its first event; returns why when it still cannot be folded."""
        with self._connection.transaction():
            number = slice_of(partition_id)
            held = {number: slices.take_one(self._connection, self.name, number)}
            failure = self._try_again(partition_id, held)
            if failure is None:
                slices.move(self._connection, self.name, held)
            return failure

    def _try_again(self, partition_id: UUID, held: Mapping[int, Slice]) -> Unfoldable | None:
        failure = self._refold(partition_id, held)
        if failure is not None:
            park(self._connection, self.name, partition_id, failure)
            return failure
        unpark(self._connection, self.name, partition_id)
        return None

    def _refold(self, partition_id: UUID, held: Mapping[int, Slice]) -> Unfoldable | None:
        """Set the rows of one partition to what all its events up to the slice's position make of it."""
        events = feed.past(self._connection, {partition_id: held[slice_of(partition_id)].position})
        try:
            rows = fold_all(self._model, self._decoder, self._model.start(partition_id), events)
            with self._connection.transaction():
                self._set({partition_id: rows}, held)
        except Unfoldable as reason:
            return reason
        except ROW_ERRORS as error:
            return Unfoldable(events[-1].position, error)
        return None
