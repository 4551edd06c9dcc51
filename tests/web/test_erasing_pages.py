"""Erasing a customer on the pages: the form, what stands in its way, what comes of it, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from access.roles import Role
from application.holding import HoldingRules
from tests.projections.shop import MERCHANT
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site
from tests.web.test_pages import csrf_in, signed_in


@pytest.fixture
def desk(site: Site) -> Iterator[FlaskClient]:
    with signed_in(site, Role.ADMIN) as client:
        yield client


def placed(site: Site, name: str, *, canceled: bool = True) -> str:
    customer = {"id": f"c/{uuid4().hex[:8]} é", "name": name, "email": "zz@example.com"}
    order_id: str = site.post("orders", another_order(customer=customer)).get_json()["order_id"]
    if canceled:
        assert site.post(f"orders/{order_id}/cancel", {}).status_code == 200
    return order_id


def erase(desk: FlaskClient, order_id: str, **fields: str) -> Any:
    path = f"/orders/{order_id}/erase-customer"
    sent = {"csrf": csrf_in(desk.get(path).text), "key": str(uuid4()), "reason": "by letter"} | fields
    return desk.post(path, data=sent, follow_redirects=True)


def test_a_customer_is_erased_by_the_form(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site, "Zebulon Quast")
    assert f"/orders/{order_id}/erase-customer" in desk.get(f"/orders/{order_id}").text
    page = erase(desk, order_id, waive_retention="on").text
    assert "The customer was erased, with 1 orders." in page
    assert "Zebulon" not in page
    assert desk.get(f"/orders/{order_id}/erase-customer").status_code == 404


def test_what_stands_in_the_way_is_said_and_what_was_typed_stays(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site, "Quirin Zacharias", canceled=False)
    answer = erase(desk, order_id, reason="by fax")
    assert answer.status_code == 409
    assert "Complete, close or cancel them first" in answer.text
    assert 'value="by fax"' in answer.text
    site.post(f"orders/{order_id}/cancel", {})
    named = erase(desk, order_id, reason="Zacharias wrote")
    assert "The reason names the customer" in named.text


def test_where_it_needs_two_it_waits(database: Database) -> None:
    rules = HoldingRules(always=frozenset({"customers/erase"}))
    with open_site(database, merchant=replace(MERCHANT, holding=rules)) as site, signed_in(site, Role.ADMIN) as client:
        order_id = placed(site, "Zacharias Quirin")
        page = erase(client, order_id)
        assert "a second person has to agree first" in page.text
        assert "This waits for a second person" in page.text
        assert "Zacharias" in client.get(f"/orders/{order_id}").text


@pytest.mark.parametrize("role", [Role.INTEGRATOR, Role.AUDITOR])
def test_others_have_no_such_page(site: Site, role: Role) -> None:
    order_id = placed(site, "Somebody Else")
    with signed_in(site, role) as client:
        assert client.get(f"/orders/{order_id}/erase-customer").status_code == 403
        assert "erase-customer" not in client.get(f"/orders/{order_id}").text
