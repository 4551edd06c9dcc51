"""The embedded PostgreSQL: kept data, private files, recovery after kills, and refusals that say what to do."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.binaries import PostgresUnavailable
from adapters.postgres.embedded import EmbeddedPostgres
from adapters.postgres.processes import processes_in
from adapters.postgres.roles import OWNER, PROJECT, WEB, WORK
from migrations import migrate

SMALL = {"shared_buffers": "32MB"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for a server, with whatever a test left running in it ended afterwards."""
    folder = tmp_path / "home of a server"
    yield folder
    EmbeddedPostgres(folder).end_leftovers(signal.SIGQUIT)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server whose database has the schema."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("migrated"), SMALL)
    server.start()
    migrate(server.url(OWNER))
    yield server
    server.stop()


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home, SMALL)
    server.start()
    yield server
    server.stop()


def one(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def socket_folder(server: EmbeddedPostgres) -> Path:
    return Path(str(psycopg.conninfo.conninfo_to_dict(server.url(WEB))["host"]))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_was_committed_is_there_after_a_stop(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url(OWNER)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    server.start()
    assert one(server.url(OWNER), "SELECT answer FROM kept") == 42


def test_what_was_committed_is_there_after_a_kill_of_the_server(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url(OWNER)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    for pid in processes_in(server.data):
        os.kill(pid, signal.SIGKILL)
    server.start()
    assert one(server.url(OWNER), "SELECT answer FROM kept") == 42


def test_a_server_whose_starter_was_killed_is_taken_over(home: Path) -> None:
    script = "import os, sys, pathlib; from adapters.postgres.embedded import EmbeddedPostgres as E; "
    script += "E(pathlib.Path(sys.argv[1]), {'shared_buffers': '32MB'}).start(); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", script, str(home)], check=False).returncode == 9
    orphans = processes_in(home / "postgres")
    assert orphans
    server = EmbeddedPostgres(home, SMALL)
    server.start()
    assert one(server.url(WEB), "SELECT 1") == 1
    assert not set(orphans) & set(processes_in(home / "postgres"))
    server.stop()
    assert not processes_in(home / "postgres")


def test_a_lock_file_that_names_another_living_process_does_not_hinder_the_start(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    server.start()
    assert one(server.url(WEB), "SELECT 1") == 1


def test_it_is_durable_private_and_asks_for_passwords(server: EmbeddedPostgres) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert one(server.url(WEB), f"SHOW {setting}") == "on"
    assert one(server.url(WEB), "SHOW listen_addresses") == ""
    assert (mode(server.data), mode(socket_folder(server))) == (0o700, 0o700)
    assert mode(server.home / "postgres.json") == 0o600
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url(WEB), password="wrong")


def test_cases_and_accents_do_not_depend_on_the_locale_of_the_machine(server: EmbeddedPostgres) -> None:
    assert one(server.url(WEB), "SELECT lower('ÜÉ')") == "üé"


@pytest.mark.parametrize("login", [WEB, WORK, PROJECT])
def test_no_process_is_the_owner_nor_another_process(server: EmbeddedPostgres, login: str) -> None:
    groups = {WEB: "daybook_app", WORK: "daybook_app", PROJECT: "daybook_projector"}
    others = {OWNER, *groups, *groups.values()} - {login, groups[login]}
    for other in others:
        assert one(server.url(login), f"SELECT pg_has_role('{other}', 'SET')") is False, other
    assert one(server.url(OWNER), f"SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = '{login}'") is False


@pytest.mark.parametrize(
    ("login", "statement"),
    [
        (WEB, "SET ROLE daybook_projector"),
        (WEB, "DROP TABLE read.orders_grid"),
        (WEB, "TRUNCATE read.orders_grid"),
        (WEB, "SELECT pg_advisory_xact_lock(7233174018682054503)"),
        (WORK, "DROP TABLE read.orders_grid"),
        (WORK, "SELECT pg_try_advisory_lock(7233174018682054503)"),
        (WORK, "SELECT pg_advisory_xact_lock(7233174018682054503)"),
        (PROJECT, "SELECT pg_advisory_xact_lock(7233174018682054503)"),
        (PROJECT, "SELECT pg_try_advisory_lock_shared(7233174018682054503)"),
        (PROJECT, "SELECT log.append(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"),
        (PROJECT, "SELECT * FROM access.api_keys"),
        (PROJECT, "SELECT * FROM work.positions"),
        *[
            (login, statement)
            for login in (WEB, WORK, PROJECT)
            for statement in (
                "CREATE TEMPORARY TABLE t (n int)",
                "CREATE TABLE public.t (n int)",
                "SELECT lo_create(0)",
                "SELECT lo_from_bytea(0, 'x')",
                "INSERT INTO log.events SELECT * FROM log.events",
                "DELETE FROM access.api_keys",
                "INSERT INTO access.closed_periods VALUES (now(), '2026-10-31', 'UTC')",
            )
        ],
    ],
)
def test_each_login_may_do_no_more_than_its_process_needs(
    migrated: EmbeddedPostgres, login: str, statement: str
) -> None:
    with psycopg.connect(migrated.url(login)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_home_with_a_long_path_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("x" * 120), SMALL)
    server.start()
    folder = socket_folder(server)
    assert one(server.url(WEB), "SELECT 1") == 1
    assert mode(folder) == 0o700
    server.stop()
    assert not folder.exists()
    server.start()  # whoever used it before finds it again
    assert socket_folder(server) == folder
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")
def test_root_without_user_namespaces_runs_it_as_another_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    commands = tmp_path_factory.mktemp("commands")
    (commands / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (commands / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    home = Path("/var/tmp") / f"daybook-test-{os.getpid()}"  # pytest's own folders are closed to other users
    request.addfinalizer(lambda: subprocess.run(["rm", "-rf", str(home)], check=True))
    server = EmbeddedPostgres(home, SMALL)
    server.start()
    try:
        assert server.data.stat().st_uid != 0
        assert one(server.url(WEB), "SELECT 1") == 1
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")
def test_a_home_that_the_other_user_cannot_reach_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(
        PostgresUnavailable, match=r"cannot reach .*; set DAYBOOK_HOME to a folder every user may enter"
    ):
        EmbeddedPostgres(closed / "home", SMALL).start()


def test_data_of_another_release_is_refused(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(PostgresUnavailable, match=r"was made by PostgreSQL 9\.6"):
        server.start()


def test_a_folder_that_holds_something_else_is_refused(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    with pytest.raises(PostgresUnavailable, match="is not the data directory of a PostgreSQL"):
        EmbeddedPostgres(home, SMALL).start()


def test_lost_passwords_are_named(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.home / "postgres.json").unlink()
    with pytest.raises(PostgresUnavailable, match="bring it back"):
        server.start()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    server = EmbeddedPostgres(home, {"shared_buffers": "none"})
    with pytest.raises(PostgresUnavailable, match="invalid value for parameter"):
        server.start()


def test_only_processes_of_the_data_directory_are_found(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as bystander:
        assert processes_in(tmp_path) == []
        bystander.kill()
