"""The schema: numbered plain SQL, forward only, and the runner that applies each migration once.

A migration is a file, or a folder whose files are applied one after the other: so that a function is found by the name
of its file. It is applied in one transaction together with its line in the ledger, so that a stop in between leaves no
half migration. The runner must never apply one out of turn, nor accept one that was changed after it was applied.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, TypeVar

import psycopg
from psycopg import errors, sql

FOLDER = Path(__file__).parent

_NAME = re.compile(r"\d{4}_[a-z0-9_]+(\.sql)?")
_PART = re.compile(r"\d{2}_[a-z0-9_]+\.sql")
_LOCK = 0x6461_7962_6F6F_6B00  # "daybook": one number per database, known to every runner
_LOCK_TIMEOUT = "5s"  # a migration waits no longer than this for a table in use: everyone else queues behind it
_ATTEMPTS = 10

_Result = TypeVar("_Result")


class MigrationError(Exception):
    """The schema cannot be brought up to date; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file, or the files of one folder in their order: its name and its text."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrate(owner_conninfo: str, folder: Path = FOLDER, patience_seconds: float = 120.0) -> list[str]:
    """Apply what is missing, as the owner of the database, and return the names of what was applied."""
    with (
        psycopg.connect(owner_conninfo, autocommit=True, application_name="daybook-migrate") as connection,
        _only_one(connection, patience_seconds),
    ):
        _create_ledger(connection)
        todo = pending(connection, folder)
        for migration in todo:
            _apply(connection, migration)
    return [migration.name for migration in todo]


def pending(connection: psycopg.Connection, folder: Path = FOLDER) -> list[Migration]:
    """What is still to be applied; refuses a file that was changed after it was applied, or that comes too late."""
    ledger: dict[str, str] = dict(connection.execute("SELECT name, checksum FROM public.daybook_migrations").fetchall())
    todo = []
    for migration in load(folder):
        recorded = ledger.get(migration.name)
        if recorded is None:
            todo.append(migration)
        elif recorded != migration.checksum:
            raise MigrationError(
                f"migrations/{migration.name} was changed after it had been applied to this database; "
                "bring the file back as it was and write what is new into a migration of its own."
            )
    for migration in todo:
        if ledger and migration.name < max(ledger):
            raise MigrationError(
                f"migrations/{migration.name} comes before {max(ledger)}, which this database already has; "
                "give the file the next free number."
            )
    return todo


def load(folder: Path = FOLDER) -> list[Migration]:
    """The migrations of a folder in their order."""
    paths = sorted([*folder.glob("*.sql"), *(path for path in folder.iterdir() if any(path.glob("*.sql")))])
    numbers = [path.name[:4] for path in paths]
    for path in paths:
        if not _NAME.fullmatch(path.name) or numbers.count(path.name[:4]) > 1:
            raise MigrationError(
                f"migrations/{path.name} must be named NNNN_what_it_does.sql with a number of its own."
            )
    return [Migration(path.name, _text_of(path)) for path in paths]


def _text_of(path: Path) -> str:
    if path.is_file():
        return path.read_text(encoding="utf-8")
    parts = sorted(path.glob("*.sql"))
    for part in parts:
        if not _PART.fullmatch(part.name):
            raise MigrationError(f"migrations/{path.name}/{part.name} must be named NN_what_it_makes.sql.")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


@contextmanager
def _only_one(connection: psycopg.Connection, patience_seconds: float) -> Iterator[None]:
    """Ask for the lock again and again: a session that waits for it would deadlock with CREATE INDEX CONCURRENTLY."""
    deadline = time.monotonic() + patience_seconds
    while not _ask(connection, "SELECT pg_try_advisory_lock(%s)"):
        if time.monotonic() > deadline:
            raise MigrationError(
                f"Another migration has been running for {patience_seconds:.0f} s; wait for it or end it."
            )
        time.sleep(0.1)
    try:
        yield
    finally:
        if not connection.broken:
            _ask(connection, "SELECT pg_advisory_unlock(%s)")


def _ask(connection: psycopg.Connection, question: LiteralString) -> bool:
    row = connection.execute(question, [_LOCK]).fetchone()
    return bool(row and row[0])


def _create_ledger(connection: psycopg.Connection) -> None:
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS public.daybook_migrations ("
            "name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
    except errors.InsufficientPrivilege:
        login = connection.info.user
        raise MigrationError(
            f"The login {login} may not create tables in the database {connection.info.dbname}; make it the owner: "
            f'ALTER DATABASE "{connection.info.dbname}" OWNER TO "{login}".'
        ) from None


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    def once() -> None:
        with connection.transaction():
            connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(_LOCK_TIMEOUT))
            connection.execute(sql.SQL(migration.text))  # our own file, no stranger's text
            connection.execute(
                "INSERT INTO public.daybook_migrations (name, checksum) VALUES (%s, %s)",
                [migration.name, migration.checksum],
            )

    try:
        _with_patience(once)
    except errors.LockNotAvailable:
        raise MigrationError(
            f"migrations/{migration.name} waited {_ATTEMPTS} times {_LOCK_TIMEOUT} for a table in use; "
            "run it again at a quieter time."
        ) from None
    except errors.InsufficientPrivilege as refused:
        raise MigrationError(_missing_right(connection.info.user, migration, refused)) from None


def _with_patience(action: Callable[[], _Result]) -> _Result:
    """Try again when a table was in use; letting go in between lets the others through."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return action()
        except errors.LockNotAvailable:
            time.sleep(0.2 * attempt)
    return action()


def _missing_right(login: str, migration: Migration, refused: psycopg.Error) -> str:
    if migration.name.startswith("0000_"):
        return (
            f"The login {login} may not create the roles of Daybook; run this as a superuser, then migrate again: "
            "CREATE ROLE daybook_app; CREATE ROLE daybook_projector; "
            f'GRANT daybook_app, daybook_projector TO "{login}";'
        )
    return f"The login {login} lacks a right that migrations/{migration.name} needs: {refused.diag.message_primary}."
