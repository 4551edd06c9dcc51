"""How far the projections have come, and waiting for them: so that a client reads its own write.

A wait is bounded in time, and so is the number of those who wait in one process: past either the reader learns where
the projection stands, and never gets older rows than it asked for. A position that the log does not have yet is
nobody's own write, so it is not waited for at all.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from psycopg import Connection

from eventstore import feed

WAIT_SECONDS = 2.0
WAITERS_MAX = 8
_PAUSES = (0.002, 0.003, 0.005, 0.008, 0.013, 0.02, 0.03, 0.05)

_POSITION = "SELECT coalesce(min(position), 0) FROM read.positions WHERE projection = %s"
_WAITING_FOR_RETRY = f"""
    SELECT p.partition_id FROM read.parked p
    WHERE p.projection = %s AND p.partition_id = {feed.PARTITION_AT} AND p.position <= %s
"""  # noqa: S608  (a piece of SQL of our own)


class PositionUnknown(Exception):
    """The log has no such position (yet); ``position`` is its last one."""

    code = "position_unknown"

    def __init__(self, asked: int, position: int) -> None:
        super().__init__(f"There is no position {asked} in the log yet; its last one is {position}.")
        self.position = position


class Behind(Exception):
    """The projection did not reach the asked position in time; ``position`` is where it is."""

    code = "projection_behind"

    def __init__(self, asked: int, position: int) -> None:
        super().__init__(f"Position {asked} is not shown yet; the read model is at {position}.")
        self.position = position


class TooManyWaiting(Behind):
    """As many wait already as may wait in one process."""

    code = "too_many_waiting"


class Parked(Behind):
    """The asked event belongs to an order that the projection could not fold; waiting does not help."""

    code = "order_parked"

    def __init__(self, asked: int, position: int, partition_id: UUID) -> None:
        super().__init__(asked, position)
        self.args = (f"Order {partition_id} waits for a repair of this read model; position {asked} is not shown.",)
        self.partition_id = partition_id


class Waiters:
    """Those who wait in this process: never more than ``limit``, so that waiting takes nobody else's turn."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.waiting = 0
        self._lock = Lock()

    @contextmanager
    def one_more(self, asked: int, position: int) -> Iterator[None]:
        """Be one of them for as long as the block lasts. Raises TooManyWaiting."""
        with self._lock:
            if self.waiting >= self.limit:
                raise TooManyWaiting(asked, position)
            self.waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self.waiting -= 1


WAITERS = Waiters(WAITERS_MAX)
"""Of this process; who serves with fewer threads lowers the limit."""


def position_of(connection: Connection[Any], projection: str) -> int:
    """Every event up to here is in the projection's rows, but for those of parked orders."""
    row = connection.execute(_POSITION, [projection]).fetchone()
    return int(row[0]) if row else 0


def require_recorded(head: Callable[[], int], min_position: int | None) -> int:
    """The last position of the log, which is at least ``min_position``. Raises PositionUnknown."""
    position = head()
    if min_position is not None and position < min_position:
        raise PositionUnknown(min_position, position)
    return position


def wait_for(
    connection: Connection[Any], projection: str, min_position: int | None, timeout_seconds: float = WAIT_SECONDS
) -> int:
    """Wait until the projection shows ``min_position``; returns its position.

    Raises PositionUnknown, Behind, TooManyWaiting or Parked. ``connection`` is in autocommit mode: inside a transaction
    of REPEATABLE READ nothing would ever change.
    """
    position = position_of(connection, projection)
    if min_position is None:
        return position
    if position < min_position:
        require_recorded(lambda: feed.head(connection), min_position)
        with WAITERS.one_more(min_position, position):
            position = _wait(connection, projection, min_position, timeout_seconds)
    waiting = connection.execute(_WAITING_FOR_RETRY, [projection, min_position, min_position]).fetchone()
    if waiting is not None:
        raise Parked(min_position, position, waiting[0])
    return position


def _wait(connection: Connection[Any], projection: str, min_position: int, timeout_seconds: float) -> int:
    deadline = monotonic() + timeout_seconds
    attempt = 0
    while (now := position_of(connection, projection)) < min_position:
        pause = min(_PAUSES[min(attempt, len(_PAUSES) - 1)], deadline - monotonic())
        if pause <= 0:
            raise Behind(min_position, now)
        sleep(pause)
        attempt += 1
    return now
