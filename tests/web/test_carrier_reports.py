"""What carriers report by a provider's signed webhook reaches the parcel, up to delivered, once."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.carriers.easypost_reports import EasyPostReports
from tests.adapters.carriers.easypost_reports import SECRET, detail, report, signed
from tests.projections.shop import Shop, open_shop
from tests.support.postgres import Database
from web import observing, problems
from web.provider_reports import report_view

JOURNEY = (
    detail("pre_transit", "2026-11-25T08:00:00Z"),
    detail("in_transit", "2026-11-25T20:00:00Z"),
    detail("out_for_delivery", "2026-11-26T07:00:00Z"),
    detail("delivered", "2026-11-26T12:00:00Z"),
)


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    with open_shop(database) as shop:
        yield shop


@pytest.fixture(scope="module")
def client(shop: Shop) -> FlaskClient:
    """The endpoint over the real desk."""
    app = Flask("webhooks")
    observing.install(app)
    problems.install(app)
    view = report_view("easypost", EasyPostReports(SECRET, {"USPS": ("usps",)}, uuid4), shop.desk)
    app.add_url_rule("/webhooks/easypost", view_func=view, methods=["POST"])
    return app.test_client()


def send(client: FlaskClient, payload: bytes, signature: str | None = None) -> Any:
    headers = {"X-Hmac-Signature": signature or signed(payload)}
    return client.post("/webhooks/easypost", data=payload, headers=headers)


def shipped(shop: Shop, number: str) -> tuple[UUID, UUID]:
    """An order on its way under a number: its id and the shipment's."""
    order_id = shop.place(method="cash_on_delivery")
    packages = [{"weight_grams": 900, "contents": [{"line_id": "1", "quantity": 3}], "tracking_number": number}]
    answer = shop.do("orders/shipments", order_id, lines="all_remaining", carrier="usps", packages=packages)
    return order_id, UUID(answer["shipment_id"])


def test_reports_that_come_twice_and_grow_record_each_scan_once_up_to_delivered(
    client: FlaskClient, shop: Shop
) -> None:
    order_id, _ = shipped(shop, "940010010001")
    for known in (1, 3, 4, 4):
        assert send(client, report("940010010001", *JOURNEY[:known])).status_code == 204
    order = shop.queries.order_detail(order_id)
    assert order is not None
    tracking = order["shipments"][0]["packages"][0]["tracking"]
    assert [scan["status"] for scan in tracking["scans"]] == ["pending", "in_transit", "out_for_delivery", "delivered"]
    assert (tracking["status"], order["fulfilment_status"]) == ("delivered", "delivered")


def test_an_unsigned_report_changes_nothing(client: FlaskClient, shop: Shop) -> None:
    shipped(shop, "940010010002")
    before = shop.events()
    answer = send(client, report("940010010002", *JOURNEY), "hmac-sha256-hex=00")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_signature")
    assert client.post("/webhooks/easypost", data=report("940010010002", *JOURNEY)).status_code == 400
    assert shop.events() == before


def test_a_report_of_a_number_that_is_none_of_ours_is_acknowledged_and_changes_nothing(
    client: FlaskClient, shop: Shop
) -> None:
    before = shop.events()
    assert send(client, report("940010019999", *JOURNEY)).status_code == 204
    assert send(client, report("940010019999", *JOURNEY, carrier="UPS")).status_code == 204
    assert shop.events() == before
