"""Signing in on the pages by an OpenID provider: there and back, and everything that must not sign anybody in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from access.erasing import end_keys, has_keys
from access.oidc import signing_in
from access.oidc.configuration import Configuration
from access.people import Identity, KnownPeople, bar
from access.roles import Role
from tests.support.oidc import AUDIENCE, Browser, Keys, OpenIdProvider
from tests.support.postgres import Database
from tests.web.live import Site, open_site
from tests.web.test_pages import csrf_in

HOME = "http://127.0.0.1:1"
CALLBACK = f"{HOME}/sign-in/oidc/callback"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    running = OpenIdProvider(tmp_path_factory.mktemp("provider"), Keys("first"), CALLBACK)
    yield running
    running.stop()


def believing(provider: OpenIdProvider, **changes: Any) -> Configuration:
    settings = {"issuer": provider.issuer, "client_id": "daybook", "client_secret": "a secret of the pages"}
    return Configuration(**(settings | {"audience": AUDIENCE, "label": "Example"} | changes))


@pytest.fixture(scope="module")
def shop(database: Database, provider: OpenIdProvider) -> Iterator[Site]:
    with open_site(database, oidc=believing(provider), public_url=HOME) as site:
        yield site


@pytest.fixture(autouse=True)
def patience(database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("TRUNCATE access.failed_sign_ins")


def begun(client: FlaskClient, wanted: str = "/") -> str:
    """Begin a sign-in: where the browser is sent."""
    answer = client.get("/sign-in/oidc", query_string={"next": wanted, "zone": "Europe/Lisbon"})
    assert answer.status_code == 303
    return answer.headers["Location"]


def came_back(client: FlaskClient, address: str) -> Any:
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    return client.get(f"{parts.path}?{parts.query}")


def signed_in(site: Site, provider: OpenIdProvider, login: str, wanted: str = "/") -> tuple[FlaskClient, Any]:
    client = site.app.test_client()
    return client, came_back(client, Browser(provider.port).sign_in(begun(client, wanted), login))


def without(address: str, *names: str, **changes: str) -> str:
    parts = urlsplit(address)
    kept = {name: values[0] for name, values in parse_qs(parts.query).items() if name not in names}
    return parts._replace(query=urlencode(kept | changes)).geturl()


def is_known(client: FlaskClient) -> bool:
    return client.get("/settings").status_code == 200


def test_a_person_signs_in_and_comes_to_the_page_that_was_wanted(shop: Site, provider: OpenIdProvider) -> None:
    client = shop.app.test_client()
    stranger = client.get("/invoices?limit=5")
    form = client.get(stranger.headers["Location"]).text
    assert "/sign-in/oidc?next=%2Finvoices%3Flimit%3D5" in form
    assert "Sign in with Example" in form
    client, answer = signed_in(shop, provider, "ana", "/invoices?limit=5")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/invoices?limit=5")
    page = client.get("/settings")
    assert page.status_code == 200
    assert "Ana Silva" in page.text
    assert "Keys and people" in page.text  # an admin


def test_the_cookies_of_a_sign_in_are_for_the_server_alone(shop: Site, provider: OpenIdProvider) -> None:
    client = shop.app.test_client()
    started = client.get("/sign-in/oidc")
    kept = next(each for each in started.headers.getlist("Set-Cookie") if each.startswith("daybook_oidc="))
    assert all(part in kept for part in ("HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"))
    answer = came_back(client, Browser(provider.port).sign_in(started.headers["Location"], "ana"))
    said = answer.headers.getlist("Set-Cookie")
    assert any(each.startswith("daybook_session=") and "HttpOnly" in each for each in said)
    assert any(each.startswith("daybook_oidc=;") for each in said)


def test_with_tls_the_cookies_go_no_other_way(database: Database, provider: OpenIdProvider) -> None:
    with open_site(database, oidc=believing(provider), public_url="https://orders.example.com") as site:
        kept = site.app.test_client().get("/sign-in/oidc").headers.getlist("Set-Cookie")[0]
    assert kept.startswith("__Host-daybook_oidc=")
    assert "Secure" in kept


def test_what_is_asked_of_the_provider_tells_no_secret(shop: Site) -> None:
    client = shop.app.test_client()
    asked = parse_qs(urlsplit(begun(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    cookie = client.get_cookie("daybook_oidc")
    assert cookie
    secret = cookie.value.partition(".")[0]
    values = [value for values in asked.values() for value in values]
    assert secret not in values
    assert len({*values}) == len(values)
    again = parse_qs(urlsplit(begun(client)).query)
    assert {asked[name][0] for name in ("state", "nonce", "code_challenge")}.isdisjoint(
        {again[name][0] for name in ("state", "nonce", "code_challenge")}
    )


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"])
def test_signing_in_leads_nowhere_else(shop: Site, provider: OpenIdProvider, elsewhere: str) -> None:
    assert signed_in(shop, provider, "ana", elsewhere)[1].headers["Location"] == "/"
    client = shop.app.test_client()
    address = Browser(provider.port).sign_in(begun(client), "ana")
    cookie = client.get_cookie("daybook_oidc")
    assert cookie
    secret = cookie.value.partition(".")[0]
    client.set_cookie("daybook_oidc", f"{secret}.https%3A%2F%2Fevil.example")
    assert came_back(client, address).headers["Location"] == "/"


def test_roles_come_from_the_provider(shop: Site, provider: OpenIdProvider) -> None:
    client, _ = signed_in(shop, provider, "bob")  # an auditor, by a text
    assert client.get("/audit").status_code == 200
    assert client.post("/orders/act", data={}).status_code == 403


def test_who_has_no_role_is_told_and_not_signed_in(shop: Site, provider: OpenIdProvider) -> None:
    client, answer = signed_in(shop, provider, "eve")
    assert answer.status_code == 403
    assert "you have no role in Daybook" in answer.text
    assert "Sign in with Example" in answer.text
    assert not is_known(client)


def test_an_answer_is_good_in_the_browser_that_asked(shop: Site, provider: OpenIdProvider) -> None:
    attacker, victim = shop.app.test_client(), shop.app.test_client()
    address = Browser(provider.port).sign_in(begun(attacker), "ana")
    for client in (victim, shop.app.test_client()):
        if client is victim:
            begun(client)  # has a sign-in of its own under way
        answer = came_back(client, address)
        assert answer.status_code == 400
        assert "begun in another browser" in answer.text
        assert not is_known(client)
    assert came_back(attacker, address).status_code == 303


def test_an_answer_without_its_state_does_nothing(shop: Site, provider: OpenIdProvider) -> None:
    for changed in ({"names": ["state"]}, {"state": ""}, {"state": "x" * 43}, {"state": "\u00e9"}):
        client = shop.app.test_client()
        address = Browser(provider.port).sign_in(begun(client), "ana")
        names = changed.pop("names", [])
        assert came_back(client, without(address, *names, **changed)).status_code == 400
        assert not is_known(client)
        assert came_back(client, address).status_code == 400  # the sign-in is over


def test_an_answer_of_another_issuer_does_nothing(shop: Site, provider: OpenIdProvider) -> None:
    for changed in (["iss"], []):
        client = shop.app.test_client()
        address = Browser(provider.port).sign_in(begun(client), "ana")
        evil = {} if changed else {"iss": "https://evil.example"}
        assert came_back(client, without(address, *changed, **evil)).status_code == 400
        assert not is_known(client)


def test_a_code_works_once(shop: Site, provider: OpenIdProvider) -> None:
    client = shop.app.test_client()
    address = Browser(provider.port).sign_in(begun(client), "ana")
    cookie = client.get_cookie("daybook_oidc")
    assert cookie
    assert came_back(client, address).status_code == 303
    thief = shop.app.test_client()
    thief.set_cookie("daybook_oidc", cookie.value)
    answer = came_back(thief, address)
    assert answer.status_code == 403
    assert "invalid_grant" in answer.text
    assert not is_known(thief)


def test_a_code_of_another_sign_in_is_refused(shop: Site, provider: OpenIdProvider) -> None:
    attacker, victim = shop.app.test_client(), shop.app.test_client()
    stolen = parse_qs(urlsplit(Browser(provider.port).sign_in(begun(attacker), "ana")).query)["code"][0]
    own = Browser(provider.port).sign_in(begun(victim), "bob")
    answer = came_back(victim, without(own, "code", code=stolen))
    assert answer.status_code == 403  # its challenge was another one
    assert not is_known(victim)


def test_no_code_and_a_strange_code_are_refused(shop: Site, provider: OpenIdProvider) -> None:
    for code in ("", "nonsense", "c" * 5_000):
        client = shop.app.test_client()
        own = Browser(provider.port).sign_in(begun(client), "ana")
        assert came_back(client, without(own, "code", code=code)).status_code == 403
        assert not is_known(client)


def test_the_log_says_why_nobody_was_signed_in(
    shop: Site, provider: OpenIdProvider, told_instead: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    assert signed_in(shop, provider, "eve")[1].status_code == 403
    told_instead(iat=time.time() + 600)
    assert answer_to(shop, provider).status_code == 401
    told = [record.getMessage() for record in caplog.records if record.name == "daybook.oidc"]
    assert ["NoRole" in told[0], "claim roles is missing" in told[0], "clock" in told[1]] == [True] * 3
    assert all("correlation_id=" in each and "eyJ" not in each for each in told)


def test_a_refusal_of_the_provider_is_told_by_its_code_alone(shop: Site, provider: OpenIdProvider) -> None:
    client = shop.app.test_client()
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    back = urlencode(
        {"error": "access_denied", "error_description": "Call 0800", "state": state, "iss": provider.issuer}
    )
    answer = client.get(f"/sign-in/oidc/callback?{back}")
    assert answer.status_code == 403
    assert "access_denied" in answer.text
    assert "0800" not in answer.text
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    back = urlencode({"error": "<b>Call 0800</b>", "state": state, "iss": provider.issuer})
    assert "0800" not in client.get(f"/sign-in/oidc/callback?{back}").text


def test_a_session_from_before_is_not_gone_on_with(shop: Site, provider: OpenIdProvider) -> None:
    client = shop.app.test_client()
    address = Browser(provider.port).sign_in(begun(client), "bob")
    client.post("/sign-in", data={"key": shop.keys[Role.ADMIN]})  # somebody else signs in meanwhile
    planted = client.get_cookie("daybook_session")
    assert planted
    came_back(client, address)
    fresh = client.get_cookie("daybook_session")
    assert fresh
    assert fresh.value != planted.value
    other = shop.app.test_client()
    other.set_cookie("daybook_session", planted.value)
    assert not is_known(other)


def test_a_page_that_is_loaded_again_after_signing_in_leads_on(shop: Site, provider: OpenIdProvider) -> None:
    client = shop.app.test_client()
    address = Browser(provider.port).sign_in(begun(client), "ana")
    assert came_back(client, address).status_code == 303
    again = came_back(client, address)
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    assert client.get("/sign-in/oidc?next=/invoices").headers["Location"] == "/invoices"


def test_who_signs_out_may_do_so_at_the_provider_too(shop: Site, provider: OpenIdProvider) -> None:
    client, _ = signed_in(shop, provider, "ana")
    csrf = client.get("/settings").text.partition('name="csrf" value="')[2].partition('"')[0]
    answer = client.post("/sign-out", data={"csrf": csrf})
    assert not is_known(client)
    page = client.get(answer.headers["Location"]).text
    assert f'href="{provider.issuer}/session/end?client_id=daybook' in page
    by_key = shop.app.test_client()
    by_key.post("/sign-in", data={"key": shop.keys[Role.ADMIN]})
    csrf = by_key.get("/settings").text.partition('name="csrf" value="')[2].partition('"')[0]
    assert by_key.post("/sign-out", data={"csrf": csrf}).headers["Location"] == "/sign-in"


def test_a_session_ends_within_a_day_and_with_a_bar(shop: Site, provider: OpenIdProvider, database: Database) -> None:
    client, _ = signed_in(shop, provider, "bob")
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        row = owner.execute("SELECT id FROM access.people WHERE subject = 'bob'").fetchone()
        assert row
        owner.execute("UPDATE access.sessions SET ends_at = now() WHERE key_id = %s", row)
        assert not is_known(client)
        client, _ = signed_in(shop, provider, "bob")
        assert is_known(client)
        bar(owner, row[0], barred=True)
        assert not is_known(client)
        refused = signed_in(shop, provider, "bob")[1]
        assert (refused.status_code, "You may not sign in here" in refused.text) == (403, True)
        bar(owner, row[0], barred=False)
    assert is_known(signed_in(shop, provider, "bob")[0])


def test_an_admin_bars_people_on_the_pages(shop: Site, provider: OpenIdProvider) -> None:
    leaver, _ = signed_in(shop, provider, "bob")
    admin, _ = signed_in(shop, provider, "ana")
    page = admin.get("/settings/keys").text
    assert "People of Example" in page
    path = re.search(r'title="(oidc-[0-9a-f]+)"><bdi>Bob Stone', page)
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert path
    assert csrf
    form = {"csrf": csrf[1]}
    assert admin.post(f"/settings/people/{path[1]}/bar", data=form).status_code == 303
    assert not is_known(leaver)
    assert "Let in again" in admin.get("/settings/keys").text
    event = shop.get("/audit/access/events?limit=500").get_json()["items"][-1]
    assert (event["type"], event["actor"]["type"], event["actor"]["name"]) == ("PersonBarred", "admin", "Ana Silva")
    admin.post(f"/settings/people/{path[1]}/unbar", data=form)
    assert is_known(signed_in(shop, provider, "bob")[0])


def made_key(client: FlaskClient, **said: str) -> str:
    page = client.get("/settings/keys").text
    form = {"csrf": csrf_in(page), "key": "a form with this very name", "role": "admin", "expires": "90d"}
    answer = client.post("/settings/keys", data=form | said)
    assert answer.status_code == 201
    found = re.search(r"dbk_[0-9a-f]{12}_[0-9a-f]{48}", answer.text)
    assert found
    return found[0]


def test_with_a_bar_the_keys_end_that_the_person_made(shop: Site, provider: OpenIdProvider, database: Database) -> None:
    leaver, _ = signed_in(shop, provider, "ana")
    first, kept = made_key(leaver, name="Back door"), made_key(leaver, name="Front door")
    by_key = shop.app.test_client()
    by_key.post("/sign-in", data={"key": first})
    deeper = made_key(by_key, name="Cellar")
    ids = [key.split("_")[1] for key in (first, kept, deeper)]
    admin = shop.app.test_client()
    admin.post("/sign-in", data={"key": shop.keys[Role.ADMIN]})
    page = admin.get("/settings/keys?q=ana").text
    assert [f'value="{each}" checked' in page for each in ids] == [True, True, False]
    assert f'value="{ids[2]}"' in page
    assert "Ana Silva" in admin.get(f"/settings/keys/{ids[0]}").text
    person = re.search(r"/settings/people/(oidc-[0-9a-f]+)/bar", page)
    assert person
    form = {"csrf": csrf_in(page), "revoke": [ids[0], ids[2], shop.keys[Role.AUDITOR].split("_")[1]]}
    assert admin.post(f"/settings/people/{person[1]}/bar", data=form).status_code == 303
    keys = [first, kept, deeper, shop.keys[Role.AUDITOR]]
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        ended = [owner.execute("SELECT revoked_at FROM access.api_keys WHERE id = %s", [k.split("_")[1]]) for k in keys]
        assert [row.fetchone() == (None,) for row in ended] == [False, True, False, True]
        assert "still valid:" in admin.get("/settings/keys?q=ana").text
        bar(owner, person[1], barred=False)


def test_staff_are_found_however_many_others_come(fresh_database: Database, provider: OpenIdProvider) -> None:
    many = """
        INSERT INTO access.people (id, issuer, subject, name, roles, customer_id)
        SELECT 'oidc-' || lpad(to_hex(n), 24, '0'), 'https://x', 'c' || n, 'Customer ' || n, '{customer}', 'c-' || n
        FROM generate_series(1, 250) n
    """
    with (
        open_site(fresh_database, oidc=believing(provider), public_url=HOME) as site,
        psycopg.connect(fresh_database.owner_url, autocommit=True) as owner,
    ):
        admin, _ = signed_in(site, provider, "ana")
        owner.execute(many)
        page = admin.get("/settings/keys").text
        assert page.index("Ana Silva</bdi></th>") < page.index("Customer 1<")
        found = admin.get("/settings/keys?q=customer+17").text
        assert "Customer 171" in found
        assert "Customer 18" not in found
        assert "Nobody of the kind" in admin.get("/settings/keys?q=nobody").text
    with open_site(fresh_database) as site:
        assert admin.get_cookie("daybook_session")
        elsewhere = site.app.test_client()
        elsewhere.set_cookie("daybook_session", admin.get_cookie("daybook_session").value)  # type: ignore[union-attr]
        assert not is_known(elsewhere)  # of an issuer that is configured no more


def test_who_fails_too_often_waits(shop: Site, provider: OpenIdProvider) -> None:
    for _ in range(10):
        client = shop.app.test_client()
        state = parse_qs(urlsplit(begun(client)).query)["state"][0]
        back = urlencode({"code": "guessed", "state": state, "iss": provider.issuer})
        assert client.get(f"/sign-in/oidc/callback?{back}").status_code == 403
    answer = shop.app.test_client().get("/sign-in/oidc")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert shop.app.test_client().post("/sign-in", data={"key": shop.keys[Role.ADMIN]}).status_code == 303


def test_who_has_no_role_or_is_refused_for_our_mistake_fails_nothing(
    shop: Site, provider: OpenIdProvider, database: Database
) -> None:
    assert signed_in(shop, provider, "eve")[1].status_code == 403
    with open_site(database, oidc=believing(provider, client_secret="wrong"), public_url=HOME) as site:
        assert "invalid_client" in signed_in(site, provider, "ana")[1].text
    with psycopg.connect(database.owner_url) as owner:
        assert owner.execute("SELECT count(*) FROM access.failed_sign_ins").fetchone() == (0,)


def test_what_people_keep_is_theirs(shop: Site, provider: OpenIdProvider) -> None:
    client, _ = signed_in(shop, provider, "ana")
    csrf = client.get("/settings").text.partition('name="csrf" value="')[2].partition('"')[0]
    assert client.post("/settings", data={"csrf": csrf, "language": "de"}).status_code == 303
    view = {"csrf": csrf, "name": "Ana's", "query": "status=Pending"}
    assert client.post("/views", data=view).status_code == 303
    again, _ = signed_in(shop, provider, "ana")
    assert "Einstellungen" in again.get("/settings").text
    assert "Ana&#39;s" in again.get("/").text
    other, _ = signed_in(shop, provider, "bob")
    assert "Ana&#39;s" not in other.get("/").text


def test_a_customer_sees_their_own_orders_and_is_erased(database: Database, tmp_path: Path) -> None:
    people = {"carl": {"name": "Carl Buyer", "roles": ["customer"], "customer_id": "c-77"}}
    provider = OpenIdProvider(tmp_path, Keys("own"), CALLBACK, people=people)
    try:
        with open_site(database, oidc=believing(provider), public_url=HOME) as site:
            client, _ = signed_in(site, provider, "carl")
            assert client.get("/account").status_code == 200
            assert client.get("/invoices").status_code == 403
            report = site.get("/audit/customers/c-77/access-report").get_json()
            assert [key["name"] for key in report["keys"]] == ["Carl Buyer"]
            erased = site.post("customers/c-77/erase", {"reason": "asked for it"}, role=Role.ADMIN)
            assert erased.status_code == 200, erased.get_json()
            assert client.get("/account").status_code == 303
            with psycopg.connect(database.owner_url) as owner:
                rows = owner.execute("SELECT p::text FROM access.people p").fetchall()
            assert signed_in(site, provider, "carl")[1].status_code == 303  # as somebody new
            assert not any("Carl" in row[0] or "carl" in row[0] or "c-77" in row[0] for row in rows)
    finally:
        provider.stop()


def test_erasing_lets_nobody_in_again_and_a_changed_role_escapes_it_not(
    fresh_database: Database, tmp_path: Path
) -> None:
    people = {name: {"name": name, "roles": ["customer"], "customer_id": f"c-{name}"} for name in ("carl", "dora")}
    provider = OpenIdProvider(tmp_path, Keys("own"), CALLBACK, people=people)
    ids = "SELECT id, name, customers FROM access.people ORDER BY first_seen_at"
    try:
        with (
            open_site(fresh_database, oidc=believing(provider), public_url=HOME) as site,
            ConnectionPool(fresh_database.app_url, min_size=1, max_size=2, open=True) as pool,
            psycopg.connect(fresh_database.owner_url, autocommit=True) as owner,
        ):
            for name in people:
                assert signed_in(site, provider, name)[1].status_code == 303
            (carl, dora) = owner.execute(ids).fetchall()
            bar(owner, carl[0], barred=True)
            known = KnownPeople(pool)
            known.meet(Identity(provider.issuer, "dora", "dora", Role.CUSTOMER, "c-other"))
            known.meet(Identity(provider.issuer, "dora", "dora", Role.AUDITOR))
            assert owner.execute(ids).fetchall()[1] == (dora[0], "dora", ["c-dora", "c-other"])
            for name in people:
                assert has_keys(pool, f"c-{name}")
                end_keys(owner, f"c-{name}")
            assert [row[1] for row in owner.execute(ids).fetchall()] == ["[erased]", "[erased]"]
            assert "carl" not in str(owner.execute("SELECT p::text FROM access.people p").fetchall())
            assert signed_in(site, provider, "carl")[1].status_code == 403
            assert signed_in(site, provider, "dora")[1].status_code == 303
    finally:
        provider.stop()


def test_roles_and_names_may_stand_in_the_token_itself(database: Database, tmp_path: Path) -> None:
    provider = OpenIdProvider(tmp_path, Keys("own"), CALLBACK, conformIdTokenClaims=False)
    try:
        with open_site(database, oidc=believing(provider, algorithms=("RS256",)), public_url=HOME) as site:
            assert "Ana Silva" in signed_in(site, provider, "ana")[0].get("/settings").text
        wrong = believing(provider, client_secret="wrong")
        with open_site(database, oidc=wrong, public_url=HOME) as site:
            answer = signed_in(site, provider, "ana")[1]
            assert (answer.status_code, "invalid_client" in answer.text) == (403, True)
    finally:
        provider.stop()


@pytest.fixture
def told_instead(provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the token endpoint give ID tokens of one's own, signed as the provider signs; nonce "?" is the right one."""

    def tell(person: dict[str, Any] | None = None, **changes: Any) -> None:
        def answered(url: str, form: Any = None, headers: Any = None) -> tuple[int, dict[str, Any]]:
            if url.endswith("/me"):
                return 200, person or {}
            nonce = signing_in._derived(secret_of["now"], "nonce")
            claims = provider.claims(aud="daybook", sub="mallory", nonce=nonce, roles=["admin"])
            claims = {name: value for name, value in (claims | changes).items() if value is not None}
            return 200, {"id_token": provider.keys.token(claims, typ="JWT"), "access_token": "opaque"}

        monkeypatch.setattr(signing_in, "ask", answered)

    return tell


secret_of: dict[str, str] = {}


def answer_to(site: Site, provider: OpenIdProvider) -> Any:
    client = site.app.test_client()
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    cookie = client.get_cookie("daybook_oidc")
    assert cookie
    secret_of["now"] = cookie.value.partition(".")[0]
    back = urlencode({"code": "any", "state": state, "iss": provider.issuer})
    return client.get(f"/sign-in/oidc/callback?{back}")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 303),
        ({"nonce": "of another sign-in"}, 400),
        ({"nonce": None}, 400),
        ({"nonce": 7}, 400),
        ({"aud": "another-client"}, 401),
        ({"aud": ["daybook", "another-client"]}, 401),
        ({"aud": ["daybook", "another-client"], "azp": "another-client"}, 401),
        ({"aud": ["daybook", "another-client"], "azp": "daybook"}, 303),
        ({"azp": "another-client"}, 401),
        ({"iss": "https://evil.example"}, 401),
        ({"exp": 1}, 401),
        ({"sub": None}, 401),
        ({"roles": None}, 403),
    ],
)
def test_an_id_token_is_for_our_client_and_this_sign_in(
    shop: Site,
    provider: OpenIdProvider,
    told_instead: Callable[..., None],
    changes: dict[str, Any],
    status: int,
) -> None:
    told_instead(**changes)
    assert answer_to(shop, provider).status_code == status


def test_what_is_told_of_somebody_else_counts_for_nothing(
    shop: Site, provider: OpenIdProvider, told_instead: Callable[..., None]
) -> None:
    told_instead({"sub": "somebody else", "roles": ["admin"]}, roles=None)
    assert answer_to(shop, provider).status_code == 403
    told_instead({"sub": "mallory", "roles": ["admin"], "nonce": "x", "iss": "x"}, roles=None)
    assert answer_to(shop, provider).status_code == 303


def test_the_customer_may_be_told_beside_the_token(
    shop: Site, provider: OpenIdProvider, told_instead: Callable[..., None]
) -> None:
    told_instead({"sub": "mallory", "customer_id": "c-9"}, roles=["customer"], name="Mallory")
    assert answer_to(shop, provider).status_code == 303


def test_when_the_provider_is_away_the_page_says_so(database: Database, tmp_path: Path) -> None:
    provider = OpenIdProvider(tmp_path, Keys("own"), CALLBACK)
    with open_site(database, oidc=believing(provider), public_url=HOME) as site:
        client = site.app.test_client()
        address = Browser(provider.port).sign_in(begun(client), "ana")
        provider.stop()
        answer = came_back(client, address)
        assert (answer.status_code, "Example does not answer" in answer.text) == (503, True)
        assert client.get("/sign-in").status_code == 200
    with open_site(database, oidc=believing(provider), public_url=HOME) as site:
        answer = site.app.test_client().get("/sign-in/oidc")
        assert (answer.status_code, "Example does not answer" in answer.text) == (503, True)
        key = site.app.test_client()
        assert key.post("/sign-in", data={"key": site.keys[Role.ADMIN]}).status_code == 303


def test_without_a_provider_there_is_no_button(site: Site) -> None:
    client = site.app.test_client()
    assert "oidc" not in client.get("/sign-in").text
    assert client.get("/sign-in/oidc").status_code == 404
