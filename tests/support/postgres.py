"""A real PostgreSQL for the tests: one server per session, a migrated template, a database per module or per test.

The first worker that needs it starts the server; all share it; the session's first process ends it. A server of a
session that was killed is swept away by the next one. With DATABASE_URL set that server is used and none is started.
"""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.postgres.embedded import EmbeddedPostgres
from adapters.postgres.roles import OWNER, PROJECT, SUPERUSER, WEB, read_logins
from migrations import migrate

FOLDER_VARIABLE = "DAYBOOK_TEST_FOLDER"
_PREFIX = "daybook-tests-"
_STARTED: list[EmbeddedPostgres] = []  # kept until this worker ends: the server outlives the fixture that started it


@dataclass(frozen=True, slots=True)
class Database:
    """One database: how its owner, the application and the projections connect to it."""

    owner_url: str
    app_url: str
    projector_url: str


class TestServer:
    """The server shared by the session: makes databases and takes them away."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._admin, self._owner, self._app, self._projector = self._logins()
        self._owner_name = str(conninfo_to_dict(self._owner)["user"])
        self._template = self._prepared_template()

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A migrated database of one's own for as long as the block lasts."""
        name = f"daybook_{uuid4().hex}"
        self._clone(name)
        try:
            yield self._database(name)
        finally:
            self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def empty_database(self) -> Iterator[Database]:
        """The same without any migration: for tests of the migrations themselves."""
        name = f"daybook_{uuid4().hex}"
        self._administer(sql.SQL("CREATE DATABASE {} OWNER {}").format(*map(sql.Identifier, (name, self._owner_name))))
        try:
            yield self._database(name)
        finally:
            self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def admin_url(self, database: Database) -> str:
        """The superuser's (with DATABASE_URL: its login's) way into a database."""
        return make_conninfo(self._admin, dbname=conninfo_to_dict(database.owner_url)["dbname"])

    def _database(self, name: str) -> Database:
        app = make_conninfo(self._app, dbname=name)
        return Database(
            owner_url=make_conninfo(self._owner, dbname=name),
            app_url=make_conninfo(app, options="-c role=daybook_app"),
            projector_url=make_conninfo(self._projector, dbname=name, options="-c role=daybook_projector"),
        )

    def _clone(self, name: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY OWNER {}")
        self._administer(statement.format(*map(sql.Identifier, (name, self._template, self._owner_name))))

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(statement)

    def _logins(self) -> tuple[str, str, str, str]:
        """The connection strings of who makes databases, of the owner, the application and the projections."""
        if url := os.environ.get("DATABASE_URL"):
            app = os.environ.get("DATABASE_APP_URL", url)
            return url, url, app, os.environ.get("DATABASE_PROJECTOR_URL", app)
        with locked(self._folder):
            logins = read_logins(self._folder)
            if logins is None or not _answers(logins.url(SUPERUSER, "postgres")):
                server = EmbeddedPostgres(self._folder, {"shared_buffers": "128MB", "max_connections": "200"})
                server.start()
                _STARTED.append(server)
                logins = read_logins(self._folder)
        if logins is None:
            raise RuntimeError("the test server started without logins")
        return logins.url(SUPERUSER, "postgres"), logins.url(OWNER), logins.url(WEB), logins.url(PROJECT)

    def _prepared_template(self) -> str:
        """The name of a migrated database to clone from, made by whichever worker comes first."""
        name = f"{self._folder.name.replace('-', '_')}_template"
        with locked(self._folder):
            if not (self._folder / "template-ready").exists():
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                self._administer(statement.format(*map(sql.Identifier, (name, self._owner_name))))
                migrate(make_conninfo(self._owner, dbname=name))
                (self._folder / "template-ready").touch()
        return name

    def drop_template(self) -> None:
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self._template)))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One worker at a time."""
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_session() -> Path:
    """The folder all workers of this session share; called by the process that starts the workers."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not _alive(folder):
            with suppress(OSError):
                close_session(folder)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    os.environ[FOLDER_VARIABLE] = str(folder)
    return folder


def close_session(folder: Path) -> None:
    """End the server of a session and remove its folder."""
    if "DATABASE_URL" in os.environ and (folder / "template-ready").exists():
        TestServer(folder).drop_template()
    if (folder / "postgres").exists():
        EmbeddedPostgres(folder).end_leftovers(signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def _alive(folder: Path) -> bool:
    try:
        os.kill(int(folder.name.removeprefix(_PREFIX).partition("-")[0]), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
