"""How far each projection is behind the log: in events, and in seconds since the oldest of them was recorded."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

# Positions are dense: what a projection misses are the numbers above its own.
_LAG = """
    SELECT p.projection, p.position, log.head - p.position AS events,
           coalesce(extract(epoch FROM clock_timestamp() - waiting.recorded_at), 0)::float8 AS seconds,
           (SELECT count(*) FROM read.parked WHERE projection = p.projection) AS parked
    FROM (SELECT projection, min(position) AS position FROM read.positions GROUP BY projection) p
    CROSS JOIN (SELECT coalesce(max(position), 0) AS head FROM log.events) log
    LEFT JOIN log.events waiting ON waiting.position = p.position + 1
    WHERE p.projection = ANY (%s) ORDER BY p.projection
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
    """The lag of each of these projections that has started."""
    with connection.cursor(row_factory=class_row(Lag)) as cursor:
        return cursor.execute(_LAG, [projections]).fetchall()
