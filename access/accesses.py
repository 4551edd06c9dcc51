"""Who looked at personal data, or took it along: kept outside the log, in audit.accesses, and for a while.

What a person typed to find somebody is not kept, nor the id of a customer: of that only the keyed hash that stands
beside the data keys.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

from access.noted_pages import NotedAsked, NotedPage, Table, page_of
from access.notes import Notes

TABLE = Table("accesses", "access_id", "accessed_at")
_INSERT = """
    INSERT INTO audit.accesses (accessed_at, last_at, times, actor_type, actor_id, kind, path, subject_id,
                                customer_hash, correlation_id)
    SELECT * FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::integer[], %s::text[], %s::text[], %s::text[],
                         %s::text[], %s::uuid[], %s::bytea[], %s::uuid[])
"""


class Accessed(NamedTuple):
    """One look at personal data; ``path`` is a template, ``kind`` what was had ("detail", "export", ...)."""

    actor_type: str | None
    actor_id: str | None
    kind: str
    path: str
    subject_id: UUID | None
    customer_hash: bytes | None
    correlation_id: UUID | None


def _same(note: Accessed) -> Accessed:
    """The same without what may differ each time."""
    return note._replace(correlation_id=None)


def _plainer(note: Accessed) -> Accessed:
    """Of somebody who looks at more than is noted one by one: only what kind of thing, and where."""
    return note._replace(subject_id=None)


class Accesses:
    """Notes and reads them. Thread-safe."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]]) -> None:
        self._pool = pool
        self.notes: Notes[Accessed] = Notes(pool, _INSERT, lambda note: note.actor_id, _plainer)

    def note(self, accessed: Accessed) -> None:
        """Note it with the others of this second."""
        self.notes.add(_same(accessed))

    def write_down(self, accessed: Accessed) -> None:
        """Write it down before anything is handed out. Raises psycopg.OperationalError."""
        self.notes.now(accessed)

    def page(self, asked: NotedAsked, conditions: Mapping[str, Any]) -> NotedPage:
        """Accesses, the last first; ``conditions`` by column."""
        with self._pool.connection() as connection:
            return page_of(connection, TABLE, asked, conditions)
