"""Comparing two editions of a read model: counts, checksums, and every row that differs.

Both are read in one snapshot. What moved between their positions is left out: those rows may differ and
be right. So are parked orders, whose rows stand as they were on purpose; who they are is told. A difference is told
by the names of the columns, never by what stands in them: that may be personal.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection, IsolationLevel, sql

from eventstore import feed
from projections.engine.model import ReadModel

_SUM = "SELECT count(*), coalesce(sum(hash_record_extended(ROW ({values}), 0)), 0) FROM {table} t WHERE {settled}"
# Columns of types that PostgreSQL cannot hash take part as text.
_VALUES = """
    SELECT quote_ident(a.attname) || CASE WHEN a.atttypid = 'tsvector'::regtype THEN '::text' ELSE '' END
    FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_DIFFERENCES = """
    SELECT coalesce(a.{key}, b.{key})::text, to_jsonb(a), to_jsonb(b)
    FROM (SELECT * FROM {left} t WHERE {settled}) a FULL JOIN (SELECT * FROM {right} t WHERE {settled}) b
      ON a.{key} = b.{key}
    WHERE a IS DISTINCT FROM b ORDER BY 1
"""
_POSITIONS = """
    SELECT coalesce(min(position), 0), coalesce(max(position), 0) FROM read.positions WHERE projection = ANY (%s)
"""
_PARKED = "SELECT projection, partition_id, position FROM read.parked WHERE projection = ANY (%s) ORDER BY position"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a table holds, in two figures."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same on both sides: its key, the columns that differ as (left, right)."""

    key: str
    columns: dict[str, tuple[Any, Any]]

    def __str__(self) -> str:
        if all(left is None for left, _ in self.columns.values()):
            return f"{self.key}: is missing"
        if all(right is None for _, right in self.columns.values()):
            return f"{self.key}: is not in the log"
        return f"{self.key}: {', '.join(self.columns)} {'differs' if len(self.columns) == 1 else 'differ'}"


class Comparison:
    """Two editions side by side, as of one moment; good inside ``compare`` only.

    ``parked`` and ``unfoldable`` are the orders that wait in the left and in the right one, with the positions of the
    events that failed.
    """

    def __init__(self, connection: Connection[Any], model: ReadModel[Any], left: str, right: str) -> None:
        self._connection = connection
        found = connection.execute(_PARKED, [[left, right]]).fetchall()
        self.parked = {partition: position for name, partition, position in found if name == left}
        self.unfoldable = {partition: position for name, partition, position in found if name == right}
        self._parts = _parts(connection, model, left, right, self.parked.keys() | self.unfoldable.keys())
        self.left = self._contents(left)
        self.right = self._contents(right)

    @property
    def equal(self) -> bool:
        """Whether both hold the same rows."""
        return self.left == self.right

    def differences(self) -> Iterator[Difference]:
        """Every row that differs, by key."""
        if self.equal:
            return
        with self._connection.cursor("differences") as cursor:
            cursor.execute(sql.SQL(_DIFFERENCES).format(**self._parts))
            for key, left, right in cursor:
                yield _difference(key, left, right)

    def _contents(self, table: str) -> Contents:
        identifier = sql.Identifier("read", table)
        values = self._connection.execute(_VALUES, [identifier.as_string(self._connection)]).fetchall()
        statement = sql.SQL(_SUM).format(
            table=identifier,
            settled=self._parts["settled"],
            values=sql.SQL(", ").join(sql.SQL(value) for (value,) in values),
        )
        rows, checksum = self._connection.execute(statement).fetchone() or (0, 0)
        return Contents(rows, f"{int(checksum) & (2**64 - 1):016x}")


@contextmanager
def compare(connection: Connection[Any], model: ReadModel[Any], left: str, right: str) -> Iterator[Comparison]:
    """Compare two editions in one snapshot, which lasts as long as the block."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            yield Comparison(connection, model, left, right)
    finally:
        connection.isolation_level = None


def _parts(
    connection: Connection[Any], model: ReadModel[Any], left: str, right: str, waiting: Collection[UUID]
) -> dict[str, sql.Composable]:
    since, until = connection.execute(_POSITIONS, [[left, right]]).fetchone() or (0, 0)
    # Partitions with events that one of the two has not seen.
    moved = feed.partitions_between(connection, since, until)
    settled = sql.SQL("NOT ({} = ANY ({}::uuid[]))").format(
        sql.SQL(model.partition),
        sql.Literal([str(each) for each in [*moved, *waiting]]),
    )
    return {
        "key": sql.Identifier(model.key),
        "left": sql.Identifier("read", left),
        "right": sql.Identifier("read", right),
        "settled": settled,
    }


def _difference(key: str, left: dict[str, Any] | None, right: dict[str, Any] | None) -> Difference:
    left, right = left or {}, right or {}
    names = left.keys() | right.keys()
    both = {name: (left.get(name), right.get(name)) for name in sorted(names)}
    return Difference(key, {name: pair for name, pair in both.items() if pair[0] != pair[1]})
