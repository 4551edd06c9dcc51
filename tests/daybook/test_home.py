"""Daybook's home: one run at a time, secrets for their owner only, keys that stay."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from access.keys import list_keys, revoke_key
from daybook.run.dev_keys import ensure_dev_keys
from daybook.run.home import KEPT_BYTES, LOG_LIMIT_BYTES, ROLES, Home
from daybook.settings import SettingsError
from tests.support.postgres import Database


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "var").mkdir()
    return Home(tmp_path / "var")


def test_a_second_run_is_refused_and_told_of_the_first(home: Home) -> None:
    already = rf"already runs on .* \(process {os.getpid()}\)"
    with home.locked(), pytest.raises(SettingsError, match=already), home.locked():
        pass
    with home.locked():
        pass


def test_the_master_key_is_private_and_never_replaced(home: Home) -> None:
    home.ensure_master_key()
    first = home.master_key.read_text()
    home.ensure_master_key()
    assert home.master_key.read_text() == first
    assert home.master_key.stat().st_mode & 0o777 == 0o600


def test_every_role_has_a_development_key_that_stays(home: Home, fresh_database: Database) -> None:
    keys = ensure_dev_keys(fresh_database.owner_url, home)
    assert tuple(keys) == ROLES
    assert ensure_dev_keys(fresh_database.owner_url, home) == keys
    assert home.dev_keys.stat().st_mode & 0o777 == 0o600


def test_the_kept_keys_are_made_known_to_a_new_database(
    home: Home, fresh_database: Database, database: Database
) -> None:
    keys = ensure_dev_keys(fresh_database.owner_url, home)
    assert ensure_dev_keys(database.owner_url, home) == keys
    with psycopg.connect(database.owner_url) as connection:
        assert {key.role for key in list_keys(connection)} == set(ROLES)


def test_a_revoked_development_key_makes_way_for_a_new_one(home: Home, fresh_database: Database) -> None:
    keys = ensure_dev_keys(fresh_database.owner_url, home)
    with psycopg.connect(fresh_database.owner_url) as connection:
        revoke_key(connection, keys["admin"].split("_")[1])
    renewed = ensure_dev_keys(fresh_database.owner_url, home)
    assert renewed["admin"] != keys["admin"]
    assert renewed["auditor"] == keys["auditor"]
    assert home.read_dev_keys() == renewed


def test_development_keys_that_are_no_json_are_named(home: Home) -> None:
    home.dev_keys.write_text("{")
    with pytest.raises(SettingsError, match=r"dev-keys\.json is not JSON"):
        home.read_dev_keys()


def test_a_long_log_is_renamed_and_its_writer_follows(home: Home) -> None:
    writing = """
import sys, time
from daybook.run.children import follow_log
while True:
    follow_log(sys.argv[1])
    sys.stderr.write("a line" + chr(10))
    sys.stderr.flush()
    time.sleep(0.01)
"""
    with home.locked():
        log = home.log("web")
        log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))
        with log.open("ab") as stream:
            writer = subprocess.Popen([sys.executable, "-c", writing, str(log)], stderr=stream)
        try:
            home.put_long_logs_aside()
            assert eventually(lambda: log.exists() and log.read_bytes().count(b"a line") > 3)
        finally:
            writer.kill()
            writer.wait()
        aside = home.logs / "web.log.1"
        assert aside.stat().st_size > LOG_LIMIT_BYTES
        assert log.read_bytes().startswith(b"a line")
        assert log.stat().st_mode & 0o777 == 0o600


def test_of_the_databases_log_the_end_is_kept_under_its_writer(home: Home) -> None:
    with home.locked(), home.log("postgres").open("ab") as writer:
        writer.write(b"x" * LOG_LIMIT_BYTES + b"the end")
        writer.flush()
        home.put_long_logs_aside()
        writer.write(b"next")
        writer.flush()
        assert home.log("postgres").read_bytes() == b"next"
        kept = (home.logs / "postgres.log.1").read_bytes()
        assert (len(kept), kept[-7:]) == (KEPT_BYTES, b"the end")


def test_a_log_that_cannot_be_put_aside_stays_and_nothing_fails(home: Home) -> None:
    with home.locked():
        home.log("web").write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))
        (home.logs / "web.log.1").mkdir()
        (home.logs / "web.log.1" / "in the way").touch()
        home.put_long_logs_aside()
        assert home.log("web").stat().st_size == LOG_LIMIT_BYTES + 1


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no file system in memory")
def test_counters_lie_in_memory_away_from_a_disk_that_may_be_full(home: Home) -> None:
    folder = home.empty_metrics_folder()
    try:
        assert folder.parent == Path("/dev/shm")
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "counter_1.db").touch()
        assert home.empty_metrics_folder() == folder
        assert not list(folder.iterdir())
    finally:
        folder.rmdir()
    folder.symlink_to("/tmp")  # somebody else's trick
    try:
        assert home.empty_metrics_folder() == home.path / "metrics"
    finally:
        folder.unlink()


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met
