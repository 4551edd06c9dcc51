"""What happened to keys and periods, as the log tells it; for the owner of the database, on the command line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the stream of access, and the name of the key that it is about."""

    recorded_at: datetime
    topic: str
    actor_type: str
    actor_id: str
    facts: dict[str, Any]
    name: str | None


def read_history(connection: psycopg.Connection[Any]) -> list[Happened]:
    """All of it, oldest first."""
    query = "SELECT recorded_at, topic, actor_type, actor_id, facts, name FROM access.history ORDER BY position"
    with connection.cursor(row_factory=class_row(Happened)) as cursor:
        return cursor.execute(query).fetchall()
