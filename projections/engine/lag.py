"""How far each projection is behind the log: in events, and in seconds since the oldest of them was recorded.

The database's clock may jump, and times in the log be ahead of it: so a watch also counts for itself how long a
projection has stood at one place while there was more.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from eventstore import feed
from projections.engine import parking

# How old what is told about lag may be: asking for every answer would cost more than it tells.
TOLD_FOR_SECONDS = 0.5

_STANDING = """
    SELECT p.projection, min(p.position), (SELECT count(*) FROM read.parked WHERE projection = p.projection)
    FROM read.positions p WHERE p.projection = ANY (%s) GROUP BY p.projection ORDER BY p.projection
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """Where a projection stands: ``events`` are still to be folded, the oldest of them is ``seconds`` old."""

    projection: str
    position: int
    events: int
    seconds: float
    parked: int


def lags(connection: Connection[Any], projections: list[str]) -> list[Lag]:
    """The lag of each of these projections that has started.

    Positions are dense: what a projection misses are the numbers above its own.
    """
    standing = connection.execute(_STANDING, [projections]).fetchall()
    head, ages = feed.ages_after(connection, [position for _, position, _ in standing])
    return [
        Lag(name, position, head - position, ages.get(position, 0.0), parked) for name, position, parked in standing
    ]


class LagWatch:
    """Tells the lag of some projections, asking the database a few times a second at most. Thread-safe."""

    def __init__(self, pool: ConnectionPool[Connection[Any]], projections: Sequence[str]) -> None:
        self._pool = pool
        self._projections = list(projections)
        self._told: tuple[float, list[Lag]] = (0.0, [])
        self._stands: dict[str, tuple[int, float]] = {}

    def lags(self) -> list[Lag]:
        """The lag of each projection that has started."""
        until, told = self._told
        now = time.monotonic()
        if now >= until:
            with self._pool.connection() as connection:
                told = [self._timed(lag, now) for lag in lags(connection, self._projections)]
            self._told = (now + TOLD_FOR_SECONDS, told)
        return told

    def _timed(self, lag: Lag, now: float) -> Lag:
        """The lag, at least as old as this watch has seen the projection stand where it is."""
        position, since = self._stands.get(lag.projection, (-1, now))
        if position != lag.position or not lag.events:
            since = now
        self._stands[lag.projection] = (lag.position, since)
        return replace(lag, seconds=max(lag.seconds, now - since))

    def of(self, projection: str) -> Lag | None:
        """The lag of one projection, if it has started."""
        return next((lag for lag in self.lags() if lag.projection == projection), None)

    def parked(self) -> list[parking.Parked]:
        """The orders that a projection could not fold, longest parked first."""
        with self._pool.connection() as connection:
            return parking.parked(connection)
