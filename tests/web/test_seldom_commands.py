"""Commands that shops seldom send, over HTTP: each is taken, and what it was for is shown afterwards."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.web.live import Site, another_order

NUMBER = {"carrier": "ups", "tracking_number": "1Z999AA1"}
ALL = {"lines": "all_remaining"}


def done(site: Site, path: str, body: Any = None) -> dict[str, Any]:
    response = site.post(path, body or {})
    answer: dict[str, Any] = response.get_json()
    assert response.status_code in {200, 201}, answer
    return answer


def placed(site: Site, method: str, **more: Any) -> str:
    order_id: str = done(site, "orders", another_order(payment={"method": method}, **more))["order_id"]
    return order_id


def shown(site: Site, what: str, which: str) -> dict[str, Any]:
    site.follow()
    answer: dict[str, Any] = site.get(f"/queries/{what}/{which}").get_json()
    return answer


def test_an_order_that_nobody_paid_in_time_expires(site: Site) -> None:
    until = datetime.now(UTC) + timedelta(seconds=1)
    order = placed(site, "hosted_checkout", expires_at=until.isoformat())
    time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 0.05)
    done(site, f"orders/{order}/expire")
    assert shown(site, "orders", order)["status"] == "Canceled"


def test_authorized_money_is_not_taken(site: Site) -> None:
    order = placed(site, "card_authorize")
    done(site, f"orders/{order}/authorize-payment", {"amount": "10.00", "provider_reference": "pi_1"})
    assert done(site, f"orders/{order}/void-payment", {"provider_reference": "pi_1"})["events"] == ["PaymentVoided"]


def test_a_payment_under_review_is_denied(site: Site) -> None:
    order = placed(site, "card_authorize")
    done(site, f"orders/{order}/flag-payment")
    assert shown(site, "orders", order)["status"] == "Payment Review"
    done(site, f"orders/{order}/deny-payment")
    assert shown(site, "orders", order)["status"] == "Canceled"


def test_a_paid_invoice_is_corrected_by_a_credit_memo(site: Site) -> None:
    order = placed(site, "bank_transfer")
    invoice = done(site, f"orders/{order}/invoices", ALL | {"capture": "offline"})["invoice_id"]
    done(site, f"invoices/{invoice}/correct")
    assert len(shown(site, "orders", order)["credit_memos"]) == 1


def test_a_number_is_retracted_and_units_come_back(site: Site) -> None:
    order = placed(site, "cash_on_delivery")
    shipment = done(site, f"orders/{order}/shipments", ALL | {"carrier": "ups", "service": "Standard"})["shipment_id"]
    path = f"shipments/{shipment}"
    done(site, f"{path}/add-tracking", NUMBER | {"tracking_number": "1Z999AA2"})
    done(site, f"{path}/retract-tracking", NUMBER | {"tracking_number": "1Z999AA2"})
    done(site, f"{path}/add-tracking", NUMBER)
    done(site, "tracking-events", NUMBER | {"status": "return_to_sender", "occurred_at": datetime.now(UTC).isoformat()})
    done(site, f"{path}/return", {"lines": [{"line_id": "1", "quantity": 1}]})
    assert [each["returned"] for each in shown(site, "shipments", shipment)["lines"]] == [1]
