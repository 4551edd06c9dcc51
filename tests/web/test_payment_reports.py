"""A payment provider's signed reports reach the order, once; unsigned ones do not."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from adapters.gateways.stripe_gateway import StripeReports
from tests.adapters.gateways.test_stripe import SECRET, report, signed
from tests.projections.shop import Shop, open_shop
from tests.support.postgres import Database
from web import observing, problems
from web.provider_reports import report_view


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
    view = report_view("stripe", StripeReports(SECRET, uuid4), shop.desk)
    app.add_url_rule("/webhooks/stripe", view_func=view, methods=["POST"])
    return app.test_client()


def test_a_signed_capture_is_recorded_once(client: FlaskClient, shop: Shop) -> None:
    order_id = shop.place()
    payload = report("payment_intent.succeeded", amount_received=2997, metadata={"order_id": str(order_id)})
    for _ in range(2):
        answer = client.post("/webhooks/stripe", data=payload, headers={"Stripe-Signature": signed(payload)})
        assert answer.status_code == 204
    order = shop.queries.order_detail(order_id)
    assert order is not None
    assert (order["totals"]["paid"], order["version"]) == ("29.97", 2)


def test_an_unsigned_report_changes_nothing(client: FlaskClient, shop: Shop) -> None:
    before = shop.events()
    payload = report("payment_intent.succeeded", amount_received=1)
    answer = client.post("/webhooks/stripe", data=payload, headers={"Stripe-Signature": "t=1,v1=00"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_signature")
    assert shop.events() == before


def send(client: FlaskClient, payload: bytes) -> Any:
    return client.post("/webhooks/stripe", data=payload, headers={"Stripe-Signature": signed(payload)})


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("daybook_webhook_reports_total", {"provider": "stripe", "outcome": outcome}) or 0


def test_a_report_about_another_shop_is_acknowledged_noted_and_changes_nothing(client: FlaskClient, shop: Shop) -> None:
    before, noted = shop.events(), counted("foreign")
    with capture_logs() as lines:
        answer = send(client, report("payment_intent.succeeded", metadata={"order_id": "100023"}))
    assert answer.status_code == 204
    assert (shop.events(), counted("foreign")) == (before, noted + 1)
    assert any(line["event"] == "webhook_noted" and line["event_id"] == "evt_1" for line in lines)


def test_a_report_that_comes_too_late_is_acknowledged(client: FlaskClient, shop: Shop) -> None:
    order_id = shop.place(method="card_authorize")
    shop.do("orders/cancel", order_id)
    metadata = {"order_id": str(order_id)}
    late = report("payment_intent.amount_capturable_updated", "evt_late", amount_capturable=2997, metadata=metadata)
    noted = counted("order_canceled")
    assert send(client, late).status_code == 204
    assert counted("order_canceled") == noted + 1


def test_a_report_of_an_order_that_may_still_come_is_sent_again_for_an_hour(client: FlaskClient, shop: Shop) -> None:
    early = json.loads(
        report("payment_intent.succeeded", "evt_early", amount_received=1, metadata={"order_id": str(uuid4())})
    )
    assert send(client, json.dumps(early).encode()).status_code == 404
    early["created"] = int(time.time()) - 2 * 3600
    assert send(client, json.dumps(early).encode()).status_code == 204


def test_a_report_beyond_256_kib_is_refused_unread(client: FlaskClient) -> None:
    answer = send(client, b"x" * (256 * 1024 + 1))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body_too_large")
