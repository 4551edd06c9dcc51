"""Daybook's home: one run at a time, secrets for their owner only, keys that stay."""

import os
from pathlib import Path

import psycopg
import pytest

from daybook.dev_keys import ensure_dev_keys
from daybook.home import LOG_LIMIT_BYTES, ROLES, Home
from daybook.settings import SettingsError
from tests.support.postgres import Database
from web.auth import list_keys, revoke_key


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


def test_a_long_log_is_put_aside_under_its_writer(home: Home) -> None:
    with home.locked(), home.log("web").open("ab") as writer:
        writer.write(b"x" * (LOG_LIMIT_BYTES + 1))
        writer.flush()
        home.put_long_logs_aside()
        writer.write(b"next")
        writer.flush()
        assert home.log("web").read_bytes() == b"next"
        assert (home.logs / "web.log.1").stat().st_size == LOG_LIMIT_BYTES + 1
