"""What is recorded stays as it was recorded, whoever asks."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from eventstore.committer import GroupCommitter
from eventstore.records import Claim, NewDataKey
from tests.eventstore.values import append, event, key
from tests.support.postgres import Database

CHANGES = {
    "events": ["UPDATE log.events SET payload = ''", "DELETE FROM log.events", "TRUNCATE log.events"],
    "idempotency_keys": [
        "UPDATE log.idempotency_keys SET key = ''", "DELETE FROM log.idempotency_keys", "TRUNCATE log.idempotency_keys",
    ],
    "data_keys": ["UPDATE log.data_keys SET wrapped = ''", "DELETE FROM log.data_keys", "TRUNCATE log.data_keys"],
    "claims": ["UPDATE log.claims SET partition_id = gen_random_uuid()", "TRUNCATE log.claims"],
    "number_series": [
        "UPDATE log.number_series SET last_number = last_number - 1", "DELETE FROM log.number_series",
        "TRUNCATE log.number_series",
    ],
}  # fmt: skip
EVERY_CHANGE = [change for changes in CHANGES.values() for change in changes]


@pytest.fixture(scope="module", autouse=True)
def one_event(app_url: str) -> None:
    stream = uuid4()
    committer = GroupCommitter(app_url)
    committer.append(
        append(
            event(stream, series="order"),
            asked=key("first"),
            claims=[Claim("external_reference", "cart-1", stream)],
            data_keys=[NewDataKey(stream, b"customer", b"wrapped")],
        )
    )
    committer.close()


def everything(owner: psycopg.Connection[Any]) -> list[Any]:
    return [owner.execute(f"SELECT * FROM log.{table}").fetchall() for table in CHANGES]


@pytest.mark.parametrize("change", EVERY_CHANGE)
@pytest.mark.parametrize("who", ["owner_url", "app_url", "projector_url"])
def test_nobody_changes_what_is_recorded(
    database: Database, owner: psycopg.Connection[Any], who: str, change: str
) -> None:
    before = everything(owner)
    with psycopg.connect(getattr(database, who)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(change)
    assert everything(owner) == before
    assert all(before)


@pytest.mark.parametrize("table", CHANGES)
@pytest.mark.parametrize("who", ["app_url", "projector_url"])
def test_only_the_append_inserts(database: Database, who: str, table: str) -> None:
    with psycopg.connect(getattr(database, who)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(f"INSERT INTO log.{table} SELECT * FROM log.{table}")


def test_the_projector_may_not_append(projector_url: str) -> None:
    with psycopg.connect(projector_url) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT log.append(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)")


def test_the_parts_of_appending_and_erasing_cannot_be_called_alone(
    owner: psycopg.Connection[Any], app_url: str
) -> None:
    names = owner.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'log'::regnamespace AND"
        " has_function_privilege('daybook_app', oid, 'EXECUTE') ORDER BY proname"
    ).fetchall()
    assert [name for (name,) in names] == ["append", "erase", "leaf_bytes", "leaf_field"]


def test_a_session_that_plays_a_replica_is_refused_too(postgres: Any, database: Database) -> None:
    with psycopg.connect(postgres.admin_url(database)) as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(InsufficientPrivilege):
            connection.execute("DELETE FROM log.events")


def test_a_data_key_goes_only_by_erasing(database: Database) -> None:
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("SET LOCAL daybook.erasing = 'yes'")
        assert connection.execute("DELETE FROM log.data_keys").rowcount == 1
        connection.rollback()
