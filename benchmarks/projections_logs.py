"""Logs for the sections about projections, and the processes that follow them: ours, and the limit of reading."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any, cast

import psycopg

from application.unit_of_work import EVENT_CLASSES
from benchmarks.harness import MASTER_KEY, Bench, Database
from benchmarks.lives import trade
from benchmarks.seeding import beside
from eventstore import feed
from eventstore.bulk import load
from eventstore.codec import Codec
from eventstore.feed import FeedEvent
from eventstore.personal_data import Keyring
from eventstore.records import Append, RecordedEvent
from projections.engine.connecting import connect
from projections.engine.positions import position_of
from projections.engine.runner import run_projections
from projections.orders_grid.read_model import ORDERS_GRID

PROCESSES = 2
# Of feed.COLUMNS.
_TYPES = (
    *("int8", "uuid", "int4", "uuid", "text", "int2", "bytea", "bytea", "int8"),
    *("timestamptz", "timestamptz", "bytea", "int8"),
)
_OUT = (
    f"COPY (SELECT {feed.COLUMNS} {feed.SOURCE} WHERE e.position > %s AND e.position <= %s) TO STDOUT (FORMAT BINARY)"
)

Work = Callable[[Pipe, str], None]


def parts() -> tuple[Codec, Keyring]:
    """What a process needs to read the log."""
    return Codec(EVENT_CLASSES), Keyring(MASTER_KEY)


def traded(bench: Bench, database: Database, events: int) -> int:
    """Fill an empty log with at least so many events of whole lives; returns how many there are."""
    bench.say(f"seeding {events:,} events")
    _, last = load(database.owner_url, beside(partial(_trade, events)))
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE log.events")
        connection.execute("VACUUM ANALYZE log.data_keys")
    bench.checkpoint()
    return last


def _trade(events: int) -> Iterator[Append]:
    return trade(Keyring(MASTER_KEY), events)


@contextmanager
def crew(work: Work, conninfo: str, count: int = PROCESSES) -> Iterator[list[Pipe]]:
    """Processes that have imported everything and wait for their first message."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(count)]
    processes = [context.Process(target=work, args=(theirs, conninfo), daemon=True) for _, theirs in pairs]
    for process in processes:
        process.start()
    pipes = [ours for ours, _ in pairs]
    try:
        for pipe in pipes:
            pipe.recv()
        yield pipes
    finally:
        for pipe in pipes:
            pipe.send(None)
        for process in processes:
            process.join(10)


def follower(pipe: Pipe, conninfo: str) -> None:
    """A projection process: follows the log with the grid from the first message to the second."""
    codec, keyring = parts()
    pipe.send("ready")
    if pipe.recv() is None:
        return
    stop = threading.Event()

    def wait() -> None:
        pipe.recv()
        stop.set()

    threading.Thread(target=wait, daemon=True).start()
    run_projections(conninfo, keyring, codec, (ORDERS_GRID,), stop=stop)


def reader(pipe: Pipe, conninfo: str) -> None:
    """The limit of reading: COPY a stretch of the log out and decode it, per message."""
    codec, keyring = parts()
    with connect(conninfo) as connection:
        connection.execute("SET jit = off")
        pipe.send("ready")
        while (stretch := pipe.recv()) is not None:
            pipe.send(_read(connection, codec, keyring, stretch))


def _read(connection: psycopg.Connection[Any], codec: Codec, keyring: Keyring, stretch: Sequence[int]) -> int:
    count = 0
    with connection.cursor().copy(_OUT, stretch) as copy:
        copy.set_types(_TYPES)
        for values in copy.rows():
            row = FeedEvent(*values)
            codec.decode(cast("RecordedEvent", row), keyring.cipher(row.partition_id, row.key))
            count += 1
    return count


def catch_up(database: Database, events: int) -> float:
    """Let two processes build the grid from an empty table by following; returns events per second."""
    with connect(database.projector_url) as connection:
        connection.execute("TRUNCATE read.orders_grid")
        connection.execute("DELETE FROM read.positions WHERE projection = 'orders_grid'")
        with crew(follower, database.projector_url) as pipes:
            started = time.perf_counter()
            for pipe in pipes:
                pipe.send("go")
            while position_of(connection, ORDERS_GRID.name) < events:
                time.sleep(0.005)
            return events / (time.perf_counter() - started)


def read_and_decode(pipes: Sequence[Pipe], events: int) -> float:
    """Let the readers share the log; returns events per second."""
    started = time.perf_counter()
    for number, pipe in enumerate(pipes):
        pipe.send((events * number // len(pipes), events * (number + 1) // len(pipes)))
    if sum([pipe.recv() for pipe in pipes]) != events:
        raise AssertionError("the readers did not see every event once")
    return events / (time.perf_counter() - started)


reading = partial(crew, reader)
