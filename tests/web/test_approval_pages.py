"""The pages of approvals, as a browser without a script meets them: what waits, deciding, what is told elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from access.keys import create_key
from access.roles import Role
from application.holding import HoldingRules, Limits
from tests.projections.shop import MERCHANT
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site
from tests.web.test_pages import csrf_in, signed_in

RULES = HoldingRules(always=frozenset({"orders/cancel"}), refunds_above=Limits({"EUR": Decimal("20.00")}))


@pytest.fixture(scope="module")
def site(database: Database) -> Iterator[Site]:
    with open_site(database, merchant=replace(MERCHANT, holding=RULES)) as site:
        with psycopg.connect(database.owner_url) as connection:
            site.keys |= {role: create_key(connection, role, f"The {role}") for role in (Role.ADMIN, Role.INTEGRATOR)}
        yield site


@pytest.fixture
def desk(site: Site) -> Iterator[FlaskClient]:
    with signed_in(site, Role.ADMIN) as client:
        yield client


def asked(site: Site) -> tuple[str, str]:
    """An order, and the path of the page of a refund that waits for somebody."""
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    invoice_id = site.post(f"orders/{order_id}/invoices", {"lines": "all_remaining"}).get_json()["invoice_id"]
    body = {"amount": "25.00", "reason": "came back broken"}
    approval_id = site.post(f"invoices/{invoice_id}/refund", body).get_json()["approval_id"]
    site.follow()
    return order_id, f"/approvals/{approval_id}"


def press(desk: FlaskClient, path: str, verb: str, **fields: str) -> str:
    """Press a button of the page; the text of the page that follows."""
    sent = {"csrf": csrf_in(desk.get(path).text), "key": str(uuid4())} | fields
    return desk.post(f"{path}/{verb}", data=sent, follow_redirects=True).text


def test_what_waits_is_listed_and_approved_with_a_button(site: Site, desk: FlaskClient) -> None:
    order_id, path = asked(site)
    listed = desk.get("/approvals", follow_redirects=True).text
    assert path in listed
    assert "The integrator" in listed
    page = desk.get(path).text
    assert "came back broken" in page
    assert "Approve and do it" in page
    assert "waits for a second person" in desk.get(f"/orders/{order_id}").text
    done = press(desk, path, "approve", reason="saw the photo")
    assert "Approved, and done." in done
    assert "saw the photo" in done
    site.follow()
    order = desk.get(f"/orders/{order_id}").text
    assert "waits for a second person" not in order
    assert "Approval granted" in order
    assert path not in desk.get("/approvals?status=requested").text
    assert path in desk.get("/approvals?status=executed").text


def test_what_is_rejected_is_not_done(site: Site, desk: FlaskClient) -> None:
    order_id, path = asked(site)
    assert "Rejected. Nothing was done." in press(desk, path, "reject")
    assert site.get(f"/queries/orders/{order_id}").get_json()["totals"]["refunded"] == "0.00"
    assert "Approve and do it" not in desk.get(path).text


def test_who_asked_on_a_page_is_told_and_finds_it_and_can_withdraw(site: Site, desk: FlaskClient) -> None:
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    form = f"/act/orders/{order_id}/cancel"
    csrf = csrf_in(desk.get(form).text)
    answer = desk.post(form, data={"csrf": csrf, "key": str(uuid4())})
    assert answer.status_code == 303
    site.follow()
    assert "a second person has to agree first" in desk.get(answer.headers["Location"]).text
    mine = desk.get(f"/approvals?requested_by={site.keys[Role.ADMIN].split('_')[1]}").text
    path = f"/approvals/{mine.split('/approvals/')[1][:36]}"
    page = desk.get(path).text
    assert "Withdraw" in page
    assert "Approve and do it" not in page
    refused = desk.post(f"{path}/approve", data={"csrf": csrf_in(page)})
    assert refused.status_code == 403
    assert "You asked for this yourself" in refused.text
    assert "Withdrawn. Nothing was done." in press(desk, path, "withdraw")


def test_what_has_changed_is_said_and_approved_as_it_was_shown(site: Site, desk: FlaskClient) -> None:
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    approval_id = site.post(f"orders/{order_id}/cancel", {}).get_json()["approval_id"]
    site.follow()
    path = f"/approvals/{approval_id}"
    shown = desk.get(path).text
    assert "The order has changed since this was asked for" not in shown
    version = shown.split('name="version" value="')[1].split('"')[0]
    site.post(f"orders/{order_id}/hold", {})
    assert "somebody changed it" in press(desk, path, "approve", version=version)
    page = desk.get(path).text
    assert "The order has changed since this was asked for" in page
    version = page.split('name="version" value="')[1].split('"')[0]
    assert "could not be done any more" in press(desk, path, "approve", version=version)  # it is on hold


def test_a_mass_action_says_what_waits(site: Site, desk: FlaskClient) -> None:
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    csrf = csrf_in(desk.get("/").text)
    sent = {"csrf": csrf, "action": "orders/cancel", "order": order_id, "run": str(uuid4())}
    page = desk.post("/orders/act", data=sent).text
    assert "Approval required" in page
    assert "0 done, 0 refused" in page
    assert "1 wait for a second person" in page
    assert site.get(f"/queries/orders/{order_id}").get_json()["status"] == "Pending"


def test_auditors_and_programs_look_and_have_no_buttons(site: Site) -> None:
    _, path = asked(site)
    for role in (Role.AUDITOR, Role.INTEGRATOR):
        with signed_in(site, role) as client:
            page = client.get(path)
            assert page.status_code == 200
            assert "Approve and do it" not in page.text
            assert ("came back broken" in page.text) == (role is Role.AUDITOR)
            denied = client.post(f"{path}/approve", data={"csrf": csrf_in(client.get("/settings").text)})
            assert denied.status_code == 403


def test_the_pages_speak_german(site: Site, desk: FlaskClient) -> None:
    _, path = asked(site)
    page = desk.get(path, headers={"Accept-Language": "de"}).text
    assert "Freigeben und ausführen" in page


def test_what_there_is_not_is_not_found(site: Site, desk: FlaskClient) -> None:
    assert desk.get(f"/approvals/{uuid4()}").status_code == 404
    _, path = asked(site)
    assert desk.post(f"{path}/explode", data={"csrf": csrf_in(desk.get(path).text)}).status_code == 404
