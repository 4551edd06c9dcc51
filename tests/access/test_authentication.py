"""From a key to its caller: remembered for a second and no longer, its use written down once an hour."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from access.authentication import TTL_SECONDS, ApiKeys, KeyRefused
from access.key_form import id_in
from access.keys import ApiKey, create_key, list_keys, revoke_key, rotate_key
from access.roles import Caller, Role
from tests.support.postgres import Database

Pool = ConnectionPool[psycopg.Connection[Any]]
Owner = psycopg.Connection[Any]


@pytest.fixture
def owner(database: Database) -> Iterator[Owner]:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def pool(database: Database) -> Iterator[Pool]:
    with ConnectionPool(database.app_url, min_size=1, max_size=2, open=True) as pool:
        yield pool


def id_of(key: str) -> str:
    found = id_in(key)
    assert found
    return found


def stored(owner: Owner, key: str) -> ApiKey:
    return next(row for row in list_keys(owner) if row.id == id_of(key))


def test_a_key_leads_to_its_caller(owner: Owner, pool: Pool) -> None:
    key = create_key(owner, Role.CUSTOMER, "Ana Silva", customer_id="c-17")
    assert key.startswith("dbk_")
    assert ApiKeys(pool).caller_of(key) == Caller(id_of(key), Role.CUSTOMER, "Ana Silva", "c-17")


@pytest.mark.parametrize("key", ["", "secret", "dbk_000000000000_" + "0" * 48])
def test_what_is_no_key_is_refused_without_being_repeated(pool: Pool, key: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        ApiKeys(pool).caller_of(key)
    assert not key or key not in str(refused.value)


def test_a_revoked_key_is_refused_within_a_second_by_every_process(owner: Owner, pool: Pool) -> None:
    processes = [ApiKeys(pool), ApiKeys(pool)]
    key = create_key(owner, Role.AUDITOR, "short-lived")
    for process in processes:
        process.caller_of(key)
    assert revoke_key(owner, id_of(key))
    time.sleep(TTL_SECONDS)
    for process in processes:
        with pytest.raises(KeyRefused, match="expired or revoked"):
            process.caller_of(key)
    assert TTL_SECONDS <= 1


def test_a_key_ends_when_it_expires(owner: Owner, pool: Pool) -> None:
    keys = ApiKeys(pool, ttl_seconds=0)
    key = create_key(owner, Role.ADMIN, "for a moment", valid_for=timedelta(seconds=0.5))
    assert keys.caller_of(key).name == "for a moment"
    time.sleep(0.6)
    with pytest.raises(KeyRefused, match="expired or revoked"):
        keys.caller_of(key)
    assert rotate_key(owner, id_of(key), timedelta(0)) is None
    assert not revoke_key(owner, id_of(key))


def test_the_use_of_a_key_is_written_down_to_the_hour(owner: Owner, pool: Pool) -> None:
    keys = ApiKeys(pool)
    key = create_key(owner, Role.ADMIN, "Ana")
    assert stored(owner, key).last_used_at is None
    keys.caller_of(key)
    found = owner.execute("SELECT last_used_at FROM access.key_uses WHERE key_id = %s", [id_of(key)]).fetchone()
    assert found is not None
    used = found[0]
    assert (used.minute, used.second, used.microsecond) == (0, 0, 0)
    assert timedelta(0) <= datetime.now().astimezone() - used < timedelta(hours=1, seconds=5)


def test_no_key_was_used_before_it_was_made(owner: Owner, pool: Pool) -> None:
    key = create_key(owner, Role.ADMIN, "Ana")
    ApiKeys(pool).caller_of(key)
    assert stored(owner, key).last_used_at == stored(owner, key).created_at


def test_who_only_guesses_does_not_count_as_its_user(owner: Owner, pool: Pool) -> None:
    key = create_key(owner, Role.ADMIN, "Ana")
    with pytest.raises(KeyRefused):
        ApiKeys(pool).caller_of(key[:-1] + ("0" if key[-1] != "0" else "1"))
    assert stored(owner, key).last_used_at is None


def test_within_the_hour_nothing_is_written_again(owner: Owner, pool: Pool) -> None:
    key = create_key(owner, Role.ADMIN, "Ana")
    keys = ApiKeys(pool, ttl_seconds=0)
    keys.caller_of(key)
    query = "SELECT xmin::text FROM access.key_uses WHERE key_id = %s"
    first = owner.execute(query, [id_of(key)]).fetchone()
    for process in (keys, ApiKeys(pool)):
        process.caller_of(key)
    assert owner.execute(query, [id_of(key)]).fetchone() == first


def test_a_use_that_cannot_be_written_down_keeps_nobody_out(owner: Owner, database: Database) -> None:
    key = create_key(owner, Role.ADMIN, "Ana")
    only_reading = {"options": "-c role=daybook_app -c default_transaction_read_only=on"}
    with ConnectionPool(database.app_url, kwargs=only_reading, min_size=1, max_size=2, open=True) as pool:
        assert ApiKeys(pool).caller_of(key).name == "Ana"
    assert stored(owner, key).last_used_at is None


def test_rotating_twice_does_not_cut_the_first_overlap(owner: Owner, pool: Pool) -> None:
    keys = ApiKeys(pool, ttl_seconds=0)
    key = create_key(owner, Role.INTEGRATOR, "ERP")
    first = rotate_key(owner, id_of(key), timedelta(days=1))
    second = rotate_key(owner, id_of(key), None)
    longer = rotate_key(owner, id_of(key), timedelta(days=7))
    assert first
    assert second
    assert longer
    assert first.old_ends_at == second.old_ends_at == longer.old_ends_at
    for each in (key, first.key, second.key):
        assert keys.caller_of(each).name == "ERP"


def test_rotating_twice_with_a_shorter_overlap_ends_the_key_sooner(owner: Owner, pool: Pool) -> None:
    keys = ApiKeys(pool, ttl_seconds=0)
    key = create_key(owner, Role.INTEGRATOR, "ERP")
    assert rotate_key(owner, id_of(key), timedelta(days=1))
    assert rotate_key(owner, id_of(key), timedelta(0))
    with pytest.raises(KeyRefused):
        keys.caller_of(key)


def test_a_key_that_replaces_another_lives_as_long_as_that_was_made_for(owner: Owner) -> None:
    key = create_key(owner, Role.ADMIN, "Ana", valid_for=timedelta(days=90))
    replaced = rotate_key(owner, id_of(key), timedelta(0))
    assert replaced
    new = stored(owner, replaced.key)
    assert new.expires_at
    assert abs(new.expires_at - new.created_at - timedelta(days=90)) < timedelta(seconds=1)
    longer = rotate_key(owner, new.id, timedelta(0), timedelta(days=365))
    assert longer
    ends = stored(owner, longer.key).ends_at
    assert ends
    assert ends > datetime.now().astimezone() + timedelta(days=364)
