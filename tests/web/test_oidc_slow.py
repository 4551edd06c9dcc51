"""A provider that is slow keeps strangers' sign-ins waiting, and nobody and nothing else."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest
from flask.testing import FlaskClient

from access.oidc import signing_in, tickets
from access.oidc.configuration import Configuration
from tests.access.test_oidc_fetching import OK, answering
from tests.support.postgres import Database
from tests.web.live import Site, open_site

HOME = "http://127.0.0.1:1"
KEY = bytes(range(32))
OPEN_TURNS = 4


def saying_who_it_is(token: Callable[[socket.socket], None]) -> Callable[[socket.socket, bytes], None]:
    """A provider whose token endpoint answers so."""

    def answer(client: socket.socket, asked: bytes) -> None:
        if asked.startswith(b"POST"):
            token(client)
            return
        host = next(line for line in asked.decode().splitlines() if line.lower().startswith("host:")).split()[1]
        names = ("authorization", "token", "userinfo", "end_session")
        document = {"issuer": f"http://{host}", "jwks_uri": f"http://{host}/keys", "keys": []}
        document |= {f"{name}_endpoint": f"http://{host}/{name}" for name in names}
        client.sendall(OK + b"\r\n" + json.dumps(document).encode())

    return answer


def hanging(client: socket.socket) -> None:
    time.sleep(10)


def believing(issuer: str) -> Configuration:
    return Configuration(issuer, client_id="daybook", label="Example")


@pytest.fixture(autouse=True)
def patience(database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("TRUNCATE access.failed_sign_ins")


def begun(site: Site) -> tuple[FlaskClient, str]:
    """A browser with a sign-in under way, and the address with which the provider would send it back."""
    client = site.app.test_client()
    state = parse_qs(urlsplit(client.get("/sign-in/oidc").headers["Location"]).query)["state"][0]
    return client, f"/sign-in/oidc/callback?{urlencode({'code': 'any', 'state': state})}"


def test_a_slow_token_endpoint_keeps_nothing_else_waiting(database: Database) -> None:
    with (
        answering(saying_who_it_is(hanging)) as (issuer, _),
        open_site(database, oidc=believing(issuer), public_url=HOME) as site,
    ):
        statuses: list[int] = []
        browsers = [begun(site) for _ in range(OPEN_TURNS)]
        waiting = [
            threading.Thread(target=lambda on=on, path=path: statuses.append(on.get(path).status_code))
            for on, path in browsers
        ]
        for thread in waiting:
            thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        assert site.app.test_client().get("/sign-in").status_code == 200
        assert site.app.test_client().get("/track/nonsense").status_code == 404
        assert time.monotonic() - began < 1.5
        for thread in waiting:
            thread.join()
        assert statuses == [503] * OPEN_TURNS
        began = time.monotonic()
        on, path = begun(site)
        assert on.get(path).status_code == 503  # it is left alone for a moment
        assert time.monotonic() - began < 1.5


def test_who_asks_a_provider_that_is_away_again_and_again_waits(database: Database) -> None:
    with (
        answering(saying_who_it_is(lambda client: client.close())) as (issuer, _),
        open_site(database, oidc=believing(issuer), public_url=HOME) as site,
    ):
        on, path = begun(site)
        assert [on.get(path).status_code for _ in range(11)] == [503] * 10 + [429]


def test_a_sign_in_that_was_not_begun_here_asks_nobody(database: Database) -> None:
    with (
        answering(saying_who_it_is(hanging)) as (issuer, seen),
        open_site(database, oidc=believing(issuer), public_url=HOME) as site,
    ):
        own = tickets.new_ticket(b"a key of a stranger's own here..")
        good = tickets.new_ticket(KEY)
        for forged in ("s" * 43, own, "x" + good[1:], good[:43] + "00ffffffff" + good[53:], good + "A"):
            client = site.app.test_client()
            client.set_cookie("daybook_oidc", forged)
            state = signing_in._derived(forged, "state")
            answer = client.get(f"/sign-in/oidc/callback?{urlencode({'code': 'any', 'state': state})}")
            assert answer.status_code == 400
        assert seen == []


def test_a_ticket_is_good_for_some_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = tickets.new_ticket(KEY)
    assert tickets.is_good(ticket, KEY)
    now = time.time()
    for at, good in ((now + tickets.TICKET_SECONDS - 5, True), (now + tickets.TICKET_SECONDS + 5, False)):
        monkeypatch.setattr("time.time", lambda at=at: at)
        assert tickets.is_good(ticket, KEY) is good
