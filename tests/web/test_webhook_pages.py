"""The pages of webhooks, as a browser without a script meets them: made, tried, paused, looked at, sent again."""

import re
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from access.roles import Role
from tests.web.live import Site
from tests.web.test_pages import csrf_in, signed_in
from tests.webhooks.office import Office
from tests.webhooks.receiver import Receiver, eventually


@pytest.fixture
def desk(site: Site) -> Iterator[FlaskClient]:
    with psycopg.connect(site.shop.database.app_url, autocommit=True) as connection:
        connection.execute("DELETE FROM webhooks.endpoints")
    with signed_in(site, Role.ADMIN) as client:
        yield client


def made(desk: FlaskClient, url: str, events: str = "order.*") -> tuple[str, str]:
    """A webhook made by the form: its page's path, and the secret."""
    form = desk.get("/settings/webhooks").text
    sent = {"csrf": csrf_in(form), "url": url, "events": events, "description": "ERP", "key": str(uuid4())}
    page = desk.post("/settings/webhooks", data=sent).text
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    path = re.search(r'action="(/settings/webhooks/[0-9a-f-]+)/test"', page)
    assert secret
    assert path
    return path[1], secret[0]


def press(desk: FlaskClient, path: str, verb: str, **fields: str) -> str:
    """Press a button of the page; the text of the page that follows."""
    csrf = csrf_in(desk.get(path).text)
    return desk.post(f"{path}/{verb}", data={"csrf": csrf} | fields, follow_redirects=True).text


def test_a_webhook_is_made_and_its_secret_shown_once(desk: FlaskClient) -> None:
    path, secret = made(desk, "http://127.0.0.1:9/")
    assert secret not in desk.get(path).text
    assert secret not in desk.get("/settings/webhooks").text
    assert "ERP" in desk.get("/settings/webhooks").text
    assert "/settings/webhooks" in desk.get("/settings").text


def test_what_is_wrong_is_said_beside_what_was_typed(desk: FlaskClient) -> None:
    csrf = csrf_in(desk.get("/settings/webhooks").text)
    answer = desk.post("/settings/webhooks", data={"csrf": csrf, "url": "http://8.8.8.8/", "events": "order.*"})
    assert answer.status_code == 422
    assert "https://" in answer.text
    assert 'value="http://8.8.8.8/"' in answer.text


def test_everything_can_be_done_by_buttons(site: Site, desk: FlaskClient) -> None:
    office = Office(site, site.shop.database)
    with Receiver() as receiver, office.sending():
        path, secret = made(desk, receiver.url)
        assert "The test event arrived." in press(desk, path, "test")
        office.place()
        eventually(lambda: len(receiver.accepted) == 2)
        eventually(lambda: "order.placed" in desk.get(f"{path}?status=delivered").text)
        event_id = receiver.accepted[1].event_id
        assert "It is sent again." in press(desk, path, "redeliver", event_id=event_id)
        eventually(lambda: len(receiver.accepted) == 3)
        assert "The webhook is paused." in press(desk, path, "pause")
        assert "The webhook sends again." in press(desk, path, "resume", missed="skip")
        changed = press(desk, path, "change", url=receiver.url, events="order.held, order.released", description="New")
        assert "order.held, order.released" in changed
        assert secret not in press(desk, path, "rotate-secret")
        assert "The webhook was deleted." in press(desk, path, "delete")
        assert desk.get(path).status_code == 404


def test_the_pages_speak_german(desk: FlaskClient) -> None:
    path, _ = made(desk, "http://127.0.0.1:9/")
    page = desk.get(path, headers={"Accept-Language": "de"}).text
    assert "Zustellungen" in page
    assert "Geheimnis ersetzen" in page


@pytest.mark.parametrize("role", [Role.INTEGRATOR, Role.AUDITOR])
def test_others_have_no_such_pages(site: Site, desk: FlaskClient, role: Role) -> None:
    path, _ = made(desk, "http://127.0.0.1:9/")
    other = signed_in(site, role)
    assert other.get("/settings/webhooks").status_code == 403
    assert other.get(path).status_code == 403
    assert "/settings/webhooks" not in other.get("/settings").text


def test_no_form_of_another_page_reaches_a_webhook(desk: FlaskClient) -> None:
    path, _ = made(desk, "http://127.0.0.1:9/")
    webhook_id = path.rpartition("/")[2]
    assert desk.get(f"/act/webhooks/{webhook_id}/delete").status_code == 404
    assert desk.post(f"{path}/delete", data={}).status_code == 403
    assert desk.get(path).status_code == 200
