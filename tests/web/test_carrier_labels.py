"""Labels from a carrier as programs and people meet them: states, costs, the carrier's own file, rates, a retry."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from pypdf import PdfReader

from access.roles import Role
from adapters.carriers.kept_labels import KeptLabels
from adapters.carriers.simulated import SimulatedCarrier
from adapters.identifiers import new_id, now
from application.carrier import CarrierUnavailable
from application.processes.attempts import Attempts
from application.processes.batches import Batches
from application.processes.carrier_requests import LabelDesk
from application.processes.process import Origin
from eventstore.aside import Aside
from eventstore.keeping import Vault, keeping_pool
from tests.projections.shop import KEYRING, LABELLING
from tests.web.live import Site, another_order
from tests.web.test_pages import signed_in
from web import problems
from web.queries.rates import AT_ONCE, NoRates, RatesViews

NORMAL, REFUSED = 900, 991


def booked(site: Site, weight: int = NORMAL, customer: str = "c-1") -> dict[str, Any]:
    """A shipment of one package whose label the carrier is asked for, of a paid order."""
    placing = another_order(payment={"method": "cash_on_delivery"}, customer={"id": customer})
    order = site.post("orders", placing).json
    site.post(f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"})
    contents = [{"line_id": line["line_id"], "quantity": line["quantity"]} for line in another_order()["lines"]]
    body = {
        "lines": "all_remaining",
        "carrier": LABELLING,
        "packages": [{"weight_grams": weight, "contents": contents}],
    }
    answer = site.post(f"orders/{order['order_id']}/shipments", body)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def ask(site: Site, tmp_path: Path, orders: Collection[str] = (), *, zpl: bool = False) -> None:
    """Have the carrier asked, as the worker does: for these orders, or for all."""
    with keeping_pool(site.shop.database.app_url) as pool:
        files = KeptLabels(Vault(pool, site.shop.reader, KEYRING), site.shop.reader)
        carrier = SimulatedCarrier(tmp_path / "carrier.sqlite", zpl=zpl)
        desk = LabelDesk(site.shop.log, {LABELLING: carrier}, files, Origin("carriers", new_id, now))
        for claim in desk.due(100):
            if orders and str(claim.partition_id) not in orders:
                continue
            with suppress(CarrierUnavailable):
                desk.settle(claim)


def test_the_label_is_the_carriers_own_with_its_number_and_what_it_cost(site: Site, tmp_path: Path) -> None:
    shipment_id = booked(site)["shipment_id"]
    path = f"/queries/shipments/{shipment_id}"
    assert site.get(path).json["label"] == "requested"
    early = site.get(f"{path}/label.pdf")
    assert (early.status_code, early.json["code"]) == (409, "label_not_bought")
    ask(site, tmp_path)
    shipment = site.get(path).json
    (package,) = shipment["packages"]
    (label,) = package["labels"]
    assert (shipment["label"], label["state"], label["amount"], label["currency"]) == (
        "bought",
        "bought",
        "6.35",
        "USD",
    )
    assert package["tracking_number"] == label["tracking_number"]
    (page,) = PdfReader(BytesIO(site.get(f"{path}/label.pdf").data)).pages
    assert (page.mediabox.width, page.mediabox.height) == (288, 432)
    assert len(page.images) == 1
    assert page.extract_text().strip() == ""


def test_a_label_for_label_printers_is_the_carriers_own(site: Site, tmp_path: Path) -> None:
    shipment_id = booked(site)["shipment_id"]
    path = f"/queries/shipments/{shipment_id}"
    early = site.get(f"{path}/label.zpl")
    assert (early.status_code, early.json["code"]) == (409, "label_not_bought")
    ask(site, tmp_path, zpl=True)
    label = site.get(f"{path}/label.zpl")
    number = site.get(path).json["packages"][0]["tracking_number"]
    assert (label.status_code, label.content_type) == (200, "application/zpl")
    assert label.data.startswith(b"^XA")
    assert f"^FD{number}^FS".encode() in label.data
    refused = site.get(f"{path}/label.pdf")
    assert (refused.status_code, refused.json["code"]) == (409, "label_is_zpl")
    site.follow()
    with signed_in(site, Role.ADMIN) as desk:
        shown = desk.get(f"/documents/shipments/{shipment_id}/label.pdf", follow_redirects=True)
    assert (shown.status_code, shown.data) == (200, label.data), shown.text


def test_a_picture_is_not_given_to_a_label_printer(site: Site, tmp_path: Path) -> None:
    shipment_id = booked(site)["shipment_id"]
    ask(site, tmp_path)
    refused = site.get(f"/queries/shipments/{shipment_id}/label.zpl")
    assert (refused.status_code, refused.json["code"]) == (409, "label_not_zpl")
    unknown = site.get(f"/queries/shipments/{UUID(int=7)}/label.zpl")
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")


def test_of_a_batch_each_printer_gets_what_it_reads(site: Site, tmp_path: Path) -> None:
    """The first label is ZPL, the second a picture, the third not there yet."""
    placing = another_order(payment={"method": "cash_on_delivery"})
    orders = [site.post("orders", placing).json["order_id"] for _ in range(3)]
    body = {"origin": "main", "carrier": LABELLING, "service": "ground", "orders": orders}
    batch_id = site.post("batches", body).json["batch_id"]
    path = f"/queries/batches/{batch_id}"
    assert site.get(f"{path}/labels.zpl").json["code"] == "nothing_booked"
    site.post(f"batches/{batch_id}/process", {})
    with closing(Aside(site.shop.database.app_url, "batches")) as aside:
        batches = Batches(site.shop.log, site.shop.desk, Origin("batches", new_id, now), Attempts(aside))
        while batches.step():
            pass
    ask(site, tmp_path, orders[:1], zpl=True)
    assert site.get(f"{path}/labels.zpl").data.count(b"No label: shipment") == 2
    ask(site, tmp_path, orders[1:2])
    zpl = site.get(f"{path}/labels.zpl").data
    assert (zpl.count(b"^XA"), zpl.count(b"No label: shipment")) == (2, 1)
    pages = PdfReader(BytesIO(site.get(f"{path}/labels.pdf").data)).pages
    assert [len(page.images) for page in pages] == [1, 0]


def test_a_refused_label_is_shown_with_what_to_do_and_asked_for_again_on_the_page(site: Site, tmp_path: Path) -> None:
    answer = booked(site, REFUSED)
    ask(site, tmp_path)
    site.follow()
    shipment = site.get(f"/queries/shipments/{answer['shipment_id']}").json
    assert (shipment["label"], shipment["blocked"]) == ("failed", "label_not_bought")
    assert shipment["packages"][0]["labels"][0]["detail"] == "No service ground takes it there."
    refused = site.get(f"/queries/shipments/{answer['shipment_id']}/label.pdf").json
    assert "No service ground takes it there." in refused["detail"]
    with signed_in(site, Role.ADMIN) as desk:
        page = desk.get(f"/orders/{answer['order_id']}").get_data(as_text=True)
        form = desk.get(f"/act/shipments/{answer['shipment_id']}/request-label").get_data(as_text=True)
        listed = desk.get("/shipments").get_data(as_text=True)
    assert '<span class="pill bad">Failed</span>' in listed
    assert "No service ground takes it there." in page
    assert "The carrier made no label." in page
    assert "request-label" in page
    assert 'name="service"' in form
    again = site.post(f"shipments/{answer['shipment_id']}/request-label", {"service": "express"})
    assert (again.status_code, again.json["events"]) == (200, ["LabelRequested"])
    twice = site.post(f"shipments/{answer['shipment_id']}/request-label", {})
    assert (twice.status_code, twice.json["code"]) == (409, "label_not_needed")


def test_a_label_that_is_not_needed_is_given_back_and_printed_no_more(site: Site, tmp_path: Path) -> None:
    shipment_id = booked(site)["shipment_id"]
    ask(site, tmp_path)
    path = f"/queries/shipments/{shipment_id}"
    assert site.get(f"{path}/label.pdf").status_code == 200
    given = site.post(f"shipments/{shipment_id}/void-label", {"package_id": "1"})
    assert (given.status_code, given.json["events"]) == (200, ["LabelVoidRequested", "TrackingRetracted"])
    early = site.get(f"{path}/label.pdf").json
    assert (early["code"], "being given back" in early["detail"]) == ("label_not_bought", True)
    ask(site, tmp_path)
    assert site.get(path).json["label"] == "voided"
    twice = site.post(f"shipments/{shipment_id}/void-label", {})
    assert (twice.status_code, twice.json["code"]) == (409, "no_label_to_void")
    site.post(f"shipments/{shipment_id}/cancel", {})
    canceled = site.get(f"{path}/label.pdf")
    assert (canceled.status_code, canceled.json["code"]) == (409, "shipment_canceled")


def test_rates_are_asked_for_each_package(site: Site) -> None:
    answer = booked(site)
    rates = site.get(f"/queries/shipments/{answer['shipment_id']}/rates")
    assert rates.status_code == 200
    (package,) = rates.json["packages"]
    assert package["rates"][0] == {"service": "ground", "amount": "6.35", "currency": "USD", "days": 4}
    refused = site.get(f"/queries/shipments/{booked(site, REFUSED)['shipment_id']}/rates").json
    assert refused["packages"] == [{"package_id": "1", "rates": [], "detail": "No service takes it there."}]


@pytest.mark.parametrize(
    ("shipment", "status", "code"), [("unknown", 404, "not_found"), ("without account", 409, "carrier_not_connected")]
)
def test_rates_that_cannot_be_asked_say_why(site: Site, shipment: str, status: int, code: str) -> None:
    shipment_id = str(UUID(int=7))
    if shipment == "without account":
        order = site.post("orders", another_order(payment={"method": "cash_on_delivery"})).json
        body = {"lines": "all_remaining", "carrier": "ups"}
        shipment_id = site.post(f"orders/{order['order_id']}/shipments", body).json["shipment_id"]
    answer = site.get(f"/queries/shipments/{shipment_id}/rates")
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_carrier_that_does_not_answer_is_503(site: Site) -> None:
    answer = site.get(f"/queries/shipments/{booked(site, 994)['shipment_id']}/rates")
    assert (answer.status_code, answer.json["code"]) == (503, "carrier_unavailable")


def test_a_closed_dispatch_shows_the_carriers_own_manifest(site: Site, tmp_path: Path) -> None:
    shipment_id = booked(site)["shipment_id"]
    ask(site, tmp_path)
    ready_at = (now() + timedelta(hours=2)).isoformat()
    pickup = {"carrier": LABELLING, "location": "main", "ready_at": ready_at, "shipments": [shipment_id]}
    dispatch_id = site.post("dispatches", pickup).json["dispatch_id"]
    path = f"/queries/dispatches/{dispatch_id}"
    early = site.get(f"{path}/carrier-manifest.pdf")
    assert (early.status_code, early.json["code"]) == (409, "carrier_manifest_not_made")
    site.post(f"dispatches/{dispatch_id}/close", {})
    assert site.get(path).json["carrier_manifest"]["state"] == "requested"
    ask(site, tmp_path)
    site.follow()
    assert site.get(path).json["carrier_manifest"]["state"] == "made"
    (page,) = PdfReader(BytesIO(site.get(f"{path}/carrier-manifest.pdf").data)).pages
    assert len(page.images) == 1
    assert PdfReader(BytesIO(site.get(f"{path}/manifest.pdf").data)).pages[0].extract_text()
    with signed_in(site, Role.ADMIN) as desk:
        assert "carrier-manifest.pdf" in desk.get(f"/dispatches/{dispatch_id}").get_data(as_text=True)


def test_an_erased_customer_takes_the_kept_label_along(site: Site, tmp_path: Path) -> None:
    shipment_id = booked(site, customer="c-erased")["shipment_id"]
    ask(site, tmp_path)
    path = f"/queries/shipments/{shipment_id}"
    assert site.get(f"{path}/label.pdf").status_code == 200
    open_request = booked(site, customer="c-erased")["shipment_id"]
    site.shop.erase("c-erased")
    erased = site.get(f"{path}/label.pdf")
    assert (erased.status_code, erased.json["code"]) == (409, "label_not_bought")
    ask(site, tmp_path)
    (label,) = site.get(f"/queries/shipments/{open_request}").json["packages"][0]["labels"]
    assert (label["state"], label["detail"]) == ("failed", None)


def test_rates_of_what_is_left_of_an_order_are_asked_before_it_is_booked(site: Site) -> None:
    order = site.post("orders", another_order(payment={"method": "cash_on_delivery"})).json
    path = f"/queries/orders/{order['order_id']}/rates"
    rates = site.get(f"{path}?carrier={LABELLING}").json
    assert (rates["origin"], rates["weight_grams"], rates["detail"]) == ("main", 1200, None)
    assert rates["rates"][0] == {"service": "ground", "amount": "6.80", "currency": "USD", "days": 4}
    for asked, status, code in (
        ("carrier=ups", 409, "carrier_not_connected"),
        (f"carrier={LABELLING}&origin=nowhere", 422, "unknown_location"),
        ("origin=main", 400, "invalid_parameter"),
    ):
        answer = site.get(f"{path}?{asked}")
        assert (answer.status_code, answer.json["code"]) == (status, code)
    site.post(f"orders/{order['order_id']}/shipments", {"lines": "all_remaining", "carrier": "ups"})
    answer = site.get(f"{path}?carrier={LABELLING}")
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_to_ship")


def test_too_many_who_ask_for_rates_come_again() -> None:
    """Each asks a carrier while its reader waits."""
    inside, go_on = Barrier(AT_ONCE + 1), Event()

    class Slow(NoRates):
        def of_shipment(self, shipment_id: UUID) -> Mapping[str, Any]:
            inside.wait(10)
            go_on.wait(10)
            return {"shipment_id": str(shipment_id)}

    app = Flask("rates")
    problems.install(app)
    app.add_url_rule("/<uuid:shipment_id>", view_func=RatesViews(Slow()).shipment)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asking = [pool.submit(lambda: app.test_client().get(f"/{UUID(int=1)}").status_code) for _ in range(AT_ONCE)]
        inside.wait(10)
        busy = app.test_client().get(f"/{UUID(int=1)}")
        assert (busy.status_code, busy.get_json()["code"]) == (503, "carrier_busy")
        go_on.set()
        assert [each.result() for each in asking] == [200] * AT_ONCE
