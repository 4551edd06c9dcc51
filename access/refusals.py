"""Commands that were refused: who asked for what, when, and with which code. No body, no path as it was typed.

They are no events, for nothing happened. Kept outside the log, in audit.refusals, and for a while.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

from access.noted_pages import NotedAsked, NotedPage, Table, page_of
from access.notes import Notes

TABLE = Table("refusals", "refusal_id", "refused_at")
_INSERT = """
    INSERT INTO audit.refusals (refused_at, last_at, times, actor_type, actor_id, command, target_id, status, code,
                                correlation_id)
    SELECT * FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::integer[], %s::text[], %s::text[], %s::text[],
                         %s::uuid[], %s::smallint[], %s::text[], %s::uuid[])
"""


class Refused(NamedTuple):
    """One refusal; ``command`` as the catalogue names it."""

    actor_type: str | None
    actor_id: str | None
    command: str
    target_id: UUID | None
    status: int
    code: str
    correlation_id: UUID | None


def _same(note: Refused) -> Refused:
    """The same without what may differ each time."""
    return note._replace(target_id=None, correlation_id=None)


class Refusals:
    """Notes and reads them. Thread-safe."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]]) -> None:
        self._pool = pool
        self.notes: Notes[Refused] = Notes(pool, _INSERT, lambda note: note.actor_id, _same)

    def note(self, refused: Refused) -> None:
        """Note a refusal of now; one of nobody that is known is counted and no more."""
        self.notes.add(_same(refused) if refused.actor_id is None else refused)

    def page(self, asked: NotedAsked, conditions: Mapping[str, Any]) -> NotedPage:
        """Refusals, the last first; ``conditions`` by column."""
        with self._pool.connection() as connection:
            return page_of(connection, TABLE, asked, conditions)
