"""What is Stripe's own: signed reports, and what it cannot do."""

import hashlib
import hmac
import json
import time
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.gateways.stripe_gateway import InvalidReport, StripeGateway, StripeReports
from application.gateway import Declined
from tests.adapters.gateways.test_contract import wanting

SECRET = "whsec_test"
ORDER = UUID("01900000-0000-7000-8000-000000000001")


def report(kind: str, event_id: str = "evt_1", **intent: Any) -> bytes:
    """An event of a PaymentIntent as Stripe posts it."""
    described = {"id": "pi_1", "object": "payment_intent", "currency": "eur", "metadata": {"order_id": str(ORDER)}}
    event = {
        "id": event_id,
        "object": "event",
        "created": int(time.time()),
        "type": kind,
        "data": {"object": described | intent},
    }
    return json.dumps(event).encode()


def signed(payload: bytes, secret: str = SECRET, at: int | None = None) -> str:
    """Stripe's signature scheme: HMAC-SHA256 over time and body."""
    moment = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


@pytest.mark.parametrize(
    ("kind", "intent", "command", "amount"),
    [
        (
            "payment_intent.amount_capturable_updated",
            {"amount_capturable": 4301},
            "orders/authorize-payment",
            Decimal("43.01"),
        ),
        ("payment_intent.succeeded", {"amount_received": 4301}, "orders/capture-payment", Decimal("43.01")),
        ("payment_intent.payment_failed", {}, "orders/fail-payment", None),
        ("payment_intent.canceled", {}, "orders/void-payment", None),
    ],
)
def test_a_signed_report_becomes_a_command(
    kind: str, intent: dict[str, Any], command: str, amount: Decimal | None
) -> None:
    payload = report(kind, **intent)
    (made,) = StripeReports(SECRET, uuid4).read(payload, signed(payload)).commands
    assert (made.name, made.target, getattr(made.body, "amount", None)) == (command, ORDER, amount)
    assert (made.cause.idempotency_key, getattr(made.body, "provider_reference", None)) == ("evt_1", "pi_1")


@pytest.mark.parametrize("signature", ["empty", "wrong", "of another body", "by another secret"])
def test_a_report_that_stripe_did_not_sign_is_refused(signature: str) -> None:
    payload = report("x")
    given = {
        "empty": "",
        "wrong": "t=1,v1=00",
        "of another body": signed(b"{}"),
        "by another secret": signed(payload, secret="whsec_other"),
    }[signature]
    with pytest.raises(InvalidReport):
        StripeReports(SECRET, uuid4).read(payload, given)


def test_an_old_report_is_refused() -> None:
    payload = report("payment_intent.succeeded", amount_received=1)
    with pytest.raises(InvalidReport):
        StripeReports(SECRET, uuid4).read(payload, signed(payload, at=int(time.time()) - 3600))


@pytest.mark.parametrize(
    ("kind", "metadata"), [("customer.created", {"order_id": str(ORDER)}), ("payment_intent.succeeded", {})]
)
def test_reports_of_other_things_ask_for_nothing(kind: str, metadata: dict[str, str]) -> None:
    payload = report(kind, metadata=metadata)
    said = StripeReports(SECRET, uuid4).read(payload, signed(payload))
    assert (said.commands, said.foreign) == ((), False)


@pytest.mark.parametrize("intent", [{"metadata": {"order_id": "100023"}}, {"currency": "zzz"}])
def test_a_report_about_another_shop_is_foreign(intent: dict[str, Any]) -> None:
    payload = report("payment_intent.succeeded", amount_received=1, **intent)
    said = StripeReports(SECRET, uuid4).read(payload, signed(payload))
    assert (said.commands, said.foreign) == ((), True)


def test_a_capture_is_not_undone() -> None:
    assert isinstance(StripeGateway("sk_test_daybook").ask(wanting(1000, "void")), Declined)
