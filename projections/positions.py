"""How far the projections have come, and waiting for them: so that a client reads its own write.

A wait is bounded; past it the reader learns where the projection stands, and never gets older rows
than it asked for.
"""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from psycopg import Connection

WAIT_SECONDS = 2.0
_PAUSES = (0.002, 0.003, 0.005, 0.008, 0.013, 0.02, 0.03, 0.05)

_POSITION = "SELECT coalesce(min(position), 0) FROM read.positions WHERE projection = %s"
_WAITING_FOR_RETRY = """
    SELECT p.partition_id FROM read.parked p JOIN log.events e ON e.partition_id = p.partition_id
    WHERE p.projection = %s AND e.position = %s AND p.position <= e.position
"""


class Behind(Exception):
    """The projection did not reach the asked position in time; ``position`` is where it is."""

    code = "projection_behind"

    def __init__(self, asked: int, position: int) -> None:
        super().__init__(f"Position {asked} is not shown yet; the read model is at {position}.")
        self.position = position


class Parked(Behind):
    """The asked event belongs to an order that the projection could not fold; waiting does not help."""

    code = "order_parked"

    def __init__(self, asked: int, position: int, partition_id: UUID) -> None:
        super().__init__(asked, position)
        self.args = (f"Order {partition_id} waits for a repair of this read model; position {asked} is not shown.",)
        self.partition_id = partition_id


def position_of(connection: Connection[Any], projection: str) -> int:
    """Every event up to here is in the projection's rows, but for those of parked orders."""
    row = connection.execute(_POSITION, [projection]).fetchone()
    return int(row[0]) if row else 0


def wait_until(position: Callable[[], int], min_position: int | None, timeout_seconds: float = WAIT_SECONDS) -> int:
    """Ask ``position`` until it has reached ``min_position``; returns it. Raises Behind."""
    deadline = monotonic() + timeout_seconds
    attempt = 0
    while (now := position()) < (min_position or 0):
        pause = min(_PAUSES[min(attempt, len(_PAUSES) - 1)], deadline - monotonic())
        if pause <= 0:
            raise Behind(min_position or 0, now)
        sleep(pause)
        attempt += 1
    return now


def wait_for(
    connection: Connection[Any], projection: str, min_position: int | None, timeout_seconds: float = WAIT_SECONDS
) -> int:
    """Wait until the projection shows ``min_position``; returns its position. Raises Behind or Parked.

    ``connection`` is in autocommit mode: inside a transaction of REPEATABLE READ nothing would ever change.
    """
    position = wait_until(lambda: position_of(connection, projection), min_position, timeout_seconds)
    if min_position is None:
        return position
    waiting = connection.execute(_WAITING_FOR_RETRY, [projection, min_position]).fetchone()
    if waiting is not None:
        raise Parked(min_position, position, waiting[0])
    return position
