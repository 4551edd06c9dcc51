"""Rows into a read model's table: set to their values by one statement, or as lines of COPY.

Both take the same rows, values as text. Nothing here adds to what a row held before.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection, sql

from projections.engine.model import ReadModel, Row

# A statement is built of its rows, sent and read as a whole: three copies of them.
ROWS_PER_STATEMENT = 1_000

_TYPES = """
    SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""


class Table:
    """The table of a read model, or another of the same shape in schema ``read``."""

    def __init__(self, connection: Connection[Any], model: ReadModel[Any], name: str | None = None) -> None:
        self.model = model
        self.identifier = sql.Identifier("read", name or model.name)
        types = column_types(connection, name or model.name)
        self._upsert = _upsert(self.identifier, model, types)
        self._find = _find(self.identifier, model, types)
        self._key = model.columns.index(model.key)
        self._counted = None if model.counted_by is None else model.columns.index(model.counted_by)

    def upsert(self, connection: Connection[Any], rows: Sequence[Row]) -> None:
        """Set these rows to their values; no key may come twice."""
        for start in range(0, len(rows), ROWS_PER_STATEMENT):
            some = rows[start : start + ROWS_PER_STATEMENT]
            connection.execute(self._upsert, [array_text(column) for column in zip(*some, strict=True)])

    def counted_now(self, connection: Connection[Any], rows: Sequence[Row]) -> dict[str, str]:
        """What the table holds in the counted column under the keys of these rows, by key."""
        if self._find is None or not rows:
            return {}
        found = connection.execute(self._find, [array_text([row[self._key] for row in rows])])
        return dict(found.fetchall())

    def count(self, counts: dict[str, int], rows: Iterable[Row], now: dict[str, str]) -> None:
        """Change the counts to what they are once these rows stand in place of those that are there now."""
        if self._counted is None:
            return
        for row in rows:
            for value, change in ((now.get(row[self._key] or ""), -1), (row[self._counted], +1)):
                if value is not None:
                    counts[value] = counts.get(value, 0) + change


def column_types(connection: Connection[Any], name: str) -> dict[str, str]:
    """The columns of a table of schema ``read``, each with its type."""
    identifier = sql.Identifier("read", name)
    return dict(connection.execute(_TYPES, [identifier.as_string(connection)]).fetchall())


def _upsert(table: sql.Identifier, model: ReadModel[Any], types: dict[str, str]) -> sql.Composed:
    columns = [sql.Identifier(column) for column in model.columns]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT * FROM unnest({arrays}) "
        "ON CONFLICT ({key}) DO UPDATE SET ({columns}) = ROW ({values})"
    )
    return statement.format(
        table=table,
        columns=sql.SQL(", ").join(columns),
        arrays=sql.SQL(", ").join(sql.SQL(f"%s::{types[column]}[]") for column in model.columns),
        key=sql.Identifier(model.key),
        values=sql.SQL(", ").join(sql.SQL("excluded.{}").format(column) for column in columns),
    )


def _find(table: sql.Identifier, model: ReadModel[Any], types: dict[str, str]) -> sql.Composed | None:
    if model.counted_by is None:
        return None
    return sql.SQL("SELECT {key}::text, {counted} FROM {table} WHERE {key} = ANY (%s::{type}[])").format(
        counted=sql.Identifier(model.counted_by),
        table=table,
        key=sql.Identifier(model.key),
        type=sql.SQL(types[model.key]),
    )


def array_text(values: Sequence[str | None]) -> str:
    """A one-dimensional array as PostgreSQL reads it."""
    try:
        text = '","'.join(values)  # type: ignore[arg-type]
    except TypeError:
        return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"
    if "\\" in text or text.count('"') != 2 * len(values) - 2:
        return "{" + ",".join([_quoted(value) for value in values if value is not None]) + "}"
    return '{"' + text + '"}'


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def copy_line(row: Row) -> str:
    """A row as a line of COPY's text format."""
    try:
        line = "\t".join(row)  # type: ignore[arg-type]
    except TypeError:
        return "\t".join(["\\N" if value is None else _escaped(value) for value in row]) + "\n"
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") != len(row) - 1:
        line = "\t".join([_escaped(value) for value in row if value is not None])
    return line + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
