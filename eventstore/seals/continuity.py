"""What the log shows of itself without any seal: no holes in positions, versions and numbers, no time that runs back.

It proves nothing: who rewrites a log carefully keeps all of this. It finds what was done carelessly, and needs no key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

_VERSIONS = """
    SELECT stream_id, count(*), min(version), max(version) FROM log.events GROUP BY stream_id
    HAVING count(*) <> max(version) - min(version) + 1 OR min(version) > 1 LIMIT 5
"""
_NUMBERS = """
    SELECT coalesce(e.series, s.series), e.issued, e.first, e.last, s.last_number
    FROM (SELECT series, count(*) AS issued, min(number) AS first, max(number) AS last
          FROM log.events WHERE series IS NOT NULL GROUP BY series) e
    FULL JOIN log.number_series s ON s.series = e.series
    WHERE e.issued IS DISTINCT FROM e.last - e.first + 1 OR e.last IS DISTINCT FROM s.last_number LIMIT 5
"""
_TIMES = """
    SELECT position FROM (
        SELECT position, recorded_at, lag(recorded_at) OVER (ORDER BY position) AS before FROM log.events
    ) e WHERE recorded_at < before ORDER BY position LIMIT 1
"""
_BEFORE_FIRST = "SELECT count(*) FROM log.events WHERE position < 1"
_KEYS_AHEAD = """
    SELECT max(last_position) FROM log.idempotency_keys
    HAVING max(last_position) > coalesce((SELECT max(position) FROM log.events), 0)
"""


def complaints(connection: Connection[Any]) -> Iterator[str]:
    """What does not go on as it should, a sentence each. Raises psycopg.Error."""
    for stream, events, first, last in connection.execute(_VERSIONS).fetchall():
        yield f"The stream {stream} has {events} events with versions from {first} to {last}."
    for series, issued, first, last, kept in connection.execute(_NUMBERS).fetchall():
        yield (
            f"The series {series} has {issued or 0} numbers from {first} to {last}, and the last one issued is {kept}."
        )
    for (position,) in connection.execute(_TIMES).fetchall():
        yield f"The event at position {position} was recorded before the one that it follows."
    for (count,) in connection.execute(_BEFORE_FIRST).fetchall():
        if count:
            yield f"{count} events stand before position 1."
    for (position,) in connection.execute(_KEYS_AHEAD).fetchall():
        yield f"A request is answered by an event at position {position}, behind the end of the log."
