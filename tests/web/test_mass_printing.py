"""Many documents as one file, from the pages: of ticked orders, of all that match, of ticked documents."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from access.roles import Role
from tests.web.live import Site, another_order
from tests.web.test_documents import booking, done
from tests.web.test_pages import csrf_in, signed_in


@pytest.fixture
def desk(site: Site) -> Iterator[FlaskClient]:
    with signed_in(site, Role.ADMIN) as client:
        yield client


@pytest.fixture(scope="module")
def orders(site: Site) -> list[dict[str, Any]]:
    """Three orders that are invoiced and booked."""
    made = []
    for number in range(3):
        order = done(site, "orders", another_order(source="printed", customer={"id": f"c-{number}", "name": "Ana"}))
        invoice = done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"})
        shipment = done(site, f"orders/{order['order_id']}/shipments", booking())
        made.append(order | {"invoice": invoice, "shipment": shipment})
    site.follow()
    return made


def printed(client: FlaskClient, form: str, **fields: Any) -> Any:
    csrf = csrf_in(client.get("/settings").text)
    return client.post(f"/print/{form}", data={"csrf": csrf} | fields)


def pages_of(answer: Any) -> list[str]:
    assert (answer.status_code, answer.content_type) == (200, "application/pdf"), answer.text[:2000]
    assert answer.headers["Content-Disposition"].startswith("inline")
    return [page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages]


@pytest.mark.parametrize("form", ["packing-slip", "label", "invoice"])
def test_ticked_orders_are_printed_in_their_order(desk: FlaskClient, orders: list[dict[str, Any]], form: str) -> None:
    ticked = [orders[2], orders[0]]
    pages = pages_of(printed(desk, form, order=[each["order_id"] for each in ticked]))
    assert len(pages) == 2
    for page, order in zip(pages, ticked, strict=True):
        assert order["order_number"] in page.replace(" ", "") or order["order_number"].lstrip("0") in page


def test_all_that_match_are_printed(desk: FlaskClient, orders: list[dict[str, Any]]) -> None:
    answer = printed(desk, "packing-slip", all="1", query="source=printed")
    assert len(pages_of(answer)) == len(orders)


def test_ticked_documents_are_printed(desk: FlaskClient, orders: list[dict[str, Any]]) -> None:
    ids = [each["invoice"]["invoice_id"] for each in orders]
    assert len(pages_of(printed(desk, "invoice", document=ids))) == 3
    page = desk.get("/invoices").text
    assert f'name="document" value="{ids[0]}"' in page
    assert 'formaction="/print/invoice"' in page
    assert 'formaction="/print/packing-slip"' in desk.get("/shipments").text
    assert 'formaction="/print/label"' in desk.get("/").text


def test_what_was_printed_before_is_printed_as_it_was(desk: FlaskClient, orders: list[dict[str, Any]]) -> None:
    invoice_id = orders[0]["invoice"]["invoice_id"]
    alone = desk.get(f"/documents/invoices/{invoice_id}/invoice.pdf").data
    assert printed(desk, "invoice", document=[invoice_id]).data == alone


def test_what_is_canceled_or_issued_elsewhere_is_not_among_them(site: Site, desk: FlaskClient) -> None:
    canceled = done(site, "orders", another_order(payment={"method": "cash_on_delivery"}))
    booked = done(site, f"orders/{canceled['order_id']}/shipments", booking())
    done(site, f"shipments/{booked['shipment_id']}/cancel", {"reason": "wrong"})
    elsewhere = done(site, "orders", another_order())
    external = {"lines": "all_remaining", "capture": "offline", "external": {"number": "X-1"}}
    done(site, f"orders/{elsewhere['order_id']}/invoices", external)
    site.follow()
    for form, order in (("packing-slip", canceled), ("invoice", elsewhere), ("credit-memo", canceled)):
        answer = printed(desk, form, order=[order["order_id"]])
        assert answer.status_code == 409
        assert f"None of them has a {form.replace('-', ' ')}" in answer.text


def test_what_is_asked_wrongly_is_refused(desk: FlaskClient) -> None:
    assert printed(desk, "packing-slip").status_code == 422
    assert printed(desk, "packing-slip", order=["nonsense"]).status_code == 422
    assert printed(desk, "packing-slip", document=["nonsense"]).status_code == 422
    assert printed(desk, "packing-slip", document=[str(uuid4()) for _ in range(201)]).status_code == 422
    assert printed(desk, "packing-slip", order=[str(uuid4()) for _ in range(201)]).status_code == 422
    assert printed(desk, "manifest", document=[str(uuid4())]).status_code == 404
    assert printed(desk, "packing-slip", document=[str(uuid4())]).status_code == 409
    assert desk.post("/print/invoice", data={"csrf": "x", "document": str(uuid4())}).status_code == 403


def test_who_took_many_along_is_noted(site: Site, desk: FlaskClient, orders: list[dict[str, Any]]) -> None:
    assert printed(desk, "label", order=[orders[0]["order_id"]]).status_code == 200
    site.audit.accesses.notes.flush()
    noted = site.get("/audit/accesses?limit=100", Role.AUDITOR).get_json()["items"]
    assert ("export", "/print/<form>", "admin") in {
        (each["kind"], each["path"], each["actor"]["type"]) for each in noted
    }
