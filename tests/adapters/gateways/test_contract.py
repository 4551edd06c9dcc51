"""Whoever moves the money: asked twice it acts once, and what is not known is said to be so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.gateways.simulated import SimulatedGateway
from adapters.gateways.stripe_gateway import StripeGateway
from application.gateway import Approved, Declined, Gateway, GatewayRequest, GatewayUnavailable
from tests.adapters.gateways.stripe_server import serving

Subject = tuple[Gateway, Callable[[], list[dict[str, Any]]]]


@pytest.fixture(params=["simulated", "stripe"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """A gateway, and what it has moved."""
    if request.param == "simulated":
        simulated = SimulatedGateway(tmp_path / "gateway.json")
        yield simulated, simulated.movements
        return
    with serving() as server:
        yield StripeGateway("sk_test_daybook", server.url), lambda: server.movements


def wanting(amount: int, kind: str = "capture", intent_id: UUID | None = None) -> GatewayRequest:
    return GatewayRequest(
        kind=kind,
        intent_id=intent_id or uuid4(),
        order_id=uuid4(),
        amount=amount,
        currency="EUR",
        reference="pi_1",
    )


@pytest.mark.parametrize("kind", ["capture", "refund"])
def test_what_is_asked_twice_is_done_once(subject: Subject, kind: str) -> None:
    gateway, movements = subject
    request = wanting(1000, kind)
    first = gateway.ask(request)
    assert isinstance(first, Approved)
    assert gateway.ask(request) == first
    assert [(each["kind"], each["amount"]) for each in movements()] == [(kind, 1000)]


def test_a_refusal_is_final(subject: Subject) -> None:
    gateway, movements = subject
    request = wanting(1091)
    first = gateway.ask(request)
    assert isinstance(first, Declined)
    assert "insufficient funds" in first.detail
    assert gateway.ask(request) == first
    assert movements() == []


@pytest.mark.parametrize("amount", [1093, 1094])
def test_a_lost_answer_is_unknown_and_asking_again_decides(subject: Subject, amount: int) -> None:
    gateway, movements = subject
    request = wanting(amount)
    with pytest.raises(GatewayUnavailable):
        gateway.ask(request)
    assert isinstance(gateway.ask(request), Approved)
    assert len(movements()) == 1


def test_two_requests_are_two_movements(subject: Subject) -> None:
    gateway, movements = subject
    for _ in range(2):
        gateway.ask(wanting(1000))
    assert len(movements()) == 2
