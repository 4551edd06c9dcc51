"""The log of the module, as the application reaches it."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from eventstore.bulk import LOCK
from eventstore.committer import GroupCommitter
from eventstore.reader import LogReader, log_pool
from eventstore.records import Append, Appended
from tests.eventstore.values import append, event
from tests.support.postgres import Database


@pytest.fixture
def committer(app_url: str) -> Iterator[GroupCommitter]:
    committer = GroupCommitter(app_url)
    yield committer
    committer.close()


@pytest.fixture
def reader(app_url: str) -> Iterator[LogReader]:
    pool = log_pool(app_url)
    yield LogReader(pool)
    pool.close()


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        yield connection


Answer = Appended | BaseException


@contextmanager
def holding_the_lock(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Nobody can append meanwhile: what is asked piles up."""
    connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.005)


def appending_backend(connection: psycopg.Connection[Any]) -> int | None:
    """The process id of the committer's session while it waits for the lock."""
    row = connection.execute(
        "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()"
    ).fetchone()
    return row[0] if row else None


@pytest.fixture
def one_batch(owner: psycopg.Connection[Any], committer: GroupCommitter) -> Callable[[Sequence[Append]], list[Answer]]:
    """Append all in one batch, in this order: a first append waits for the lock, the others queue behind it."""

    def together(appends: Sequence[Append]) -> list[Answer]:
        started: list[Future[Appended]] = []
        with ThreadPoolExecutor(len(appends) + 1) as threads:
            with holding_the_lock(owner):
                started.append(threads.submit(committer.append, append(event(uuid4()))))
                wait_until(lambda: appending_backend(owner) is not None)
                for count, one in enumerate(appends, 1):
                    started.append(threads.submit(committer.append, one))
                    wait_until(partial(_waits, committer, count))
            return [future.exception() or future.result() for future in started[1:]]

    return together


def _waits(committer: GroupCommitter, count: int) -> bool:
    return committer.waiting == count


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work(0..count-1) at the same moment; return results or exceptions, in that order."""
    barrier = threading.Barrier(count)

    def start(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        futures = [threads.submit(start, number) for number in range(count)]
        return [future.exception() or future.result() for future in futures]
