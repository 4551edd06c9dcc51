"""Whole lists for export: every row of the list's own question, of one snapshot, a thousand at a time.

What happens meanwhile changes nothing of what is handed out, and no list is ever held as a whole. It never writes.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
from psycopg import Connection, IsolationLevel
from psycopg_pool import ConnectionPool

from projections.documents import page as documents_page
from projections.documents.parameters import DocumentQuery
from projections.orders_grid import read_model as orders_grid
from projections.orders_grid.query import GridQuery
from projections.paging.query import Count, Cursor, GridPage

PIECE = 1000

Row = dict[str, Any]
Query = TypeVar("Query", GridQuery, DocumentQuery)


class Exports:
    """Reads whole lists; each takes a connection for as long as it is read. Thread-safe."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        self._pool = pool

    def orders(self, query: GridQuery) -> Iterator[list[Row]]:
        """The rows of the grid, piece by piece. Raises positions.Behind and PositionUnknown before the first."""
        yield from self._pieces(replace(query, count=Count.NONE))

    def documents(self, query: DocumentQuery) -> Iterator[list[Row]]:
        """The rows of a list of documents, piece by piece."""
        yield from self._pieces(query)

    def _pieces(self, query: Query) -> Iterator[list[Row]]:
        with self._pool.connection() as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            try:
                with connection.transaction():
                    yield from _walk(connection, replace(query, limit=PIECE))
            finally:
                connection.isolation_level = None


def _walk(connection: Connection[Any], query: Query) -> Iterator[list[Row]]:
    cursor: Cursor | None = query.cursor
    while True:
        found = _page(connection, replace(query, cursor=cursor))
        if found.items:
            yield msgspec.json.decode(b"[" + found.items + b"]")
        if found.next is None:
            return
        cursor = found.next


def _page(connection: Connection[Any], query: GridQuery | DocumentQuery) -> GridPage:
    if isinstance(query, GridQuery):
        return orders_grid.page(connection, query)
    return documents_page.page(connection, query)
