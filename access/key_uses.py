"""When each key was last used, to the hour: so that a key nobody uses any more can be found and revoked.

A process writes once an hour and key, beside the request that came first. It must never refuse a request because that
could not be written (a full disk, a database that only reads).
"""

import logging
import time
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

HOUR_SECONDS = 3600
NOTED_MAX = 10_000
# A process whose clock is behind takes nothing back.
_NOTE = """
    INSERT INTO access.key_uses AS known (key_id, last_used_at) VALUES (%s, to_timestamp(%s))
    ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at
    WHERE known.last_used_at < excluded.last_used_at
"""

log = logging.getLogger("daybook.access")


class KeyUses:
    """Notes uses in the table; one per process, safe for threads."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]]) -> None:
        self._pool = pool
        self._noted: dict[str, int] = {}

    def note(self, key_id: str, stored_hour: int) -> None:
        """Write that the key is used now, unless the table (``stored_hour``, hours since 1970) or we know already."""
        hour = int(time.time() // HOUR_SECONDS)
        if stored_hour >= hour or self._noted.get(key_id) == hour:
            return
        if len(self._noted) >= NOTED_MAX:
            self._noted.clear()
        self._noted[key_id] = hour
        try:
            with self._pool.connection() as connection:
                connection.execute(_NOTE, [key_id, hour * HOUR_SECONDS])
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("the use of a key was not written down: %s", type(error).__name__)
