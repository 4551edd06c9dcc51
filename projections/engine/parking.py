"""Parked orders: what a projection could not fold, kept aside with the error until somebody retries it.

One order that cannot be folded must neither stop the others nor be skipped in silence. Its row stays as
it was, its later events wait in the log, and a retry folds the whole order again from there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import class_row

_PARK = """
    INSERT INTO read.parked (projection, partition_id, position, error) VALUES (%s, %s, %s, %s)
    ON CONFLICT (projection, partition_id)
    DO UPDATE SET position = excluded.position, error = excluded.error, attempts = parked.attempts + 1
"""
_LIST = """
    SELECT projection, partition_id, position, error, since, attempts FROM read.parked
    WHERE projection = coalesce(%s, projection) ORDER BY since, projection, partition_id
"""
_ERROR_MAX = 2000


@dataclass(frozen=True, slots=True)
class Parked:
    """An order that waits: the event that failed and why."""

    projection: str
    partition_id: UUID
    position: int
    error: str
    since: datetime
    attempts: int


class Unfoldable(Exception):
    """An order cannot be folded: the position of the event and the error, in words."""

    def __init__(self, position: int, cause: Exception | str) -> None:
        super().__init__(describe(cause))
        self.position = position


def describe(cause: Exception | str) -> str:
    """What went wrong, in a form that can be stored and shown: of what PostgreSQL says not the row that it quotes."""
    words = cause.diag.message_primary if isinstance(cause, psycopg.Error) and cause.diag.message_primary else cause
    told = cause if isinstance(cause, str) else f"{type(cause).__name__}: {words}"
    return told.replace("\0", "\\0")[:_ERROR_MAX]


def park(connection: Connection[Any], projection: str, partition_id: UUID, reason: Unfoldable) -> None:
    """Set an order aside."""
    connection.execute(_PARK, [projection, partition_id, reason.position, str(reason)])


def unpark(connection: Connection[Any], projection: str, partition_id: UUID) -> None:
    """Forget that an order was parked."""
    connection.execute(
        "DELETE FROM read.parked WHERE projection = %s AND partition_id = %s", [projection, partition_id]
    )


def parked_ids(connection: Connection[Any], projection: str) -> set[UUID]:
    """The orders whose events wait."""
    found = connection.execute("SELECT partition_id FROM read.parked WHERE projection = %s", [projection])
    return {partition_id for (partition_id,) in found}


def parked(connection: Connection[Any], projection: str | None = None) -> list[Parked]:
    """What is parked, in one projection or in all, the longest waiting first."""
    with connection.cursor(row_factory=class_row(Parked)) as cursor:
        return cursor.execute(_LIST, [projection]).fetchall()
