"""Until when time is settled, as the table of closed periods says.

What it tells is a second old at most, so that a command pays nothing for it; who closes a period waits for longer than
that before it is called closed (`daybook periods close`).
"""

import time
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

TTL_SECONDS = 1.0


class ClosedPeriods:
    """Reads the table through a pool. Thread-safe."""

    def __init__(self, pool: ConnectionPool[Connection[Any]], ttl_seconds: float = TTL_SECONDS) -> None:
        self._pool = pool
        self._ttl_seconds = ttl_seconds
        self._told: tuple[float, datetime | None] = (0.0, None)

    def closed_before(self) -> datetime | None:
        """The first moment that is open; None when nothing was ever closed."""
        until, closed_before = self._told
        now = time.monotonic()
        if now >= until:
            with self._pool.connection() as connection:
                row = connection.execute("SELECT max(closed_before) FROM access.closed_periods").fetchone()
            closed_before = row[0] if row else None
            self._told = (now + self._ttl_seconds, closed_before)
        return closed_before
