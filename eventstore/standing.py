"""How the log stands, for those who watch over it: whether its clock is ahead, what is due, whether it holds secrets.

What is asked inside a statement of the caller's stands here as a piece of SQL. Nothing here changes anything.
"""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection

_AHEAD = """
    SELECT extract(epoch FROM recorded_at - clock_timestamp())::float8 FROM log.events
    ORDER BY position DESC LIMIT 1
"""

_UNSEALED = """
    SELECT extract(epoch FROM clock_timestamp() - e.recorded_at)::float8 FROM log.events e
    WHERE e.position = 1 + coalesce((SELECT c.size FROM seals.checkpoints c ORDER BY c.size DESC LIMIT 1), 0)
"""


def seconds_ahead(connection: Connection[Any]) -> float:
    """Return by how many seconds the last event is ahead of the database's clock; below 0 when it is not."""
    row = connection.execute(_AHEAD).fetchone()
    return float(row[0]) if row else 0.0


def seconds_unsealed(connection: Connection[Any]) -> float:
    """Return for how long the oldest event that no checkpoint covers has waited for one; 0 when all are covered."""
    row = connection.execute(_UNSEALED).fetchone()
    return max(0.0, float(row[0])) if row else 0.0


def holds_personal_data(connection: Connection[Any]) -> bool:
    """Tell whether anything was ever sealed under the master key that is still there."""
    return connection.execute("SELECT 1 FROM log.data_keys LIMIT 1").fetchone() is not None


def first_due(kind: LiteralString, unless: LiteralString) -> LiteralString:
    """A value: when the first claim of a kind is due whose keys begin with that time, ``unless`` a condition on c."""
    return f"""(
        SELECT split_part(key, '|', 1)::timestamptz FROM log.claims c
        WHERE kind = '{kind}' AND NOT ({unless}) ORDER BY key LIMIT 1
    )"""  # noqa: S608  (pieces of our own)


def first_begun(kind: LiteralString, prefix: LiteralString, version: int, unless: LiteralString) -> LiteralString:
    """A value: when the first was recorded of the streams that claims name behind a prefix, at a version of theirs."""
    return f"""(
        SELECT e.recorded_at FROM log.claims c
        JOIN log.events e ON e.stream_id = substr(c.key, {len(prefix) + 1})::uuid AND e.version = {version}
        WHERE c.kind = '{kind}' AND starts_with(c.key, '{prefix}') AND NOT ({unless}) ORDER BY 1 LIMIT 1
    )"""  # noqa: S608  (pieces of our own)


def recorded_after(position: LiteralString) -> LiteralString:
    """A value: when the event after a position, an expression, was recorded; null where there is none yet."""
    return f"(SELECT e.recorded_at FROM log.events e WHERE e.position = {position} + 1)"  # noqa: S608
