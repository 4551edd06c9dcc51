"""How far a follower of the log has come, kept in work.positions.

A cursor is moved after its events were dealt with, so a crash makes it fall back and never skip.
Whoever follows must therefore bear to see an event twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection

from eventstore.errors import LogUnavailable
from eventstore.patience import BoundedConnection
from eventstore.reader import CONNECT_TIMEOUT_SECONDS, LogReader


class Cursor:
    """The place of one process; holds one connection, not thread-safe. Raises LogUnavailable."""

    def __init__(self, conninfo: str, process: str) -> None:
        self._conninfo = conninfo
        self._process = process
        self._connection: Connection[Any] | None = None

    def position(self) -> int | None:
        """Return the last position dealt with, None when the process never worked."""
        row = self._asked("SELECT position FROM work.positions WHERE process = %s", self._process)
        return None if row is None else int(row[0])

    def move(self, position: int) -> None:
        """Remember a position; one that another worker has passed already stays."""
        self._asked(
            "INSERT INTO work.positions AS kept (process, position) VALUES (%s, %s) "
            "ON CONFLICT (process) DO UPDATE SET position = greatest(kept.position, excluded.position) "
            "RETURNING position",
            self._process,
            position,
        )

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _asked(self, statement: str, *params: object) -> tuple[Any, ...] | None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = BoundedConnection.connect(
                    self._conninfo, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS
                )
                # A lost move is made again: nothing waits for the disk.
                self._connection.execute("SET synchronous_commit = off; SET statement_timeout = 10000")
            return self._connection.execute(statement.encode(), params).fetchone()
        except psycopg.OperationalError as failure:
            self.close()
            raise LogUnavailable(str(failure)) from failure


def position_before(reader: LogReader, time: datetime) -> int:
    """Return the last position recorded before ``time``, 0 when there is none: times never decrease."""
    low, high = 0, reader.head()
    while low < high:
        middle = (low + high + 1) // 2
        if reader.read_range(middle, middle)[0].recorded_at < time:
            low = middle
        else:
            high = middle - 1
    return low
