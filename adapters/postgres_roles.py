"""Who may connect to the embedded PostgreSQL: the logins, their passwords, and the database they share.

Three logins: the superuser of the server (never used by Daybook itself after the start), the owner who migrates, and
the application, a member of the two roles that the migrations give rights to. No login works without its password.
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
APP = "daybook"
SUPERUSER = "postgres"
GROUPS = ("daybook_app", "daybook_projector")


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


def new_logins() -> Logins:
    return Logins("", {name: secrets.token_hex(24) for name in (SUPERUSER, OWNER, APP)})


def ensure_database(logins: Logins) -> None:
    """Create whatever is missing of the roles, the two logins and the database."""
    with psycopg.connect(logins.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        present = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for group in GROUPS:
            if group not in present:
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(group)))
        for login, option in ((OWNER, "WITH ADMIN OPTION"), (APP, "")):
            if login not in present:
                statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(login), sql.Literal(logins.passwords[login])))
            grant = sql.SQL("GRANT {} TO {} " + option)
            connection.execute(grant.format(sql.SQL(", ").join(map(sql.Identifier, GROUPS)), sql.Identifier(login)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
