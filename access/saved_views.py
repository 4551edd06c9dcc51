"""Saved views: what a person wants to see again, under a name; shared ones are for all to see.

A view is kept as the query string that it is; what it means is for the list to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from access.authentication import Pool

VIEWS_MAX = 100
FIELDS = "view_id, v.key_id, v.name, query, columns, shared, v.created_at, updated_at, k.name AS owner"


class TooManyViews(Exception):
    """A person keeps no more than VIEWS_MAX views."""


class DuplicateView(Exception):
    """There is a view of that id already."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view as it is kept; ``owner`` is the name of the key that made it."""

    view_id: UUID
    key_id: str
    name: str
    query: str
    columns: Sequence[str]
    shared: bool
    created_at: datetime
    updated_at: datetime
    owner: str


class SavedViews:
    """The views of one installation, over their table. Thread-safe."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def of(self, key_id: str) -> list[SavedView]:
        """A person's own views and the shared ones, by name."""
        statement = f"""
            SELECT {FIELDS} FROM access.saved_views v JOIN access.holders k ON k.id = v.key_id
            WHERE v.key_id = %s OR shared ORDER BY lower(v.name), view_id LIMIT {2 * VIEWS_MAX}
        """  # noqa: S608
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(SavedView)) as cursor:
            return cursor.execute(statement.encode(), [key_id]).fetchall()

    def keep(self, view: SavedView) -> None:
        """Keep a new view; raises DuplicateView for an id that is taken, TooManyViews past the limit."""
        with self._pool.connection() as connection, connection.transaction():
            counted = connection.execute(
                "SELECT count(*) FROM access.saved_views WHERE key_id = %s AND view_id <> %s",
                [view.key_id, view.view_id],
            ).fetchone()
            if counted and counted[0] >= VIEWS_MAX:
                raise TooManyViews
            values = [view.view_id, view.key_id, view.name, view.query, list(view.columns), view.shared]
            try:
                connection.execute(
                    "INSERT INTO access.saved_views (view_id, key_id, name, query, columns, shared)"
                    " VALUES (%s, %s, %s, %s, %s, %s)",
                    values,
                )
            except UniqueViolation:
                raise DuplicateView from None

    def rename(self, key_id: str, view_id: UUID, name: str) -> bool:
        """Rename a person's own view; False when they have none of that id."""
        return self._changed(
            "UPDATE access.saved_views SET name = %s, updated_at = now() WHERE view_id = %s AND key_id = %s",
            [name, view_id, key_id],
        )

    def delete(self, key_id: str, view_id: UUID) -> bool:
        """Delete a person's own view; False when they have none of that id."""
        return self._changed("DELETE FROM access.saved_views WHERE view_id = %s AND key_id = %s", [view_id, key_id])

    def _changed(self, statement: str, values: list[object]) -> bool:
        with self._pool.connection() as connection:
            return connection.execute(statement.encode(), values).rowcount == 1
