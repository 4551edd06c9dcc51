"""Pages of what was noted, the last first, each with the name of who acted; a page costs the same at any depth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

_PAGE = """
    SELECT n.*, k.name AS actor_name FROM {table} n LEFT JOIN access.api_keys k ON k.id = n.actor_id
    WHERE {where} ORDER BY n.{id} DESC LIMIT %s
"""
_NAMED = "(n.actor_id = %s OR n.actor_id IN (SELECT id FROM access.api_keys WHERE lower(name) = lower(%s) LIMIT 100))"


class Table(NamedTuple):
    """A table of schema audit, its key, which grows, and the column of the time."""

    name: str
    key: str
    moment: str


@dataclass(frozen=True, slots=True)
class NotedAsked:
    """Which notes: of an actor's id or name, first noted within a time; ``before`` is the id of a note."""

    actor: str | None = None
    noted_from: datetime | None = None
    noted_to: datetime | None = None
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class NotedPage:
    """Notes with every column of theirs; ``next`` is the id to go on before."""

    items: list[dict[str, Any]]
    next: int | None


def page_of(
    connection: psycopg.Connection[Any], table: Table, asked: NotedAsked, conditions: Mapping[str, Any]
) -> NotedPage:
    """One page of a table of schema audit."""
    column = sql.Identifier("n", table.moment)
    parts: list[sql.Composable] = [sql.SQL("true")]
    values: list[Any] = []
    if asked.actor is not None:
        parts.append(sql.SQL(_NAMED))
        values += [asked.actor, asked.actor]
    for condition, value in (
        (sql.SQL("{} >= %s").format(column), asked.noted_from),
        (sql.SQL("{} <= %s").format(column), asked.noted_to),
        (sql.SQL("{} < %s").format(sql.Identifier("n", table.key)), asked.before),
        *((sql.SQL("{} = %s").format(sql.Identifier("n", name)), given) for name, given in conditions.items()),
    ):
        if value is not None:
            parts.append(condition)
            values.append(value)
    statement = sql.SQL(_PAGE).format(
        table=sql.Identifier("audit", table.name), where=sql.SQL(" AND ").join(parts), id=sql.Identifier(table.key)
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        items = cursor.execute(statement, [*values, asked.limit + 1]).fetchall()
    following = items[asked.limit - 1][table.key] if len(items) > asked.limit else None
    return NotedPage(items[: asked.limit], following)
