"""Fixtures every test may ask for: a database of the module's own, or of the test's own, on a real PostgreSQL."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import FOLDER_VARIABLE, Database, TestServer, close_session, open_session

_SESSION = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_SESSION] = open_session()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside, the session still tidies up


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_SESSION, None)
    if folder is not None:
        close_session(folder)


@pytest.fixture(scope="session")
def postgres() -> TestServer:
    """The session's PostgreSQL, started when the first test asks for it."""
    return TestServer(Path(os.environ[FOLDER_VARIABLE]))


@pytest.fixture(scope="module")
def database(postgres: TestServer) -> Iterator[Database]:
    """A migrated database that all tests of a module share."""
    with postgres.database() as database:
        yield database


@pytest.fixture
def fresh_database(postgres: TestServer) -> Iterator[Database]:
    """A migrated database for one test alone: the log cannot be emptied, so a clean one is a new one."""
    with postgres.database() as database:
        yield database


@pytest.fixture(scope="module")
def owner_url(database: Database) -> str:
    """How the owner, who migrates, connects to the module's database."""
    return database.owner_url


@pytest.fixture(scope="module")
def app_url(database: Database) -> str:
    """How the application connects to the module's database: as ``daybook_app``."""
    return database.app_url


@pytest.fixture(scope="module")
def projector_url(database: Database) -> str:
    """How the projections connect to the module's database: as ``daybook_projector``."""
    return database.projector_url
