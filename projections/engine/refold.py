"""Folding the whole log anew, in several processes: ranges of partitions in, finished rows out.

Each process reads one range of partitions after the other in the order of the partitions, so it holds one
order in memory at a time, whatever the size of the log; and each row is written once, by COPY.
"""

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing import get_context
from time import sleep
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from eventstore import feed
from eventstore.codec import Codec
from eventstore.feed import FeedEvent
from eventstore.personal_data import Keyring
from projections.engine.connecting import connect
from projections.engine.decoder import Decoder
from projections.engine.folding import fold_all
from projections.engine.follower import ROW_ERRORS
from projections.engine.model import Find, Row
from projections.engine.parking import Unfoldable, describe
from projections.engine.slices import SLICES, slice_of
from projections.engine.table import copy_line

# How a process of its own comes by the codec and the keys: something that can be pickled and called there.
Parts = Callable[[], tuple[Codec, Keyring]]

EVENTS_PER_STRETCH = 20_000
SAMPLES = 2_000
LINES_PER_WRITE = 50
PARENT_SECONDS = 0.5

# Through both indexes side by side, order by order: no sort, no memory, no search for the same key event by event, and
# the heap is read in the order of the orders.
_READING = (
    "SET enable_seqscan = off; SET enable_sort = off; SET enable_hashjoin = off; SET enable_nestloop = off; "
    "SET jit = off"
)


@dataclass(frozen=True, slots=True)
class Task:
    """What all processes are to do: fold the events up to position ``pin`` into the empty ``table`` of a model.

    The model is found by its name in the catalogue of each process. Unless ``bare``, the events come as objects of
    their classes.
    """

    conninfo: str
    parts: Parts
    find: Find
    model: str
    table: str
    pin: int
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """The partitions from ``first`` to ``last``, both included."""

    first: UUID
    last: UUID


@dataclass(slots=True)
class Refolded:
    """What became of a range: its events, the rows written, their counts by slice, and what could not be folded."""

    events: int = 0
    rows: int = 0
    counts: list[dict[str, int]] = field(default_factory=lambda: [{} for _ in range(SLICES)])
    failures: list[tuple[UUID, int, str]] = field(default_factory=list)

    def add(self, other: "Refolded") -> None:
        """Take in what became of another range."""
        self.events += other.events
        self.rows += other.rows
        self.failures += other.failures
        for mine, others in zip(self.counts, other.counts, strict=True):
            for value, count in others.items():
                mine[value] = mine.get(value, 0) + count


def refold(task: Task, stretches: Sequence[Stretch], processes: int) -> Iterator[Refolded]:
    """Fold these ranges in processes of their own; yields as each is done."""
    # A fork has everything imported and shares it, but only a process without other threads can be forked safely.
    forks = sys.platform == "linux" and threading.active_count() == 1
    context = get_context("fork" if forks else "spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_open, initargs=(task,)) as pool:
        futures = [pool.submit(_refold_stretch, each) for each in stretches]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def stretches_of(connection: Connection[Any], pin: int) -> list[Stretch]:
    """The partitions in ranges of about the same number of events, found by a sample of the log."""
    step = max(1, pin // SAMPLES)
    sample = sorted(feed.partitions_at(connection, range(1, pin + 1, step)))
    pieces = max(1, pin // EVENTS_PER_STRETCH)
    ends = sorted({sample[len(sample) * piece // pieces].int for piece in range(1, pieces)})
    firsts = [0, *(end + 1 for end in ends)]
    lasts = [*ends, 2**128 - 1]
    return [Stretch(UUID(int=first), UUID(int=last)) for first, last in zip(firsts, lasts, strict=True)]


class _Worker:
    """What a process keeps open between two stretches: one connection to read by, one to write by."""

    def __init__(self, task: Task) -> None:
        codec, keyring = task.parts()
        self._model = task.find(task.model)
        self._decoder = Decoder.of(self._model, codec, keyring, bare=task.bare)
        self._pin = task.pin
        self._reader, self._writer = connect(task.conninfo), connect(task.conninfo)
        self._reader.execute(_READING)
        columns = sql.SQL(", ").join(map(sql.Identifier, self._model.columns))
        self._copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier("read", task.table), columns)
        self._counted = None if self._model.counted_by is None else self._model.columns.index(self._model.counted_by)

    def refold(self, span: Stretch) -> Refolded:
        """Fold a range and write its rows, in one transaction."""
        done = Refolded()
        try:
            with self._writer.transaction(), self._writer.cursor().copy(self._copy) as copy:
                lines: list[str] = []
                for partition_id, _, rows in self._folded(span, done):
                    lines += map(copy_line, rows)
                    self._count(done, partition_id, rows)
                    if len(lines) >= LINES_PER_WRITE:
                        copy.write("".join(lines))
                        lines.clear()
                copy.write("".join(lines))
        except ROW_ERRORS:
            done = Refolded()
            with self._writer.transaction():
                self._one_by_one(span, done)
        return done

    def _one_by_one(self, span: Stretch, done: Refolded) -> None:
        """Some row is not accepted: find out whose, so that only that order is reported."""
        for partition_id, position, rows in self._folded(span, done):
            try:
                with self._writer.transaction(), self._writer.cursor().copy(self._copy) as copy:
                    copy.write("".join(map(copy_line, rows)))
            except ROW_ERRORS as error:
                done.failures.append((partition_id, position, describe(error)))
            else:
                self._count(done, partition_id, rows)

    def _folded(self, span: Stretch, done: Refolded) -> Iterator[tuple[UUID, int, Sequence[Row]]]:
        """Each partition of a range with the position of its last event and its rows."""
        start = self._model.start
        for _, group in groupby(self._events(span), lambda row: row.partition_id.int):
            events = list(group)
            done.events += len(events)
            last = events[-1]
            try:
                yield (
                    last.partition_id,
                    last.position,
                    fold_all(self._model, self._decoder, start(last.partition_id), events),
                )
            except Unfoldable as reason:
                done.failures.append((last.partition_id, reason.position, str(reason)))

    def _events(self, span: Stretch) -> Iterator[FeedEvent]:
        return feed.in_range(self._reader, span.first, span.last, self._pin)

    def _count(self, done: Refolded, partition_id: UUID, rows: Sequence[Row]) -> None:
        done.rows += len(rows)
        if self._counted is None:
            return
        counts = done.counts[slice_of(partition_id)]
        for row in rows:
            value = row[self._counted] or ""
            counts[value] = counts.get(value, 0) + 1


_worker: _Worker | None = None


def _end_with_parent(parent: int) -> None:
    """A rebuild that was killed must not live on in its processes: a forked one holds its connection and its lock."""
    while os.getppid() == parent:
        sleep(PARENT_SECONDS)
    os._exit(1)


def _open(task: Task) -> None:
    """Make this process a worker. It holds one order at a time, so there is nothing for the collector to find."""
    global _worker  # noqa: PLW0603  (a process of the pool has no other place to keep what it opened)
    gc.disable()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), name="parent", daemon=True).start()
    _worker = _Worker(task)


def _refold_stretch(span: Stretch) -> Refolded:
    if _worker is None:
        raise RuntimeError("This process was not opened as a worker.")
    return _worker.refold(span)
