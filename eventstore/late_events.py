"""Events that came in late: recorded after a position, though they happened before a moment. Only ever reads."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

# Who tells what happened long ago comes late by trade.
_LATE = """
    SELECT count(*), min(position) FROM log.events
    WHERE position > %s AND occurred_at < %s AND actor_type NOT IN ('import', 'operator', 'database')
        AND topic = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class LateEvents:
    """How many there are, and the position of the first."""

    count: int
    first: int


def last_position(connection: Connection[Any]) -> int:
    """The position of the last event; 0 for an empty log."""
    row = connection.execute("SELECT coalesce(max(position), 0) FROM log.events").fetchone()
    return row[0] if row else 0


def find_late_events(
    connection: Connection[Any], after: int, before: datetime, topics: Collection[str]
) -> LateEvents | None:
    """Those of ``topics`` recorded after the position ``after`` that happened before ``before``; None without any."""
    row = connection.execute(_LATE, [after, before, sorted(topics)]).fetchone()
    return LateEvents(*row) if row and row[0] else None
