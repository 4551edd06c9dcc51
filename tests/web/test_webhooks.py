"""A payment provider's signed reports reach the order, once; unsigned ones do not."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.gateways.stripe_gateway import StripeWebhook
from tests.adapters.gateways.test_stripe import SECRET, report, signed
from tests.projections.shop import Shop, open_shop
from tests.support.postgres import Database
from web import observing, problems
from web.webhooks import webhook_view


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
    view = webhook_view(StripeWebhook(SECRET, uuid4), shop.desk)
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
