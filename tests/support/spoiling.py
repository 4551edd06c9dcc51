"""Damage to the log as no program of ours does it: events and keys that cannot be read, and their repair."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import Connection, sql


@contextmanager
def unprotected(owner_url: str, table: LiteralString) -> Iterator[Connection[Any]]:
    """A connection that may change what is append-only, as only the owner's own hand could."""
    name = sql.Identifier("log", table)
    with psycopg.connect(owner_url) as connection:
        guards = [
            sql.Identifier(guard) for guard in ("append_only", *(["rewrap_only"] if table == "data_keys" else []))
        ]
        for guard in guards:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(name, guard))
        yield connection
        for guard in guards:
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}").format(name, guard))


class Spoiled:
    """A partition whose first event cannot be read any more; ``how`` is "topic", "payload" or "key"."""

    def __init__(self, owner_url: str, partition_id: UUID | str, how: str = "topic") -> None:
        self._owner_url = owner_url
        self._partition_id = partition_id
        self._table: LiteralString = "data_keys" if how == "key" else "events"
        self._column = {"topic": "topic", "payload": "payload", "key": "wrapped"}[how]
        value: Any = {"topic": "order.of_tomorrow", "payload": b'{"lines": 7}', "key": bytes(60)}[how]
        self.position, self._was = self._set(value)

    def repair(self) -> None:
        """Let it be as it was."""
        self._set(self._was)

    def _set(self, value: Any) -> tuple[int, Any]:
        column, table = sql.Identifier(self._column), sql.Identifier("log", self._table)
        with unprotected(self._owner_url, self._table) as connection:
            position = connection.execute(
                "SELECT min(position) FROM log.events WHERE partition_id = %s", [self._partition_id]
            ).fetchone()
            which = sql.SQL("partition_id = %s") + sql.SQL(
                "" if self._table == "data_keys" else " AND stream_id = partition_id AND version = 1"
            )
            was = connection.execute(
                sql.SQL("SELECT {} FROM {} WHERE {}").format(column, table, which), [self._partition_id]
            ).fetchone()
            connection.execute(
                sql.SQL("UPDATE {} SET {} = %s WHERE {}").format(table, column, which), [value, self._partition_id]
            )
        assert position
        assert was
        return position[0], was[0]
