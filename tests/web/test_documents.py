"""Documents over HTTP: who may see what, versions as ETags, printings beside the order, and PDFs that can be read."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pypdf import PdfReader

from access.keys import create_key
from access.roles import Role
from domain.document_kinds import FORMS
from projections.documents.kinds import KINDS
from projections.documents.parameters import parameters
from projections.paging.parameters import PAGING
from tests.web.edge import bearer
from tests.web.live import Site, another_order

LISTS = ("invoices", "shipments", "credit-memos", "batches", "dispatches")
PDFS = (
    "shipments/{}/packing-slip.pdf",
    "shipments/{}/label.pdf",
    "invoices/{}/invoice.pdf",
    "credit-memos/{}/credit-memo.pdf",
    "dispatches/{}/manifest.pdf",
    "batches/{}/packing-slips.pdf",
    "batches/{}/labels.pdf",
)


def done(site: Site, path: str, body: Any = None) -> dict[str, Any]:
    response = site.post(path, body)
    answer: dict[str, Any] = response.get_json()
    assert response.status_code in {200, 201, 202}, answer
    return answer


def booking(*numbers: str) -> dict[str, Any]:
    """Three mugs in a package each where a number names one, else in one package."""
    each = 3 // max(1, len(numbers))
    contents = [{"line_id": "1", "quantity": each}]
    packages = [{"weight_grams": 1300, "contents": contents, "tracking_number": number} for number in numbers]
    return {"lines": "all_remaining", "carrier": "ups", "service": "Standard", "packages": packages}


@pytest.fixture(scope="module")
def papers(site: Site) -> dict[str, Any]:
    """An order with one document of each kind that an order has, all on a closed dispatch."""
    order = done(site, "orders", another_order(note="Ring twice"))
    invoice = done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"})
    shipment = done(site, f"orders/{order['order_id']}/shipments", booking("1Z1", "1Z2", "1Z3"))
    refunded = {"lines": [{"line_id": "1", "quantity": 1, "disposition": "shipped"}], "shipping": "5.00"}
    memo = done(site, f"invoices/{invoice['invoice_id']}/refund", refunded)
    ready_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    dispatch = done(
        site,
        "dispatches",
        {"carrier": "ups", "location": "main", "ready_at": ready_at, "shipments": [shipment["shipment_id"]]},
    )
    done(site, f"dispatches/{dispatch['dispatch_id']}/close")
    site.follow()
    return order | invoice | shipment | memo | {"dispatch_id": dispatch["dispatch_id"]}


def text_of(response: Any) -> list[str]:
    """The text of each page."""
    assert (response.status_code, response.content_type) == (200, "application/pdf"), response.data
    assert 'filename="' in response.headers["Content-Disposition"]
    return [page.extract_text() for page in PdfReader(BytesIO(response.data)).pages]


def test_every_document_has_its_pdf(site: Site, papers: dict[str, Any]) -> None:
    (slip,) = text_of(site.get(f"/queries/shipments/{papers['shipment_id']}/packing-slip.pdf"))
    assert "Ring twice" in slip
    assert "9.99" not in slip
    labels = text_of(site.get(f"/queries/shipments/{papers['shipment_id']}/label.pdf"))
    assert [number in label for number, label in zip(("1Z1", "1Z2", "1Z3"), labels, strict=True)] == [True] * 3
    (invoice,) = text_of(site.get(f"/queries/invoices/{papers['invoice_id']}/invoice.pdf"))
    assert papers["invoice_number"] in invoice
    assert "43.01" in invoice
    (memo,) = text_of(site.get(f"/queries/credit-memos/{papers['credit_memo_id']}/credit-memo.pdf"))
    assert papers["credit_memo_number"] in memo
    assert papers["invoice_number"] in memo
    (manifest,) = text_of(site.get(f"/queries/dispatches/{papers['dispatch_id']}/manifest.pdf"))
    assert papers["shipment_number"] in manifest


def test_what_an_e_invoice_lacks_is_said_with_where_to_set_it(site: Site, papers: dict[str, Any]) -> None:
    for path in (f"invoices/{papers['invoice_id']}/invoice", f"credit-memos/{papers['credit_memo_id']}/credit-memo"):
        response = site.get(f"/queries/{path}.xml")
        problem = response.get_json()
        assert (response.status_code, problem["code"]) == (409, "einvoice_data_missing")
        (error,) = problem["errors"]
        assert error["pointer"] == "/seller/vat_id"
        assert "seller.vat_id" in error["message"]
    assert site.get(f"/queries/invoices/{papers['invoice_id']}/cancellation.xml").status_code == 409
    assert site.get(f"/queries/invoices/{uuid4()}/invoice.xml").status_code == 404


def test_a_manifest_that_is_not_issued_cannot_be_printed(site: Site) -> None:
    order = done(site, "orders", another_order(payment={"method": "cash_on_delivery"}))
    shipment = done(site, f"orders/{order['order_id']}/shipments", booking("1Z9"))
    body = {"carrier": "ups", "location": "main", "shipments": [shipment["shipment_id"]]}
    body["ready_at"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    dispatch = done(site, "dispatches", body)
    response = site.get(f"/queries/dispatches/{dispatch['dispatch_id']}/manifest.pdf")
    assert (response.status_code, response.get_json()["code"]) == (409, "manifest_not_issued")


def test_a_batch_without_bookings_prints_nothing(site: Site) -> None:
    order = done(site, "orders", another_order())
    batch = done(site, "batches", {"origin": "main", "carrier": "ups", "service": "x", "orders": [order["order_id"]]})
    response = site.get(f"/queries/batches/{batch['batch_id']}/labels.pdf")
    assert (response.status_code, response.get_json()["code"]) == (409, "nothing_booked")


@pytest.mark.parametrize("path", [*PDFS, *(f"{name}/{{}}" for name in LISTS)])
def test_what_does_not_exist_is_answered_404(site: Site, path: str) -> None:
    response = site.get(f"/queries/{path.format(uuid4())}")
    assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", [*LISTS, "dispatches/ready", "customers/c-1001/orders"])
def test_lists_answer_pages_and_refuse_what_they_do_not_know(site: Site, papers: dict[str, Any], name: str) -> None:
    page = site.get(f"/queries/{name}?limit=1").get_json()
    assert page.keys() == {"items", "next", "previous", "position"}
    assert len(page["items"]) <= 1
    for wrong, status in (("colour=red", 400), ("limit=many", 400), ("limit=201", 422), ("cursor=x", 400)):
        assert site.get(f"/queries/{name}?{wrong}").status_code == status, wrong


def test_pages_keep_their_filters(site: Site, papers: dict[str, Any]) -> None:
    for _ in range(3):
        order = done(site, "orders", another_order(payment={"method": "cash_on_delivery"}))
        done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"})
    site.follow()
    url, numbers = "/queries/invoices?state=paid&limit=2&issued_from=2020-01-01", []
    while url:
        page = site.get(url).get_json()
        numbers += [item["invoice_number"] for item in page["items"]]
        url = page["next"]
        assert url is None or "state=paid" in url
    assert len(numbers) >= 4
    assert numbers == sorted(numbers, reverse=True)


def test_a_document_of_an_order_has_the_orders_version_and_a_dispatch_its_own(
    site: Site, papers: dict[str, Any]
) -> None:
    order = site.get(f"/queries/orders/{papers['order_id']}")
    invoice = site.get(f"/queries/invoices/{papers['invoice_id']}")
    assert invoice.headers["ETag"] == order.headers["ETag"]
    dispatch = site.get(f"/queries/dispatches/{papers['dispatch_id']}")
    assert (dispatch.headers["ETag"], dispatch.get_json()["version"]) == ('"2"', 2)


def test_a_created_document_says_where_it_can_be_read(site: Site) -> None:
    order = done(site, "orders", another_order(payment={"method": "cash_on_delivery"}))
    invoiced = site.post(f"orders/{order['order_id']}/invoices", {"lines": "all_remaining"})
    assert site.get(invoiced.headers["Location"]).get_json()["invoice_id"] == invoiced.get_json()["invoice_id"]


PRINTINGS = [
    ("invoices", "invoice_id"),
    ("shipments", "shipment_id"),
    ("credit-memos", "credit_memo_id"),
    ("dispatches", "dispatch_id"),
]


@pytest.mark.parametrize(("area", "name"), PRINTINGS)
def test_a_printing_is_recorded_and_moves_no_version(site: Site, papers: dict[str, Any], area: str, name: str) -> None:
    before = site.get(f"/queries/{area}/{papers[name]}").headers["ETag"]
    printed = site.post(f"{area}/{papers[name]}/record-printed", {}, If_Match=before)
    assert (printed.status_code, printed.get_json()["events"]) == (200, ["DocumentPrinted"]), printed.data
    assert printed.headers["ETag"] == before == site.get(f"/queries/{area}/{papers[name]}").headers["ETag"]


JAPANESE = {"name": "山田 太郎", "street": ["神南1-19-11"], "city": "渋谷区", "postcode": "150-0041", "country": "JP"}


def test_a_label_that_cannot_be_printed_is_warned_of_when_booked_and_refused_when_asked_for(site: Site) -> None:
    placed = another_order(shipping_address=JAPANESE, payment={"method": "cash_on_delivery"})
    order = done(site, "orders", placed)
    booked = site.post(f"orders/{order['order_id']}/shipments", booking("1Z77"), Idempotency_Key="once").get_json()
    again = site.post(f"orders/{order['order_id']}/shipments", booking("1Z77"), Idempotency_Key="once").get_json()
    (warning,) = booked["warnings"]
    assert warning["code"] == "unprintable_characters"
    assert "山 (U+5C71)" in warning["detail"]
    assert "apt install fonts-noto-cjk" in warning["detail"]
    assert again == booked
    printed = site.get(f"/queries/shipments/{booked['shipment_id']}/label.pdf")
    assert (printed.status_code, printed.get_json()["code"]) == (409, "unprintable_characters")
    assert printed.get_json()["detail"] == warning["detail"]


def test_a_booking_whose_label_prints_has_no_warning(site: Site) -> None:
    order = done(site, "orders", another_order(payment={"method": "cash_on_delivery"}))
    assert "warnings" not in done(site, f"orders/{order['order_id']}/shipments", booking("1Z78"))


def test_an_order_with_a_printing_is_shown_although_its_version_is_known(site: Site) -> None:
    order = done(site, "orders", another_order())
    invoice = done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining"})
    url = f"/queries/orders/{order['order_id']}"
    etag = site.get(url).headers["ETag"]
    assert site.get(url, If_None_Match=etag).status_code == 304
    done(site, f"invoices/{invoice['invoice_id']}/send-copy")
    shown = site.get(url, If_None_Match=etag)
    assert (shown.status_code, shown.headers["ETag"]) == (200, etag)
    assert shown.get_json()["timeline"][-1]["type"] == "DocumentCopyRequested"


@pytest.mark.parametrize("path", ["invoices/{}/send-copy", *(f"{area}/{{}}/record-printed" for area, _ in PRINTINGS)])
def test_only_a_document_that_exists_is_printed(site: Site, papers: dict[str, Any], path: str) -> None:
    for unknown in (uuid4(), papers["order_id"]):
        response = site.post(path.format(unknown), {})
        assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


@pytest.fixture(scope="module")
def customer_key(site: Site) -> str:
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as connection:
        return create_key(connection, Role.CUSTOMER, "Ana", customer_id="c-1001")


def test_a_customer_sees_its_own_orders_only(site: Site, papers: dict[str, Any], customer_key: str) -> None:
    client, key = site.app.test_client(), bearer(customer_key)
    own = client.get("/queries/customers/c-1001/orders?limit=200", headers=key)
    assert papers["order_id"] in {item["order_id"] for item in own.get_json()["items"]}
    other = client.get("/queries/customers/c-1002/orders", headers=key)
    assert (other.status_code, other.get_json()["code"]) == (403, "forbidden")
    for path in ("invoices", f"invoices/{papers['invoice_id']}", f"invoices/{papers['invoice_id']}/invoice.pdf"):
        assert client.get(f"/queries/{path}", headers=key).status_code == 403


@pytest.mark.parametrize("role", [Role.ADMIN, Role.INTEGRATOR, Role.AUDITOR])
def test_those_who_may_query_see_every_customers_orders(site: Site, papers: dict[str, Any], role: Role) -> None:
    page = site.get("/queries/customers/c-1001/orders", role)
    parcel = page.get_json()["items"][0]
    assert page.status_code == 200
    assert parcel["timeline"][0]["what"] == "placed"


def test_a_reader_of_a_list_sees_its_own_write(site: Site) -> None:
    order = done(site, "orders", another_order(payment={"method": "cash_on_delivery"}))
    shipment = done(site, f"orders/{order['order_id']}/shipments", booking("1Z7"))
    url = f"/queries/shipments?order_id={order['order_id']}&min_position={shipment['position']}"
    assert site.get(url).status_code == 503
    site.follow()
    assert [item["shipment_id"] for item in site.get(url).get_json()["items"]] == [shipment["shipment_id"]]


def test_the_page_about_queries_names_every_list_filter_and_pdf() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "queries.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `/queries/([\w-]+)` \| (.*)", page, re.MULTILINE)
    filters = {name: set(re.findall(r"`(\w+)`", row)) for name, row in rows}
    assert filters == {name: parameters(kind) - PAGING - {"after"} for name, kind in KINDS.items()}
    assert {f"{kind.collection}/{{id}}/{form}.pdf" for kind, form in FORMS} == set(
        re.findall(r"`/queries/(\S+\.pdf)`", page)
    )
