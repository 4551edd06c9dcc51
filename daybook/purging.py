"""Purging: what was erased goes from the disk too, and not only from what can be asked.

PostgreSQL leaves the bytes of rows that were deleted or replaced where they are until something is written over them,
keeps samples of values to plan by, and goes on using files of the write-ahead log with what stood in them. Here the
tables that may hold such bytes are written anew, the samples are taken again, and the write-ahead log is gone through
once. It never touches the log of events: what is personal in it is encrypted, and the keys are among what is purged.
"""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import Any

import psycopg
from psycopg import Connection, sql

LOCK_TIMEOUT = "2s"
ATTEMPTS = 30
PAUSE_SECONDS = 1.0
SEGMENTS_MAX = 1024

_TABLES = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('read', 'access', 'work', 'audit', 'webhooks')
       OR (schemaname, tablename) = ('log', 'data_keys')
    ORDER BY schemaname, tablename
"""
_AHEAD = """
    SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name > pg_walfile_name(pg_current_wal_lsn())
"""
_LOOKING_BACK = """
    SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()
    AND (age(backend_xmin) >= age(%s::xid) OR age(backend_xid) >= age(%s::xid))
"""
Tell = Callable[[str], None]


class InUse(Exception):
    """A table was in use all the time; the message names it."""


def rewrite_tables(connection: Connection[Any], tell: Tell) -> None:
    """Write every table anew that may hold what was erased; as the owner, in autocommit. Raises InUse.

    Each is closed to everybody while it is written, and asked for without making others wait behind.
    """
    connection.execute(sql.SQL("SET lock_timeout = {}; SET statement_timeout = 0").format(LOCK_TIMEOUT))
    for schema, table in connection.execute(_TABLES).fetchall():
        tell(f"{schema}.{table}")
        _patiently(connection, sql.SQL("VACUUM (FULL, ANALYZE) {}").format(sql.Identifier(schema, table)))


def wait_for_others(connection: Connection[Any]) -> None:
    """Wait until nobody looks at the database as it was before: for them deleted rows would be written anew as well.

    Who may not see when others began to look (no superuser) waits for those who write. Raises InUse.
    """
    row = connection.execute("SELECT pg_current_xact_id()::xid::text").fetchone()
    for _ in range(ATTEMPTS):
        if row is None or connection.execute(_LOOKING_BACK, [row[0], row[0]]).fetchone() == (0,):
            return
        sleep(PAUSE_SECONDS)
    raise InUse("the database, by a transaction that stays open,")


def _patiently(connection: Connection[Any], statement: sql.Composed) -> None:
    for attempt in range(ATTEMPTS):
        try:
            connection.execute(statement)
        except psycopg.errors.LockNotAvailable:
            if attempt == ATTEMPTS - 1:
                raise InUse(statement.as_string(connection).rpartition(" ")[2]) from None
            sleep(PAUSE_SECONDS)
        else:
            return


def rewrite_samples(connection: Connection[Any], tell: Tell) -> None:
    """Write the planner's samples anew, which hold values of columns; as the superuser, in autocommit."""
    tell("pg_statistic")
    connection.execute(sql.SQL("SET lock_timeout = {}; SET statement_timeout = 0").format(LOCK_TIMEOUT))
    _patiently(connection, sql.SQL("VACUUM (FULL) {}").format(sql.Identifier("pg_catalog", "pg_statistic")))


def cycle_wal(connection: Connection[Any], tell: Tell) -> None:
    """Have the write-ahead log hold nothing of before; as the superuser, in autocommit.

    Files that were kept to be used again are used once, and what is behind the checkpoint is removed, not kept again.
    What was archived or sent to a standby stays there.
    """
    tell("write-ahead log")
    connection.execute("ALTER SYSTEM SET wal_recycle = off")
    try:
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CHECKPOINT")
        for _ in range(SEGMENTS_MAX):
            _next_segment(connection)
            row = connection.execute(_AHEAD).fetchone()
            if not row or row[0] == 0:
                break
        _next_segment(connection)
        connection.execute("CHECKPOINT")
        connection.execute("CHECKPOINT")
    finally:
        connection.execute("ALTER SYSTEM RESET wal_recycle")
        connection.execute("SELECT pg_reload_conf()")


def _next_segment(connection: Connection[Any]) -> None:
    connection.execute("SELECT pg_logical_emit_message(false, 'daybook', 'purge')")
    connection.execute("SELECT pg_switch_wal()")
