"""Editions of a read model's table: the live one, the next one in the making, the old one kept to go back to.

An edition is a table of the same shape with a suffix to its name; its positions and parked orders carry
the same name, so everything that follows the live table can follow any of them. Swapping is renaming.
"""

import re
from typing import Any

from psycopg import Connection, sql

NEXT, OLD, CHECK = "_next", "_old", "_check"

# The costliest first: the others are built beside it.
_INDEXES = """
    SELECT c.relname, pg_get_indexdef(i.indexrelid), k.contype FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p'
    WHERE i.indrelid = %s::regclass ORDER BY m.amname = 'btree', i.indnkeyatts DESC, c.relname
"""
_DEFINITION = re.compile(r"CREATE (?P<unique>UNIQUE )?INDEX \S+ ON \S+ (?P<rest>USING .*)", re.DOTALL)


def exists(connection: Connection[Any], table: str) -> bool:
    """Whether there is such a table."""
    row = connection.execute("SELECT to_regclass(%s)", [_name(connection, table)]).fetchone()
    return row is not None and row[0] is not None


def create(connection: Connection[Any], live: str, table: str) -> None:
    """Make an empty table like the live one, without its indexes; an earlier one of that name goes."""
    drop(connection, table)
    statement = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)")
    connection.execute(statement.format(_table(table), _table(live)))
    found = connection.execute(
        "SELECT unnest(reloptions) FROM pg_class WHERE oid = %s::regclass", [_name(connection, live)]
    )
    for (option,) in found.fetchall():
        connection.execute(sql.SQL("ALTER TABLE {} SET ({})").format(_table(table), sql.SQL(option)))


def drop(connection: Connection[Any], table: str) -> None:
    """Remove an edition, its positions and what it has parked."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_table(table)))
    for about in ("positions", "parked"):
        statement = sql.SQL("DELETE FROM {} WHERE projection = %s").format(sql.Identifier("read", about))
        connection.execute(statement, [table])


def index_statements(connection: Connection[Any], live: str, table: str) -> list[list[sql.Composed]]:
    """How to give a table the indexes of the live one: statements in turn, list beside list in any order."""
    groups = []
    for name, definition, constraint in connection.execute(_INDEXES, [_name(connection, live)]).fetchall():
        found = _DEFINITION.fullmatch(definition)
        if found is None:
            raise ValueError(f"An index of another form than expected: {definition}")
        index = sql.Identifier(_renamed(name, live, table))
        group = [
            sql.SQL("CREATE {}INDEX {} ON {} {}").format(
                sql.SQL(found["unique"] or ""), index, _table(table), sql.SQL(found["rest"])
            )
        ]
        if constraint == "p":
            group.append(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY USING INDEX {}").format(_table(table), index))
        groups.append(group)
    return groups


def rename(connection: Connection[Any], table: str, new: str) -> None:
    """Give an edition another name, with its indexes, positions and parked orders."""
    indexes = [name for name, *_ in connection.execute(_INDEXES, [_name(connection, table)]).fetchall()]
    connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(_table(table), sql.Identifier(new)))
    for index in indexes:
        statement = sql.SQL("ALTER INDEX {} RENAME TO {}")
        target = sql.Identifier(_renamed(index, table, new))
        connection.execute(statement.format(sql.Identifier("read", index), target))
    for about in ("positions", "parked"):
        statement = sql.SQL("UPDATE {} SET projection = %s WHERE projection = %s")
        connection.execute(statement.format(sql.Identifier("read", about)), [new, table])


def _renamed(index: str, table: str, new: str) -> str:
    """An index is named after its table."""
    return f"{new}{index.removeprefix(table)}"


def _table(table: str) -> sql.Identifier:
    return sql.Identifier("read", table)


def _name(connection: Connection[Any], table: str) -> str:
    return _table(table).as_string(connection)
