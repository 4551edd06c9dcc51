"""Group commit: the appends of all concurrent requests of a process go into one transaction.

There is no thread of its own. The first thread that finds nobody at work leads: it takes what is
waiting, asks log.append once, hands out the answers and passes the lead on. So a lone append is
committed at once by its own thread, and under load the batches grow by themselves. Processes take
turns at a lock in the database. What was sent over a connection that broke is unknown, for each
append of the batch, and is never sent again from here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from threading import Lock
from time import sleep
from typing import Any

import psycopg
from psycopg import Connection

from eventstore.batch import Entry, RowTypes, distribute, parameters
from eventstore.errors import LogUnavailable, OutcomeUnknown
from eventstore.outcomes import refusal
from eventstore.patience import BoundedConnection
from eventstore.records import Append, Appended
from eventstore.statements import Statement, is_alive, prepare, run

EVENTS_PER_BATCH = 500
YIELDS_MAX = 16
CONNECT_TIMEOUT_SECONDS = 5
LOCK_TIMEOUT_MS = 10_000
# Together shorter than our own patience.
STATEMENT_TIMEOUT_MS = 13_000

_APPEND = Statement(
    b"log_append",
    b"SELECT first_position, recorded_at, numbers, outcomes FROM log.append($1, $2, $3, $4, $5, $6, $7, $8)",
)
_TYPES = "SELECT " + ", ".join(f"'log.{name}'::regtype::oid" for name in RowTypes._fields)
# The last line has the session ask for 8 MB once: from then on glibc's malloc keeps that much instead of giving it back
# to the kernel after every batch, which otherwise takes a fifth of the server's time. Elsewhere it does nothing.
_SESSION = """
    SELECT set_config('lock_timeout', %s, false),
           set_config('statement_timeout', %s, false),
           set_config('default_transaction_isolation', 'read committed', false),
           set_config('jit', 'off', false),
           CASE WHEN current_setting('synchronous_commit') = 'off'
                THEN set_config('synchronous_commit', 'on', false) END,
           octet_length(repeat('-', 8388608))
"""


class GroupCommitter:
    """Appends to the log; thread-safe. Open it after a fork, one per process."""

    def __init__(self, conninfo: str, lock_timeout_ms: int = LOCK_TIMEOUT_MS) -> None:
        self._conninfo = conninfo
        self._lock_timeout = str(lock_timeout_ms)
        self._connection: Connection[Any] | None = None
        self._types = RowTypes(0, 0, 0, 0)
        self._mutex = Lock()
        self._waiting: deque[Entry] = deque()
        self._led = False
        self._crowded = False
        self._closed = False

    def append(self, append: Append) -> Appended:
        """Record the append durably and return where it stands.

        Raises AlreadyRecorded, KeyReused, StreamConflict, ClaimTaken, AppendRefused and LogUnavailable
        when nothing was recorded, OutcomeUnknown when that is not known.
        """
        entry = Entry(append)
        self._queue([entry])
        return entry.result()

    def append_all(self, appends: Sequence[Append]) -> list[Entry]:
        """The same of several at once, in this order: each is recorded or not by itself, and tells its own result."""
        entries = [Entry(append) for append in appends]
        if entries:
            self._queue(entries)
        return entries

    def _queue(self, entries: Sequence[Entry]) -> None:
        """Have entries committed with whatever else waits, and wait until each has its answer."""
        with self._mutex:
            if self._closed:
                raise LogUnavailable("the committer is closed")
            self._waiting.extend(entries)
            leads = not self._led
            self._led = True
        for entry in entries:
            if not leads:
                entry.gate.acquire()
                if entry.behind is not None:
                    entry.behind.gate.release()
                leads = entry.leads
            if leads:
                self._lead(len(entries))
                leads = False

    @property
    def waiting(self) -> int:
        """How many appends wait for the next batch."""
        return len(self._waiting)

    def close(self) -> None:
        """Take no more appends; close the connection when the running batch has ended."""
        with self._mutex:
            self._closed = True
            if not self._led and self._connection is not None:
                self._connection.close()
                self._connection = None

    def _lead(self, own: int) -> None:
        """Commit one batch, which holds the first of the caller's ``own`` entries first; then pass the lead on.

        Those who wait wake each other one by one: woken all at once, each would wait once more, for the GIL. Who brings
        many waits for nobody else.
        """
        if self._crowded and own == 1:
            self._gather()
        with self._mutex:
            batch = self._take()
        self._crowded = len(batch) > own
        try:
            self._commit(batch)
        except BaseException as stopped:
            for entry in batch:
                if entry.answer is None and entry.failure is None:
                    entry.failure = OutcomeUnknown(f"the batch was stopped: {stopped!r}")
            raise
        finally:
            for entry, behind in pairwise(batch[1:]):
                entry.behind = behind
            self._pass_on()
            if len(batch) > 1:
                batch[1].gate.release()

    def _gather(self) -> None:
        """Give up the GIL while that brings somebody: the others of the last batch are just coming back, and queue."""
        for _ in range(YIELDS_MAX):
            seen = len(self._waiting)
            sleep(0)
            if len(self._waiting) == seen:
                return

    def _take(self) -> list[Entry]:
        waiting = self._waiting
        batch = [waiting.popleft()]
        events = len(batch[0].events)
        while waiting and events + len(waiting[0].events) <= EVENTS_PER_BATCH:
            entry = waiting.popleft()
            events += len(entry.events)
            batch.append(entry)
        return batch

    def _pass_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].gate.release()
                return
            self._led = False
            if self._closed and self._connection is not None:
                self._connection.close()
                self._connection = None

    def _commit(self, batch: Sequence[Entry]) -> None:
        try:
            connection = self._connected()
        except psycopg.Error as failure:
            for entry in batch:
                entry.failure = LogUnavailable(f"the log cannot be reached: {failure}")
            return
        try:
            distribute(batch, run(connection, _APPEND, parameters(batch, self._types)))
        except psycopg.Error as failure:
            self._explain(batch, connection, failure)

    def _explain(self, batch: Sequence[Entry], connection: Connection[Any], failure: psycopg.Error) -> None:
        """After an error of the whole call: unknown, or definite and then every append on its own."""
        if connection.closed:
            for entry in batch:
                entry.failure = OutcomeUnknown(f"the connection was lost while committing: {failure}")
            return
        for entry in batch:
            entry.failure = refusal(failure.sqlstate, str(failure).strip())
        if len(batch) == 1 or isinstance(batch[0].failure, LogUnavailable):
            return
        for entry in batch:
            entry.failure = None
            self._commit([entry])

    def _connected(self) -> Connection[Any]:
        """Return the connection, a new one when the last was lost."""
        if self._connection is not None:
            if is_alive(self._connection):
                return self._connection
            self._connection.close()
            self._connection = None
        self._connection, self._types = append_connection(self._conninfo, _APPEND, self._lock_timeout)
        return self._connection


def append_connection(conninfo: str, statement: Statement, lock_timeout: str) -> tuple[Connection[Any], RowTypes]:
    """A connection set up for appending by ``statement``, and the types of its rows. Raises psycopg.Error."""
    connection: Connection[Any] = BoundedConnection.connect(
        conninfo,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        application_name="daybook-append",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=STATEMENT_TIMEOUT_MS,
    )
    try:
        connection.execute(_SESSION, (lock_timeout, str(STATEMENT_TIMEOUT_MS)))
        row = connection.execute(_TYPES).fetchone()
        prepare(connection, statement)
    except psycopg.Error:
        connection.close()
        raise
    return connection, RowTypes(*(row or ()))
