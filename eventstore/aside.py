"""What a process has set aside, kept in work.set_aside: one row for each thing that failed alone.

A row says what failed, why, how often and when it is tried next. Whether a time has come is the database's to say,
and a time further ahead than any pause counts as come: a clock that jumped must not hold anything back for days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import class_row

from eventstore.errors import LogUnavailable
from eventstore.patience import BoundedConnection
from eventstore.reader import CONNECT_TIMEOUT_SECONDS

LONGEST_PAUSE = timedelta(hours=1)
ERROR_MAX = 500

_COLUMNS = "process, what, order_id, error, since, attempts, next_try, given_up"
_DUE = "NOT given_up AND (next_try <= clock_timestamp() OR next_try > clock_timestamp() + %s)"
_LIST = (
    f"SELECT {_COLUMNS}, {_DUE} AS due FROM work.set_aside WHERE process = coalesce(%s, process) ORDER BY since, what"  # noqa: S608
)
_PUT = """
    INSERT INTO work.set_aside AS kept (process, what, order_id, error, next_try)
    VALUES (%s, %s, %s, %s, clock_timestamp() + %s)
    ON CONFLICT (process, what) DO UPDATE
    SET error = excluded.error, attempts = kept.attempts + 1, next_try = excluded.next_try
"""
_TAKE_BACK = "DELETE FROM work.set_aside WHERE process = %s AND what = %s"
_RETRY = """
    UPDATE work.set_aside SET next_try = clock_timestamp(), given_up = %s
    WHERE process = %s AND order_id IS NOT DISTINCT FROM coalesce(%s, order_id) RETURNING what
"""


@dataclass(frozen=True, slots=True)
class SetAside:
    """One thing that a process could not do; ``due`` when it is to be tried again now, ``given_up`` never again."""

    process: str
    what: str
    order_id: UUID | None
    error: str
    since: datetime
    attempts: int
    next_try: datetime
    due: bool
    given_up: bool = False


def set_aside(connection: Connection[Any], process: str | None = None) -> list[SetAside]:
    """What one process, or all of them, have set aside, the longest waiting first."""
    with connection.cursor(row_factory=class_row(SetAside)) as cursor:
        return cursor.execute(_LIST.encode(), [LONGEST_PAUSE, process]).fetchall()


def retry(connection: Connection[Any], process: str, order_id: UUID | None = None) -> list[str]:
    """Have everything of a process, or of one order, tried again at once; returns what."""
    return [what for (what,) in connection.execute(_RETRY, [False, process, order_id])]


def give_up(connection: Connection[Any], process: str, order_id: UUID) -> list[str]:
    """Have nothing of an order tried again, until ``retry`` is asked for; returns what."""
    return [what for (what,) in connection.execute(_RETRY, [True, process, order_id])]


class Aside:
    """The rows of one process; holds one connection. Thread-safe. Raises LogUnavailable."""

    def __init__(self, conninfo: str, process: str) -> None:
        self.process = process
        self._conninfo = conninfo
        self._connection: Connection[Any] | None = None
        self._lock = Lock()

    def rows(self) -> list[SetAside]:
        """What is set aside now."""
        with self._lock:
            try:
                return set_aside(self._connected(), self.process)
            except psycopg.OperationalError as failure:
                raise self._lost(failure) from failure

    def put(self, what: str, order_id: UUID | None, error: str, pause: timedelta) -> None:
        """Set something aside, or say that it failed once more; ``pause`` is how long it rests."""
        self._asked(_PUT, self.process, what, order_id, error.replace("\0", "\\0")[:ERROR_MAX], pause)

    def take_back(self, what: str) -> None:
        """Forget that something was set aside: it was done."""
        self._asked(_TAKE_BACK, self.process, what)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _asked(self, statement: str, *params: object) -> None:
        with self._lock:
            try:
                self._connected().execute(statement.encode(), params)
            except psycopg.OperationalError as failure:
                raise self._lost(failure) from failure

    def _lost(self, failure: psycopg.OperationalError) -> LogUnavailable:
        self._close()
        return LogUnavailable(str(failure))

    def _connected(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = BoundedConnection.connect(
                self._conninfo, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS
            )
            self._connection.execute("SET statement_timeout = 10000")
        return self._connection
