"""No wait for PostgreSQL without an end: what a server that stands still is asked ends on our side."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from eventstore import patience
from eventstore.committer import GroupCommitter
from eventstore.errors import AlreadyRecorded, LogUnavailable, OutcomeUnknown
from eventstore.patience import BoundedConnection, NoAnswer
from eventstore.reader import LogReader, log_pool
from eventstore.statements import Statement, prepare, run
from tests.eventstore.values import append, event, key

SHORT_SECONDS = 1.0


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little patience, so that the tests need none."""
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr(BoundedConnection, "patience_seconds", SHORT_SECONDS)


@pytest.fixture
def superuser(postgres: Any, database: Any) -> Iterator[psycopg.Connection[Any]]:
    if "DATABASE_URL" in os.environ:
        pytest.skip("the processes of the server of DATABASE_URL are not ours to stop")
    with psycopg.connect(postgres.admin_url(database), autocommit=True) as connection:
        yield connection


@contextmanager
def frozen(superuser: psycopg.Connection[Any], application_name: str) -> Iterator[list[int]]:
    """The server's processes for these connections stand still for as long as the block lasts."""
    found = superuser.execute(
        "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()",
        [application_name],
    )
    pids = [pid for (pid,) in found]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield pids
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.usefixtures("hurried")
def test_an_append_without_an_answer_is_unknown_and_its_key_decides(
    superuser: psycopg.Connection[Any], app_url: str, reader: LogReader
) -> None:
    committer = GroupCommitter(app_url)
    committer.append(append(event(uuid4())))
    stream = uuid4()
    placing = append(event(stream), asked=key(str(stream)))
    began = time.monotonic()
    with frozen(superuser, "daybook-append") as pids:
        assert pids
        with pytest.raises(OutcomeUnknown):
            committer.append(placing)
        assert time.monotonic() - began < SHORT_SECONDS + 5
    deadline = time.monotonic() + 10
    while reader.recorded("integrator", str(stream)) is None and time.monotonic() < deadline:
        time.sleep(0.05)  # the frozen one had heard it
    with pytest.raises(AlreadyRecorded):
        committer.append(placing)
    assert len(reader.read_stream(stream)) == 1
    committer.close()


@pytest.mark.usefixtures("hurried")
def test_a_read_without_an_answer_is_refused_in_time_and_the_next_is_answered(
    superuser: psycopg.Connection[Any], app_url: str
) -> None:
    with log_pool(app_url, max_size=1) as pool:
        reader = LogReader(pool)
        reader.head()
        began = time.monotonic()
        with frozen(superuser, "daybook-read") as pids:
            assert pids
            with pytest.raises(LogUnavailable):
                reader.head()
            assert time.monotonic() - began < SHORT_SECONDS + 5
            assert reader.head() >= 0  # over another connection


@pytest.mark.usefixtures("hurried")
def test_psycopgs_own_waits_end_too(superuser: psycopg.Connection[Any], app_url: str) -> None:
    with BoundedConnection.connect(app_url, autocommit=True, application_name="patience") as connection:
        with frozen(superuser, "patience") as pids:
            assert len(pids) == 1
            began = time.monotonic()
            with pytest.raises(NoAnswer):
                connection.execute("SELECT 1")
            assert time.monotonic() - began < SHORT_SECONDS + 5
        assert connection.closed


@pytest.mark.usefixtures("hurried")
def test_statements_that_are_answered_are_left_alone_however_many(app_url: str) -> None:
    faults: list[Exception] = []
    until = time.monotonic() + 3 * SHORT_SECONDS

    def ask() -> None:
        one = Statement(b"one", b"SELECT pg_sleep(0.001)")
        try:
            with BoundedConnection.connect(app_url, autocommit=True) as connection:
                prepare(connection, one)
                while time.monotonic() < until:
                    run(connection, one, ())
                    connection.execute("SELECT 1")
        except psycopg.Error as error:
            faults.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
