"""Whose failed sign-ins are counted together: by address and way, through the proxies that are trusted."""

from __future__ import annotations

import psycopg
import pytest

from access.roles import Role
from access.sessions import FAILURES_MAX, FAILURES_OF_ALL_MAX
from daybook.settings import Settings, SettingsError
from tests.support.postgres import Database
from tests.web.live import Site, open_site
from web.clients import Proxies


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("", "10.0.0.1", "1.2.3.4", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.2", "1.2.3.4", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.0/24, ::1", "::1", "6.6.6.6, 1.2.3.4,10.0.0.7", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "2001:DB8::1", "2001:db8::1"),
        ("10.0.0.1", "", "1.2.3.4", ""),
    ],
)
def test_a_client_is_who_came_to_the_first_trusted_proxy(trusted: str, peer: str, forwarded: str, client: str) -> None:
    environ = {"REMOTE_ADDR": peer} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})
    assert Proxies.of(trusted).client(environ) == client


def test_trusted_proxies_are_addresses() -> None:
    assert Settings.from_env({}).proxies == Proxies()
    assert len(Settings.from_env({"TRUSTED_PROXIES": "127.0.0.1, 10.1.0.0/16"}).proxies.networks) == 2
    for wrong in ("proxy.example.com", "10.1.0.1/16", "127.0.0.1:80"):
        with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
            Settings.from_env({"TRUSTED_PROXIES": wrong})


def tried(site: Site, key: str, client: str) -> int:
    headers = {"X-Forwarded-For": f"6.6.6.6, {client}"}
    return site.app.test_client().post("/sign-in", data={"key": key}, headers=headers).status_code


@pytest.fixture
def _fresh(database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("TRUNCATE access.failed_sign_ins")


@pytest.mark.usefixtures("_fresh")
def test_behind_a_trusted_proxy_one_address_does_not_stop_another(database: Database) -> None:
    with open_site(database, proxies="127.0.0.1") as site:
        assert [tried(site, "wrong", "1.1.1.1") for _ in range(FAILURES_MAX + 1)] == [401] * FAILURES_MAX + [429]
        assert tried(site, site.keys[Role.ADMIN], "1.1.1.1") == 429
        assert tried(site, site.keys[Role.ADMIN], "2.2.2.2") == 303


@pytest.mark.usefixtures("_fresh")
def test_failures_of_many_stop_no_key_that_works(database: Database) -> None:
    many = "INSERT INTO access.failed_sign_ins (client, way) SELECT 'far' || n, %s FROM generate_series(1, %s) n"
    with (
        open_site(database, proxies="127.0.0.1") as site,
        psycopg.connect(database.owner_url, autocommit=True) as owner,
    ):
        owner.execute(many, ["provider", FAILURES_OF_ALL_MAX])
        assert tried(site, "wrong", "1.1.1.1") == 401
        owner.execute(many, ["key", FAILURES_OF_ALL_MAX])
        assert tried(site, "wrong", "1.1.1.1") == 429
        assert tried(site, site.keys[Role.ADMIN], "1.1.1.1") == 303
