"""Who may connect to the embedded PostgreSQL: the logins, their passwords, and the database they share.

Five logins: the superuser of the server (never used by Daybook itself after the start), the owner who migrates, and one
for each kind of process. Web and worker are members of ``daybook_app``, which may append and read; the projections'
login is a member of ``daybook_projector``, which may read the log and owns the read models. None can become another,
and no login works without its password.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

DATABASE = "daybook"
OWNER = "daybook_owner"
WEB = "daybook_web"
WORK = "daybook_work"
PROJECT = "daybook_project"
SUPERUSER = "postgres"
APPENDING, PROJECTING = "daybook_app", "daybook_projector"
GROUPS = (APPENDING, PROJECTING)
MEMBERS = {WEB: APPENDING, WORK: APPENDING, PROJECT: PROJECTING}
EARLIER = "daybook"  # one login for all processes, as homes of before have it

# What PostgreSQL lets everybody do in a database, and nobody needs to: large objects, and taking any advisory lock,
# that of the append among them. Locks of two numbers are others than those of one: the projections use the former.
HARDENING = """
REVOKE CONNECT, TEMPORARY ON DATABASE daybook FROM PUBLIC;
GRANT CONNECT ON DATABASE daybook TO daybook_app, daybook_projector;
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    pg_advisory_lock(bigint), pg_advisory_lock_shared(bigint), pg_try_advisory_lock(bigint),
    pg_try_advisory_lock_shared(bigint), pg_advisory_xact_lock(bigint), pg_advisory_xact_lock_shared(bigint),
    pg_try_advisory_xact_lock(bigint), pg_try_advisory_xact_lock_shared(bigint)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    pg_advisory_lock(bigint), pg_try_advisory_lock(bigint), pg_advisory_xact_lock(bigint)
    TO daybook_owner;
"""


@dataclass(frozen=True, slots=True)
class Logins:
    """What it takes to connect: the folder of the socket and a password per login. Kept in ``postgres.json``, 0600."""

    socket: str
    passwords: dict[str, str]

    def url(self, login: str, database: str = DATABASE) -> str:
        return f"postgresql://{login}:{self.passwords[login]}@/{quote(database)}?host={quote(self.socket, safe='')}"


def read_logins(home: Path) -> Logins | None:
    """The logins of the server that lives in ``home``, or None when none was ever made there."""
    try:
        return Logins(**json.loads((home / "postgres.json").read_text()))
    except FileNotFoundError:
        return None


def complete(logins: Logins | None) -> Logins:
    """The logins with a password for each; those that are known stay."""
    passwords = {name: secrets.token_hex(24) for name in (SUPERUSER, OWNER, *MEMBERS)}
    return Logins("", passwords) if logins is None else Logins(logins.socket, passwords | logins.passwords)


def ensure_database(logins: Logins) -> None:
    """Create whatever is missing of the roles, the logins and the database, and take away what nobody needs."""
    with psycopg.connect(logins.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        present = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for group in GROUPS:
            if group not in present:
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(group)))
        for login in (OWNER, *MEMBERS):
            if login not in present:
                statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(login), sql.Literal(logins.passwords[login])))
        groups = sql.SQL(", ").join(map(sql.Identifier, GROUPS))
        connection.execute(sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(groups, sql.Identifier(OWNER)))
        for login, group in MEMBERS.items():
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(login)))
        if EARLIER in present:
            connection.execute(sql.SQL("REVOKE {} FROM {}").format(groups, sql.Identifier(EARLIER)))
            connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(EARLIER)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    with psycopg.connect(logins.url(SUPERUSER)) as connection:
        connection.execute(HARDENING)
