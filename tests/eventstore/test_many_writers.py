"""Several processes write, one reads along: nothing is missed, nothing comes twice, nothing out of order.

One append in fifty asks for a version that is taken, one in fifty repeats an earlier request.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection as Pipe
from uuid import UUID, uuid4

from eventstore.committer import GroupCommitter
from eventstore.errors import AlreadyRecorded, StreamConflict
from eventstore.reader import LogReader, log_pool
from eventstore.records import Append, RecordedEvent
from tests.eventstore.values import append, event, key
from tests.support.postgres import Database

PROCESSES = 3
THREADS = 8
SPAWN = multiprocessing.get_context("spawn")


class Writer:
    """One thread's orders; keeps account of what it was told."""

    def __init__(self, committer: GroupCommitter) -> None:
        self._committer = committer
        self._random = random.Random()
        self._last: tuple[Append, int] | None = None
        self.acknowledged: list[int] = []
        self.faults: list[str] = []
        self.refused = self.repeated = 0

    def write_order(self) -> None:
        stream = uuid4()
        for version in range(1, 5):
            luck = self._random.random()
            if luck < 0.02 and version > 1:
                self._conflict(stream, version - 1)
            elif luck < 0.04 and self._last is not None:
                self._repeat(*self._last)
            asked = append(event(stream, version), asked=key(str(uuid4())))
            appended = self._committer.append(asked)
            self.acknowledged.append(appended.first_position)
            self._last = (asked, appended.first_position)

    def _conflict(self, stream: UUID, version: int) -> None:
        try:
            self._committer.append(append(event(stream, version), asked=key(str(uuid4()))))
        except StreamConflict:
            self.refused += 1
        else:
            self.faults.append(f"version {version} of {stream} was recorded twice")

    def _repeat(self, asked: Append, position: int) -> None:
        try:
            self._committer.append(asked)
        except AlreadyRecorded as repeat:
            self.repeated += 1
            if repeat.first_position != position:
                self.faults.append(f"a repeat of {position} was told {repeat.first_position}")
        else:
            self.faults.append(f"the request at {position} was recorded twice")


def write_for(pipe: Pipe, app_url: str, seconds: float) -> None:
    committer = GroupCommitter(app_url)
    writers = [Writer(committer) for _ in range(THREADS)]
    until = time.monotonic() + seconds

    def work(writer: Writer) -> None:
        while time.monotonic() < until:
            writer.write_order()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, writers))
    committer.close()
    pipe.send(
        (
            [position for writer in writers for position in writer.acknowledged],
            [fault for writer in writers for fault in writer.faults],
            sum(writer.refused for writer in writers),
            sum(writer.repeated for writer in writers),
        )
    )


def write_and_tell(pipe: Pipe, app_url: str) -> None:
    """Write for ever, telling each position once it is acknowledged: to be killed in the middle."""
    committer = GroupCommitter(app_url)

    def work(_: int) -> None:
        while True:
            pipe.send(committer.append(append(event(uuid4()))).first_position)

    with ThreadPoolExecutor(1) as threads:
        list(threads.map(work, range(1)))


def follow(reader: LogReader, seen: list[RecordedEvent]) -> None:
    while rows := reader.read_after(seen[-1].position if seen else 0, 500):
        seen.extend(rows)


def check(seen: list[RecordedEvent]) -> None:
    assert [row.position for row in seen] == list(range(1, len(seen) + 1))
    assert [row.recorded_at for row in seen] == sorted(row.recorded_at for row in seen)
    versions: dict[UUID, list[int]] = defaultdict(list)
    for row in seen:
        versions[row.stream_id].append(row.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


def test_a_reader_along_sees_every_event_of_three_processes_once_and_in_order(fresh_database: Database) -> None:
    pool = log_pool(fresh_database.app_url)
    reader = LogReader(pool)
    pipes, processes = [], []
    for _ in range(PROCESSES):
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=write_for, args=(theirs, fresh_database.app_url, 3.0), daemon=True)
        process.start()
        pipes.append(ours)
        processes.append(process)
    seen: list[RecordedEvent] = []
    while not all(pipe.poll() for pipe in pipes):
        follow(reader, seen)
    results = [pipe.recv() for pipe in pipes]
    follow(reader, seen)
    for process in processes:
        process.join()
    pool.close()
    check(seen)
    acknowledged = [position for result in results for position in result[0]]
    assert sorted(acknowledged) == [row.position for row in seen]
    assert [fault for result in results for fault in result[1]] == []
    assert len(seen) > 500
    assert all(sum(result[kind] for result in results) > 0 for kind in (2, 3))


def test_a_writer_killed_in_the_middle_loses_nothing_that_was_acknowledged(fresh_database: Database) -> None:
    pool = log_pool(fresh_database.app_url)
    reader = LogReader(pool)
    ours, theirs = SPAWN.Pipe()
    victim = SPAWN.Process(target=write_and_tell, args=(theirs, fresh_database.app_url), daemon=True)
    victim.start()
    theirs.close()
    survivor = GroupCommitter(fresh_database.app_url)
    told: list[int] = []
    while len(told) < 200:
        told.append(ours.recv())
        if len(told) % 10 == 0:
            survivor.append(append(event(uuid4())))
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()
    while ours.poll():
        try:
            told.append(ours.recv())
        except EOFError:
            break
    survivor.append(append(event(uuid4())))  # nobody holds the lock
    survivor.close()
    seen: list[RecordedEvent] = []
    follow(reader, seen)
    pool.close()
    check(seen)
    assert {row.position for row in seen} >= set(told)
