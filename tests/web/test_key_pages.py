"""The pages of keys, as a browser without a script meets them: made and shown once, replaced, revoked."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from access.key_form import key_of_form
from access.keys import create_key, find_key
from access.roles import Role
from tests.web.edge import bearer
from tests.web.live import Site
from tests.web.test_pages import csrf_in, signed_in

HOME = "/settings/keys"
GRID = "/queries/orders?limit=1"
SHOWN = re.compile(r"dbk_[0-9a-f]{12}_[0-9a-f]{48}")


@pytest.fixture
def desk(site: Site) -> Iterator[FlaskClient]:
    with signed_in(site, Role.ADMIN) as client:
        yield client


def form_of(client: FlaskClient, path: str = HOME) -> dict[str, str]:
    page = client.get(path).text
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return {"csrf": csrf_in(page), "key": found[1]}


def filled(client: FlaskClient, **changes: str) -> dict[str, str]:
    return form_of(client) | {"name": "Web shop", "role": "integrator", "customer_id": "", "expires": "90d"} | changes


def key_in(answer: Any) -> str:
    (found,) = {str(key) for key in SHOWN.findall(unescape(answer.text))}
    return found


def works(site: Site, key: str, path: str = GRID) -> int:
    status: int = site.app.test_client().get(path, headers=bearer(key)).status_code
    return status


def told(site: Site) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = site.get("/audit/access/events?limit=500").get_json()["items"]
    return items


def test_a_key_is_made_shown_once_and_told_with_who_made_it(site: Site, desk: FlaskClient) -> None:
    answer = desk.post(HOME, data=filled(desk, name="Warehouse  robot"))
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    key = key_in(answer)
    assert works(site, key) == 200
    page = f"{HOME}/{key.split('_')[1]}"
    assert "Warehouse robot" in desk.get(page).text
    assert key not in desk.get(page).text
    assert key not in desk.get(HOME).text
    event = told(site)[-1]
    assert (event["type"], event["data"]["role"]) == ("KeyCreated", "integrator")
    assert event["data"]["expires_at"]
    admin = site.keys[Role.ADMIN].split("_")[1]
    assert event["actor"] == {"type": "admin", "id": admin, "name": "test"}


def test_a_form_that_is_sent_twice_makes_one_key(site: Site, desk: FlaskClient) -> None:
    form = filled(desk, name="Twice")
    before = len(told(site))
    first, second = key_in(desk.post(HOME, data=form)), key_in(desk.post(HOME, data=form))
    assert first == second
    assert len(told(site)) == before + 1
    assert key_in(desk.post(HOME, data=form | {"name": "Another"})) != first
    stranger = signed_in(site, Role.ADMIN)
    assert key_in(stranger.post(HOME, data=form | {"csrf": form_of(stranger)["csrf"]})) != first


def test_a_key_is_replaced_with_an_overlap_and_at_once(site: Site, desk: FlaskClient) -> None:
    old = key_in(desk.post(HOME, data=filled(desk, name="ERP")))
    page = f"{HOME}/{old.split('_')[1]}"
    form = form_of(desk, page) | {"overlap": "24h"}
    answer = desk.post(f"{page}/rotate", data=form)
    new = key_in(answer)
    assert "works until" in answer.text
    assert [works(site, key) for key in (old, new)] == [200, 200]
    assert key_in(desk.post(f"{page}/rotate", data=form)) == new
    page = f"{HOME}/{new.split('_')[1]}"
    form = form_of(desk, page) | {"overlap": "0h"}
    answer = desk.post(f"{page}/rotate", data=form)
    newest = key_in(answer)
    assert "has ended" in answer.text
    assert key_in(desk.post(f"{page}/rotate", data=form)) == newest  # asked again, although the old one has ended
    assert works(site, newest) == 200
    assert [event["type"] for event in told(site)[-5:]] == ["KeyCreated", *(2 * ["KeyRotated", "KeyRevoked"])]
    form["key"] = "another form of a key that has ended"
    assert desk.post(f"{page}/rotate", data=form).status_code == 404


def test_a_key_is_revoked_once_and_for_all(site: Site, desk: FlaskClient) -> None:
    key = key_in(desk.post(HOME, data=filled(desk, name="Leaver")))
    page = f"{HOME}/{key.split('_')[1]}"
    csrf = csrf_in(desk.get(page).text)
    assert desk.post(f"{page}/revoke", data={"csrf": csrf}).headers["Location"] == HOME
    assert desk.post(f"{page}/revoke", data={"csrf": csrf}).headers["Location"] == HOME
    assert works(site, key) == 401
    assert "/rotate" not in desk.get(page).text
    assert desk.post(f"{HOME}/0123456789ab/revoke", data={"csrf": csrf}).status_code == 404
    assert desk.get(f"{HOME}/0123456789ab").status_code == 404


def test_who_revokes_the_own_key_is_signed_out(site: Site, desk: FlaskClient) -> None:
    key = key_in(desk.post(HOME, data=filled(desk, name="Myself", role="admin", expires="90d")))
    client = site.app.test_client()
    client.post("/sign-in", data={"key": key})
    page = f"{HOME}/{key.split('_')[1]}"
    assert "You are signed in with this key" in client.get(page).text
    client.post(f"{page}/revoke", data={"csrf": csrf_in(client.get(page).text)})
    assert client.get(HOME).status_code == 303


def test_who_reads_the_form_on_its_way_cannot_tell_the_key(site: Site, desk: FlaskClient) -> None:
    form = filled(desk, name="Seen")
    key = key_in(desk.post(HOME, data=form))
    said = "\n".join([form["key"], *(form[name] for name in ("role", "name", "customer_id", "expires"))])
    for secret in (form["csrf"], ""):
        assert key_of_form(secret.encode(), said) != key
        assert key_of_form(secret.encode(), f"{form['csrf']}\n{said}") != key


def test_a_whole_key_that_is_looked_for_is_not_shown_again(site: Site, desk: FlaskClient) -> None:
    key = site.keys[Role.AUDITOR]
    answer = desk.get(HOME, query_string={"q": f" {key} "})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{HOME}?q={key.split('_')[1]}")
    assert desk.get(answer.headers["Location"]).text.count("data-row") == 1


def test_nobody_gets_a_key_in_a_colleagues_name(site: Site, desk: FlaskClient) -> None:
    form = {"csrf": csrf_in(desk.get("/settings").text), "key": "a form of somebody's own", "overlap": "24h"}
    for role in (Role.ADMIN, Role.AUDITOR):
        with psycopg.connect(site.shop.database.owner_url, autocommit=True) as owner:
            page = f"{HOME}/{create_key(owner, role, 'Colleague').split('_')[1]}"
        assert "/rotate" not in desk.get(page).text
        answer = desk.post(f"{page}/rotate", data=form)
        assert (answer.status_code, SHOWN.search(answer.text)) == (403, None)
        assert desk.post(f"{page}/revoke", data=form).status_code == 303


def test_an_own_key_without_an_end_gets_one_with_its_replacement(site: Site) -> None:
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as owner:
        key = create_key(owner, Role.ADMIN, "Ever")
        client = site.app.test_client()
        client.post("/sign-in", data={"key": key})
        page = f"{HOME}/{key.split('_')[1]}"
        new = key_in(client.post(f"{page}/rotate", data=form_of(client, page) | {"overlap": "1h"}))
        made = find_key(owner, new.split("_")[1])
    assert made
    assert made.expires_at
    assert made.expires_at - made.created_at <= timedelta(days=365)


def test_a_replacement_that_ends_at_once_cuts_an_overlap_from_before(site: Site, desk: FlaskClient) -> None:
    old = key_in(desk.post(HOME, data=filled(desk, name="Lost")))
    page = f"{HOME}/{old.split('_')[1]}"
    for overlap in ("7d", "24h", "7d", "0h"):
        assert desk.post(f"{page}/rotate", data=form_of(desk, page) | {"overlap": overlap}).status_code == 201
    assert works(site, old) == 401


def test_a_key_of_a_customer_opens_what_is_theirs(site: Site, desk: FlaskClient) -> None:
    key = key_in(desk.post(HOME, data=filled(desk, name="Ana", role="customer", customer_id="c-1001")))
    assert works(site, key, "/queries/customers/c-1001/orders") == 200
    assert works(site, key, "/queries/customers/c-1002/orders") in {403, 404}
    assert works(site, key) == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\u202eb"},
        {"role": "root"},
        {"role": "customer"},
        {"role": "admin", "customer_id": "c-1"},
        {"role": "admin", "expires": "never"},
        {"expires": "1000y"},
        {"key": ""},
        {"key": "x" * 101},
    ],
)
def test_what_cannot_be_a_key_is_refused_and_said(site: Site, desk: FlaskClient, wrong: dict[str, str]) -> None:
    before = len(told(site))
    answer = desk.post(HOME, data=filled(desk, **wrong))
    assert answer.status_code == 422
    assert not SHOWN.search(answer.text)
    assert len(told(site)) == before


def test_only_admins_with_a_form_of_their_own_make_keys(site: Site, desk: FlaskClient) -> None:
    form = filled(desk)
    assert desk.post(HOME, data=form | {"csrf": "x"}).status_code == 403
    assert desk.post(HOME, data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert site.app.test_client().post(HOME, data=form).status_code == 303  # to sign in
    for role in (Role.INTEGRATOR, Role.AUDITOR):
        other = signed_in(site, role)
        csrf = csrf_in(other.get("/settings").text)
        for path in (HOME, f"{HOME}/x/rotate", f"{HOME}/x/revoke", "/settings/people/oidc-1/bar"):
            assert other.post(path, data=form | {"csrf": csrf}).status_code == 403


def test_keys_are_found_by_name_id_and_customer(site: Site, desk: FlaskClient) -> None:
    with psycopg.connect(site.shop.database.owner_url) as owner:
        for number in range(250):
            create_key(owner, Role.CUSTOMER, f"Buyer {number}", customer_id=f"c-{number}")
        key = create_key(owner, Role.AUDITOR, "Odd <One>")
    page = desk.get(HOME).text
    assert "There are more" in page
    assert "Odd &lt;One&gt;" in desk.get(HOME, query_string={"q": "odd"}).text
    for text in ("odd <one>", key.split("_")[1], "_".join(key.split("_")[:2])):
        assert desk.get(HOME, query_string={"q": text}).text.count("data-row") == 1
    assert desk.get(HOME, query_string={"q": "c-249"}).text.count("data-row") == 1
    assert "Nothing of the kind" in desk.get(HOME, query_string={"q": "%"}).text
