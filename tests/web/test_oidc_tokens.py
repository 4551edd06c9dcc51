"""Tokens of an OpenID provider at the API: who is let in, as whom, and every token that must not be."""

from __future__ import annotations

import base64
import hmac
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from psycopg_pool import ConnectionPool

from access.oidc import fetching
from access.oidc import provider as asking
from access.oidc.bearers import Bearers
from access.oidc.configuration import ALGORITHMS, Configuration
from access.oidc.refusals import ProviderUnavailable, TokenRefused
from access.people import KnownPeople, bar
from access.roles import Role
from tests.support.oidc import AUDIENCE, Keys, OpenIdProvider
from tests.support.postgres import Database
from tests.web.edge import bearer
from tests.web.live import Site, another_order, open_site
from tests.web.test_pages import signed_in
from web.rate_limits import RateLimit, RateLimits, SharedUses

GRID = "/queries/orders?limit=1"
AUDIT = "/audit/access/events"
LONG_AGO, FAR_AHEAD = 1_000_000_000, 9_000_000_000  # parameters are made long before their test runs
CALLBACK = "http://127.0.0.1:1/sign-in/oidc/callback"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    running = OpenIdProvider(tmp_path_factory.mktemp("provider"), Keys("first"), CALLBACK)
    yield running
    running.stop()


def believing(provider: OpenIdProvider, **changes: Any) -> Configuration:
    return Configuration(**({"issuer": provider.issuer, "audience": AUDIENCE, "label": "Shop"} | changes))


@pytest.fixture(scope="module")
def shop(database: Database, provider: OpenIdProvider) -> Iterator[Site]:
    with open_site(database, oidc=believing(provider)) as site:
        yield site


def asked(site: Site, token: str, path: str = GRID) -> tuple[int, dict[str, Any]]:
    answer = site.client.get(path, headers=bearer(token))
    return answer.status_code, answer.get_json()


def refused(site: Site, token: str) -> str:
    """Why a token is refused; it must be as if nobody had come."""
    status, told = asked(site, token)
    assert (status, told["code"]) == (401, "unauthenticated"), told
    assert token[:20] not in json.dumps(told)
    detail: str = told["detail"]
    return detail


def encoded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_program_gets_a_token_and_sends_it(shop: Site, provider: OpenIdProvider) -> None:
    form = ["-d", "grant_type=client_credentials", "-d", "scope=orders", "-d", f"resource={AUDIENCE}"]
    command = ["curl", "-sS", "-u", "shop:a secret of the shop", f"{provider.issuer}/token", *form]
    token = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["access_token"]
    placed = shop.client.post("/commands/orders", json=another_order(), headers=bearer(token))
    assert placed.status_code == 201
    assert asked(shop, token, AUDIT)[0] == 403  # an integrator


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_token_of_each_algorithm_is_believed(shop: Site, provider: OpenIdProvider, algorithm: str) -> None:
    keys = provider.keys
    if algorithm == "PS256":
        keys = Keys("first", {})
        keys.private = provider.keys.private | {"PS256": provider.keys.private["RS256"]}
        token = keys.token(provider.claims(), "PS256", kid=keys.kid("RS256"))
    else:
        token = provider.token(algorithm)
    assert asked(shop, token)[0] == 200


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": LONG_AGO}, "expired"),
        ({"nbf": FAR_AHEAD}, "not valid yet"),
        ({"iat": FAR_AHEAD}, "not valid yet"),
        ({"aud": "https://elsewhere.example"}, "another audience"),
        ({"aud": "daybook"}, "another audience"),
        ({"aud": AUDIENCE + "/"}, "another audience"),
        ({"aud": None}, "lacks one of"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"exp": None}, "lacks one of"),
        ({"sub": None}, "lacks one of"),
        ({"sub": ""}, "names nobody"),
        ({"sub": "a\u202eb"}, "names nobody"),
        ({"sub": "s" * 256}, "names nobody"),
        ({"sub": 7}, "cannot be read"),
        ({"cnf": {"jkt": "x"}}, "bound to a key"),
    ],
)
def test_a_token_that_is_not_for_us_or_not_for_now_is_refused(
    shop: Site, provider: OpenIdProvider, changes: dict[str, Any], why: str
) -> None:
    assert why in refused(shop, provider.token(**changes))


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"aud": [AUDIENCE, "daybook"]}, False),
        ({"aud": [AUDIENCE, "account"]}, True),
        ({"nonce": "n"}, False),
        ({"nonce": "n", "typ": "Bearer"}, True),  # access tokens of Keycloak before 24
        ({"at_hash": "x"}, False),
        ({"c_hash": "x", "typ": "Bearer"}, False),
        ({"typ": "ID"}, False),
        ({"typ": "Refresh"}, False),
        ({"typ": "Logout"}, False),
        ({"typ": "Bearer"}, True),
    ],
)
def test_a_token_that_signs_somebody_in_does_not_open_the_api(
    database: Database, provider: OpenIdProvider, changes: dict[str, Any], good: bool
) -> None:
    with open_site(database, oidc=believing(provider, client_id="daybook"), public_url="http://127.0.0.1:1") as site:
        token = provider.token(**changes)
        if good:
            assert asked(site, token)[0] == 200
        else:
            assert "signs somebody in" in refused(site, token)


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"client_id": None, "azp": "shop"}, True),
        ({"client_id": None, "appid": "erp"}, True),
        ({"client_id": "wiki"}, False),
        ({"client_id": None}, False),
        ({"azp": "wiki"}, False),
    ],
)
def test_where_clients_are_named_the_tokens_of_others_open_nothing(
    database: Database, provider: OpenIdProvider, changes: dict[str, Any], good: bool
) -> None:
    with open_site(database, oidc=believing(provider, clients=("shop", "erp"))) as site:
        if good:
            assert asked(site, provider.token(**changes))[0] == 200
        else:
            assert "OIDC_CLIENTS" in refused(site, provider.token(**changes))


def test_an_issuer_is_the_same_to_the_letter(shop: Site, provider: OpenIdProvider) -> None:
    assert "another issuer" in refused(shop, provider.token(iss=f"{provider.issuer}/"))


def test_clocks_may_differ_by_a_minute(shop: Site, provider: OpenIdProvider) -> None:
    assert asked(shop, provider.token(exp=time.time() - 30))[0] == 200
    assert asked(shop, provider.token(nbf=time.time() + 30))[0] == 200


def test_a_token_without_a_signature_is_refused(shop: Site, provider: OpenIdProvider) -> None:
    for algorithm in ("none", "None", "NONE", ""):
        header = {"alg": algorithm, "kid": provider.keys.kid("RS256")}
        assert "not signed by one of" in refused(shop, f"{encoded(header)}.{encoded(provider.claims())}.")


def test_the_public_key_is_no_shared_secret(shop: Site, provider: OpenIdProvider) -> None:
    public = provider.keys.private["RS256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for header in ({"alg": "HS256", "kid": provider.keys.kid("RS256")}, {"alg": "HS256"}):
        signed = f"{encoded(header)}.{encoded(provider.claims())}"
        assert "not signed by one of" in refused(
            shop, f"{signed}.{encoded(hmac.digest(public, signed.encode(), 'sha256'))}"
        )


def test_a_key_that_the_token_brings_along_is_not_believed(shop: Site, provider: OpenIdProvider) -> None:
    strange = Keys("strange")
    own = next(key for key in strange.jwks() if key["kty"] == "RSA")
    for header in ({"jwk": own}, {"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example/cert"}):
        assert "does not have" in refused(shop, strange.token(provider.claims(), **header))
        assert "signature" in refused(
            shop, strange.token(provider.claims(), **(header | {"kid": provider.keys.kid("RS256")}))
        )


def test_a_changed_token_is_refused(shop: Site, provider: OpenIdProvider) -> None:
    header, _, signature = provider.token().split(".")
    assert "signature" in refused(shop, f"{header}.{encoded(provider.claims(roles=['admin']))}.{signature}")


@pytest.mark.parametrize(
    "headers", [{"crit": ["exp"]}, {"typ": "logout+jwt"}, {"typ": "dpop+jwt"}, {"kid": "k" * 300}, {"crit": []}]
)
def test_a_token_of_another_kind_is_refused(shop: Site, provider: OpenIdProvider, headers: dict[str, Any]) -> None:
    refused(shop, provider.keys.token(provider.claims(), **headers))


@pytest.mark.parametrize(
    "token",
    [
        ".",
        "..",
        "a.b.c",
        "a.b.c.d.e",
        f"{encoded([])}.{encoded({})}.x",
        f"{encoded(b'[' * 9000)}.e30.x",
        f"{encoded({'alg': ['RS256']})}.e30.x",
        f"{encoded({'alg': {'RS256': 1}})}.e30.x",
        f"{encoded({'alg': 'RS256', 'kid': {}})}.e30.x",
        "e30." + "x" * 20_000 + ".x",
        "\u00e9.\u00e9.\u00e9",
    ],
)
def test_what_is_no_token_is_refused(shop: Site, token: str) -> None:
    answer = shop.client.get(GRID, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        ("admin", 200),
        (["admin"], 200),
        (["somebody", "auditor"], 200),
        (["customer", "admin"], 200),
        ("integrator", 403),
    ],
)
def test_a_role_is_a_text_or_one_of_a_list(shop: Site, provider: OpenIdProvider, roles: object, status: int) -> None:
    assert asked(shop, provider.token(sub=f"role-{roles}"[:40], roles=roles), AUDIT)[0] == status


@pytest.mark.parametrize(
    "roles", [None, [], "", "superuser", ["Admin"], "admin integrator", {"admin": True}, [["admin"]], 1, True]
)
def test_who_has_no_role_is_told_so(shop: Site, provider: OpenIdProvider, roles: object) -> None:
    status, told = asked(shop, provider.token(sub="nobody", roles=roles))
    assert (status, told["code"]) == (403, "no_role")
    assert "claim roles" in told["detail"]
    assert "superuser" not in told["detail"]


def test_a_customer_names_the_customer(shop: Site, provider: OpenIdProvider) -> None:
    good = provider.token(sub="c", roles="customer", customer_id="c-1001")
    assert asked(shop, good, "/queries/customers/c-1001/orders")[0] == 200
    assert asked(shop, good, "/queries/customers/c-1002/orders")[0] in {403, 404}
    assert asked(shop, good)[0] == 403
    for wrong in (None, "", 7, ["c-1001"], "c" * 101, "a\nb"):
        status, told = asked(shop, provider.token(sub="d", roles="customer", customer_id=wrong))
        assert (status, told["code"]) == (403, "no_role"), wrong
        assert "customer_id" in told["detail"]


def test_roles_may_have_other_names_deep_within(database: Database, provider: OpenIdProvider) -> None:
    roles = (("desk", Role.INTEGRATOR), ("chief", Role.ADMIN))
    nested = believing(provider, role_claim="realm_access.roles", roles=roles)
    with open_site(database, oidc=nested) as site:
        both = provider.token(sub="both", realm_access={"roles": ["chief", "desk"]})
        assert (asked(site, both)[0], asked(site, both, AUDIT)[0]) == (200, 403)  # what stands first counts
        assert asked(site, provider.token(sub="chief", realm_access={"roles": ["chief"]}), AUDIT)[0] == 200
        assert asked(site, provider.token(sub="admin", realm_access={"roles": ["admin"]}))[0] == 403
        assert asked(site, provider.token(sub="flat", realm_access="chief"))[0] == 403
    spelled = believing(provider, role_claim="https://shop.example/roles")
    with open_site(database, oidc=spelled) as site:
        token = provider.keys.token(provider.claims(sub="url") | {"https://shop.example/roles": ["admin"]})
        assert asked(site, token, AUDIT)[0] == 200


def test_who_acted_is_shown_by_name_and_known_by_an_id_that_tells_nothing(shop: Site, provider: OpenIdProvider) -> None:
    token = provider.token(sub="ana@example.com", name="Ana \u202e Silva\n", roles="admin")
    order_id = shop.client.post("/commands/orders", json=another_order(), headers=bearer(token)).get_json()["order_id"]
    actor = shop.get(f"/audit/orders/{order_id}/events").get_json()["items"][0]["actor"]
    assert (actor["type"], actor["name"]) == ("admin", "Ana Silva")
    assert actor["id"].startswith("oidc-")
    admitted = [each for each in shop.get(f"{AUDIT}?limit=500").get_json()["items"] if each["type"] == "PersonAdmitted"]
    assert [each["data"]["role"] for each in admitted if each["data"]["person_id"] == actor["id"]] == ["admin"]
    assert "ana" not in json.dumps(admitted).lower()


def test_no_key_has_the_id_of_a_person(database: Database) -> None:
    statement = "INSERT INTO access.api_keys (id, role, name, secret_hash) VALUES ('oidc-1', 'admin', 'x', %s)"
    with psycopg.connect(database.owner_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(statement, [bytes(32)])


def test_a_person_is_one_whatever_tokens_they_send(shop: Site, provider: OpenIdProvider, database: Database) -> None:
    for changes in ({}, {"roles": "auditor"}, {"name": None}, {"name": "New Name"}):
        assert asked(shop, provider.token(**({"sub": "one", "name": "Old Name", "roles": "admin"} | changes)))[0] == 200
    with psycopg.connect(database.owner_url) as connection:
        rows = connection.execute("SELECT name, roles FROM access.people WHERE subject = 'one'").fetchall()
    assert rows == [("New Name", ["admin", "auditor"])]


def test_a_token_without_a_name_is_called_by_its_subject(
    shop: Site, provider: OpenIdProvider, database: Database
) -> None:
    assert asked(shop, provider.token(sub="a-program", name=None))[0] == 200
    with psycopg.connect(database.owner_url) as connection:
        found = connection.execute("SELECT name FROM access.people WHERE subject = 'a-program'").fetchone()
    assert found == ("a-program",)


def test_who_is_barred_is_refused_whatever_the_provider_says(
    shop: Site, provider: OpenIdProvider, database: Database
) -> None:
    assert asked(shop, provider.token(sub="leaver"))[0] == 200
    with psycopg.connect(database.owner_url) as connection:
        (person_id,) = connection.execute("SELECT id FROM access.people WHERE subject = 'leaver'").fetchone() or ("",)
        assert bar(connection, person_id, barred=True)
        assert not bar(connection, person_id, barred=True)
    assert "barred" in refused(shop, provider.token(sub="leaver", jti="another token"))
    with psycopg.connect(database.owner_url) as connection:
        assert bar(connection, person_id, barred=False)
    assert asked(shop, provider.token(sub="leaver", jti="a third"))[0] == 200
    told = [each["type"] for each in shop.get(f"{AUDIT}?limit=500").get_json()["items"]]
    assert told[-2:] == ["PersonBarred", "PersonUnbarred"]


def test_the_rate_limit_counts_by_subject_whatever_the_token(
    database: Database, provider: OpenIdProvider, tmp_path: Path
) -> None:
    limits = RateLimits(RateLimit(3), SharedUses(tmp_path / "uses"))
    with open_site(database, oidc=believing(provider), limits=limits) as site:
        answers = [asked(site, provider.token(sub="busy", jti=str(number)))[0] for number in range(4)]
        assert answers == [200, 200, 200, 429]
        assert asked(site, provider.token(sub="quiet"))[0] == 200


def test_programs_that_came_by_tokens_are_shown_to_admins(shop: Site, provider: OpenIdProvider) -> None:
    assert asked(shop, provider.token(sub="shown", name="Shown <Program>"))[0] == 200
    page = signed_in(shop, Role.ADMIN).get("/settings/keys").text
    assert "People of OpenID" in page
    assert "Shown &lt;Program&gt;" in page


def test_the_application_bars_by_the_function_that_tells_and_deletes_nobody(database: Database) -> None:
    for statement in ("UPDATE access.people SET barred_at = NULL", "DELETE FROM access.people"):
        with psycopg.connect(database.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_key_of_an_algorithm_that_is_not_chosen_is_refused(database: Database, provider: OpenIdProvider) -> None:
    with open_site(database, oidc=believing(provider, algorithms=("ES256",))) as site:
        assert asked(site, provider.token("ES256"))[0] == 200
        assert "not signed by one of ES256" in refused(site, provider.token("RS256"))


def test_keys_still_work_and_the_description_knows_both(shop: Site) -> None:
    assert shop.get(GRID).status_code == 200
    document = shop.client.get("/openapi.json").get_json()
    assert document["components"]["securitySchemes"]["token"]["bearerFormat"] == "JWT"
    assert document["paths"]["/queries/orders"]["get"]["security"] == [
        {"key": ["admin", "auditor", "integrator"]},
        {"token": ["admin", "auditor", "integrator"]},
    ]
    assert document["paths"]["/healthz"]["get"]["security"] == []


def test_without_a_provider_a_token_is_no_key(site: Site, provider: OpenIdProvider) -> None:
    assert refused(site, provider.token()) == "This is no API key."
    assert "token" not in site.client.get("/openapi.json").get_json()["components"]["securitySchemes"]


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the provider that are asked."""
    seen: list[str] = []
    real = fetching.ask

    def noted(url: str, *rest: Any, **named: Any) -> Any:
        seen.append(url)
        return real(url, *rest, **named)

    monkeypatch.setattr(asking, "ask", noted)
    return seen


def test_unknown_keys_make_nobody_ask_the_provider_all_the_time(provider: OpenIdProvider, asks: list[str]) -> None:
    clock = Clock()
    known = asking.Provider(believing(provider), clock)
    assert asks == []
    for number in range(200):
        with pytest.raises(TokenRefused):
            known.key(f"unknown-{number}", "RS256")
    assert len(asks) == 2  # the document and the keys, once
    clock.now += asking.UNKNOWN_KEY_SECONDS
    for number in range(200):
        with pytest.raises(ProviderUnavailable if number else TokenRefused):  # it may be newer than what was told
            known.key(f"other-{number}", "RS256")
    with pytest.raises(TokenRefused):
        known.key("other-0", "RS256")
    assert len(asks) == 4
    assert known.key(provider.keys.kid("ES256"), "ES256")["kty"] == "EC"
    assert len(asks) == 4


def test_a_key_signs_only_as_its_kind_does(provider: OpenIdProvider) -> None:
    known = asking.Provider(believing(provider))
    for algorithm in ALGORITHMS:
        own = "RS256" if algorithm == "PS256" else algorithm
        for name in ("RS256", "ES256", "EdDSA"):
            if name == own:
                assert known.key(provider.keys.kid(name), algorithm)
            else:
                with pytest.raises(TokenRefused):
                    known.key(provider.keys.kid(name), algorithm)
    assert known.key(None, "ES256")["kid"] == provider.keys.kid("ES256")  # the only one that can have signed


def test_keys_are_known_for_a_while_when_the_provider_is_away(tmp_path: Path) -> None:
    provider = OpenIdProvider(tmp_path, Keys("old"), CALLBACK)
    clock = Clock()
    known = asking.Provider(believing(provider), clock)
    try:
        known.key("old-RS256", "RS256")
        provider.stop()
        clock.now += asking.FRESH_SECONDS + 1
        assert known.key("old-RS256", "RS256")
        clock.now += asking.STALE_SECONDS
        began = time.monotonic()
        for _ in range(50):
            with pytest.raises(ProviderUnavailable):
                known.key("old-RS256", "RS256")
        assert time.monotonic() - began < 2
        provider.start()
        clock.now += asking.AFTER_FAILURE_SECONDS
        assert known.key("old-RS256", "RS256")
    finally:
        provider.stop()


def test_a_withdrawn_key_is_not_believed_after_a_quiet_time(tmp_path: Path, asks: list[str]) -> None:
    provider = OpenIdProvider(tmp_path, Keys("old"), CALLBACK)
    clock = Clock()
    known = asking.Provider(believing(provider), clock)
    try:
        assert known.key("old-RS256", "RS256")
        provider.rotate(Keys("new"))
        clock.now += asking.QUIET_SECONDS + 1
        with pytest.raises(TokenRefused):
            known.key("old-RS256", "RS256")
        assert known.keys_lost == 1
        provider.stop()
        clock.now += asking.QUIET_SECONDS + 1
        assert known.key("new-RS256", "RS256")  # asked first, in vain
        asked_before = len(asks)
        clock.now += asking.AFTER_FAILURE_SECONDS - 1
        assert known.key("new-RS256", "RS256")
        assert len(asks) == asked_before
    finally:
        provider.stop()


def test_tokens_are_judged_anew_when_a_key_is_withdrawn(database: Database, tmp_path: Path) -> None:
    provider = OpenIdProvider(tmp_path, Keys("old"), CALLBACK)
    clock = Clock()
    known = asking.Provider(believing(provider), clock)
    try:
        with ConnectionPool(database.app_url, min_size=1, max_size=2, open=True) as pool:
            bearers = Bearers(believing(provider), known, KnownPeople(pool))
            old = provider.token()
            assert bearers.caller_of(old).role is Role.INTEGRATOR
            provider.rotate(Keys("new"))
            assert bearers.caller_of(old).role is Role.INTEGRATOR  # remembered
            clock.now += asking.QUIET_SECONDS + 1
            assert bearers.caller_of(provider.token()).role is Role.INTEGRATOR
            with pytest.raises(TokenRefused):
                bearers.caller_of(old)
    finally:
        provider.stop()


def test_a_provider_may_be_away_at_the_start_and_change_its_keys(fresh_database: Database, tmp_path: Path) -> None:
    provider = OpenIdProvider(tmp_path, Keys("old"), CALLBACK)
    old = provider.token()
    provider.stop()
    try:
        with open_site(fresh_database, oidc=believing(provider)) as site, pytest.MonkeyPatch.context() as quicker:
            quicker.setattr(asking, "AFTER_FAILURE_SECONDS", 0.0)
            quicker.setattr(asking, "UNKNOWN_KEY_SECONDS", 0.0)
            answer = site.client.get(GRID, headers=bearer(old))
            assert (answer.status_code, answer.get_json()["code"]) == (503, "identity_provider_unavailable")
            assert answer.headers["Retry-After"] == "5"
            assert site.get(GRID).status_code == 200  # keys need no provider
            provider.start()
            assert asked(site, old)[0] == 200
            provider.rotate(Keys("new"))
            assert asked(site, provider.token())[0] == 200
            assert "does not have" in refused(site, provider.keys.token(provider.claims(), kid="old-RS256"))
            assert "does not have" in refused(site, old)  # it was remembered until its key was withdrawn
    finally:
        provider.stop()


def test_a_good_token_is_remembered_no_longer_than_it_lives(shop: Site, provider: OpenIdProvider) -> None:
    ends = time.time() - 55  # with the minute that clocks may differ, in five seconds
    token = provider.token(exp=ends)
    assert asked(shop, token)[0] == 200
    time.sleep(max(0.0, ends + 61 - time.time()))
    assert "expired" in refused(shop, token)
