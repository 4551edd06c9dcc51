"""Keys made, replaced and revoked stand in the log with who did it, however it was done."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import errors

from access.keys import create_key, revoke_key, rotate_key
from access.roles import Role
from domain.access import ACCESS
from tests.support.postgres import Database
from tests.web.edge import bearer
from tests.web.live import Site, another_order


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('daybook.actor', 'ana', false)")
        yield connection


def told(site: Site) -> list[dict[str, Any]]:
    """What happened to access, oldest first."""
    items: list[dict[str, Any]] = site.get("/audit/access/events?limit=500", Role.AUDITOR).get_json()["items"]
    return items


def id_of(key: str) -> str:
    return key.split("_")[1]


def rotate(owner: psycopg.Connection[Any], key: str, overlap: timedelta) -> str:
    replaced = rotate_key(owner, id_of(key), overlap)
    assert replaced is not None
    return replaced.key


def test_making_replacing_and_revoking_a_key_is_told_with_who_did_it(
    site: Site, owner: psycopg.Connection[Any]
) -> None:
    before = len(told(site))
    first = create_key(owner, Role.AUDITOR, "Ana Silva")
    second = rotate(owner, first, timedelta(0))
    assert revoke_key(owner, id_of(second))
    events = told(site)[before:]
    assert [event["type"] for event in events] == ["KeyCreated", "KeyRotated", "KeyRevoked", "KeyRevoked"]
    assert [event["data"]["key_id"] for event in events] == [id_of(key) for key in (first, second, first, second)]
    assert events[1]["data"]["replaces"] == id_of(first)
    assert {tuple(event["actor"].values()) for event in events} == {("operator", "ana", "ana")}
    assert all(secret not in str(events) for secret in (first, second))


def test_a_key_that_was_put_in_by_hand_is_told_too(site: Site, database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO access.api_keys (id, role, name, secret_hash) VALUES ('by-hand', 'admin', 'Nobody', %s)",
            [bytes(32)],
        )
    last = told(site)[-1]
    assert (last["type"], last["data"]) == ("KeyCreated", {"key_id": "by-hand", "role": "admin"})
    assert last["actor"]["type"] == "database"


def test_a_transaction_that_is_left_open_holds_up_no_command(site: Site, database: Database) -> None:
    with psycopg.connect(database.owner_url) as connection:
        create_key(connection, Role.ADMIN, "still typing")
        assert site.post("orders", another_order()).status_code == 201
        connection.rollback()
    assert told(site)[-1]["data"]["key_id"] != "still typing"


def test_a_replaced_key_works_until_its_overlap_ends(site: Site, owner: psycopg.Connection[Any]) -> None:
    first = create_key(owner, Role.ADMIN, "ERP")
    second = rotate(owner, first, timedelta(hours=1))
    for key in (first, second):
        assert site.client.get("/queries/projections", headers=bearer(key)).status_code == 200
    third = rotate(owner, second, timedelta(0))
    assert site.app.test_client().get("/queries/projections", headers=bearer(third)).status_code == 200
    assert rotate_key(owner, id_of(second), timedelta(0)) is None


def test_a_key_that_ended_cannot_come_back_nor_change_its_name(owner: psycopg.Connection[Any]) -> None:
    key = id_of(create_key(owner, Role.ADMIN, "Ana"))
    assert revoke_key(owner, key)
    for change in ("revoked_at = NULL", "revoked_at = now() + interval '1 day'", "name = 'Eve'", "role = 'auditor'"):
        with pytest.raises(errors.InsufficientPrivilege, match="only its end is set"):
            owner.execute(f"UPDATE access.api_keys SET {change} WHERE id = %s", [key])
    with pytest.raises(errors.InsufficientPrivilege, match="stays as it was"):
        owner.execute("DELETE FROM access.api_keys WHERE id = %s", [key])


@pytest.mark.parametrize("name", ["", "  ", "\t", "x" * 101, "a\u202eb", "a\0b"])
def test_a_key_without_a_name_that_can_be_shown_is_refused(owner: psycopg.Connection[Any], name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        create_key(owner, Role.ADMIN, name)


def test_the_database_refuses_an_empty_name_as_well(owner: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.CheckViolation):
        owner.execute(
            "INSERT INTO access.api_keys (id, role, name, secret_hash) VALUES ('nameless', 'admin', ' ', %s)",
            [bytes(32)],
        )


def test_pages_of_the_access_history_follow_each_other(site: Site, owner: psycopg.Connection[Any]) -> None:
    create_key(owner, Role.ADMIN, "one more")
    url: str | None = "/audit/access/events?limit=1"
    seen = []
    while url:
        page = site.get(url, Role.AUDITOR).get_json()
        seen += page["items"]
        url = page["next"]
    assert seen == told(site)
    assert site.get("/audit/access/events", Role.INTEGRATOR).status_code == 403


@pytest.mark.parametrize("path", ["queries/orders", "queries/shipments", "audit/orders"])
def test_the_stream_of_access_is_no_order(site: Site, path: str) -> None:
    ending = "/events" if path.startswith("audit") else ""
    assert site.get(f"/{path}/{ACCESS}{ending}").status_code == 404
    assert site.post(f"orders/{ACCESS}/hold").status_code == 404
