"""Whoever makes the labels: asked twice it makes one, and what is not known is said to be so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.carriers.easypost_carrier import EasyPostAccount, EasyPostCarrier
from adapters.carriers.easypost_parcels import Sender
from adapters.carriers.simulated import SimulatedCarrier
from adapters.documents.contents import Address
from application.carrier import (
    Bought,
    Carrier,
    CarrierUnavailable,
    LabelRequest,
    Manifested,
    ManifestRequest,
    Parcel,
    Refused,
    Voided,
    VoidRequest,
    VoidUnderWay,
)
from tests.adapters.carriers.easypost_server import serving

Subject = tuple[Carrier, Callable[[], list[dict[str, Any]]]]
SENDER = Sender(
    places={"main": Address(name="Shop", street=("1 Main St",), city="Austin", region="TX", postcode="1", country="US")}
)


@pytest.fixture(params=["simulated", "easypost"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """A carrier, and the labels that it charged for."""
    if request.param == "simulated":
        simulated = SimulatedCarrier(tmp_path / "carrier.sqlite")
        yield simulated, simulated.labels
        return
    with serving() as server:
        yield EasyPostCarrier("EZTK_daybook", EasyPostAccount(carrier="USPS"), SENDER, server.url), server.labels


def parcel(weight: int = 900, service: str | None = None) -> Parcel:
    ship_to = {"name": "Ana Silva", "street": ["2 Side St"], "city": "Reno", "region": "NV", "country": "US"}
    return Parcel(
        carrier="usps",
        service=service,
        origin="main",
        ship_to=ship_to,
        weight_grams=weight,
        reference=str(weight),
    )


def wanting(weight: int = 900, service: str | None = None) -> LabelRequest:
    return LabelRequest(intent_id=uuid4(), parcel=parcel(weight, service))


def back(intent_id: UUID, reference: str | None = None) -> VoidRequest:
    return VoidRequest(intent_id=intent_id, carrier="usps", reference=reference)


def test_what_is_asked_twice_is_made_once(subject: Subject) -> None:
    carrier, labels = subject
    request = wanting()
    first = carrier.buy(request)
    assert isinstance(first, Bought)
    assert first.label is not None
    assert first.label.startswith(b"\x89PNG")
    assert first.tracking_number
    assert carrier.buy(request) == first
    assert labels() == [{"state": "bought", "amount": first.amount} | labels()[0]]


def test_a_refusal_is_final_and_costs_nothing(subject: Subject) -> None:
    carrier, labels = subject
    request = wanting(991)
    first = carrier.buy(request)
    assert isinstance(first, Refused)
    assert first.detail.endswith("takes it there.")
    assert carrier.buy(request) == first
    assert labels() == []


def test_a_service_that_is_not_offered_is_refused(subject: Subject) -> None:
    carrier, labels = subject
    refused = carrier.buy(wanting(service="teleport"))
    assert isinstance(refused, Refused)
    assert "teleport" in refused.detail
    assert labels() == []


@pytest.mark.parametrize("weight", [993, 994])
def test_a_lost_answer_is_unknown_and_asking_again_decides(subject: Subject, weight: int) -> None:
    carrier, labels = subject
    request = wanting(weight)
    with pytest.raises(CarrierUnavailable):
        carrier.buy(request)
    assert isinstance(carrier.buy(request), Bought)
    assert len(labels()) == 1


def test_two_requests_are_two_labels(subject: Subject) -> None:
    carrier, labels = subject
    bought = [carrier.buy(wanting()) for _ in range(2)]
    assert len({each.tracking_number for each in bought if isinstance(each, Bought)}) == 2
    assert len(labels()) == 2


def test_a_label_is_voided_once_and_never_made_again(subject: Subject) -> None:
    carrier, labels = subject
    request = wanting()
    bought = carrier.buy(request)
    assert isinstance(bought, Bought)
    for reference in (bought.reference, None):
        assert carrier.void(back(request.intent_id, reference)) == Voided()
    assert isinstance(carrier.buy(request), Refused)
    assert [each["state"] for each in labels()] == ["voided"]


def test_what_was_never_made_is_void(subject: Subject) -> None:
    carrier, labels = subject
    assert carrier.void(back(uuid4())) == Voided()
    assert labels() == []


def test_a_void_may_be_decided_later(subject: Subject) -> None:
    carrier, _ = subject
    request = wanting(995)
    carrier.buy(request)
    assert carrier.void(back(request.intent_id)) == VoidUnderWay()
    assert carrier.void(back(request.intent_id)) == Voided()


def test_a_void_may_be_refused(subject: Subject) -> None:
    carrier, labels = subject
    request = wanting(996)
    carrier.buy(request)
    for _ in range(2):
        assert carrier.void(back(request.intent_id)) == Refused("The label was used.")
    assert [each["state"] for each in labels()] == ["bought"]


def test_rates_are_told_the_cheapest_first_and_cost_nothing(subject: Subject) -> None:
    carrier, labels = subject
    rates = carrier.rates(parcel())
    assert isinstance(rates, list)
    assert [each.amount for each in rates] == sorted(each.amount for each in rates)
    assert len({each.service for each in rates}) == len(rates) >= 2
    assert isinstance(carrier.rates(parcel(991)), Refused)
    assert labels() == []


def test_the_cheapest_service_is_taken_where_none_is_named(subject: Subject) -> None:
    carrier, _ = subject
    rates, bought = carrier.rates(parcel()), carrier.buy(wanting())
    assert isinstance(rates, list)
    assert isinstance(bought, Bought)
    assert (bought.service, bought.amount, bought.currency) == (rates[0].service, rates[0].amount, rates[0].currency)


def test_a_manifest_is_made_once_of_the_labels_that_stand(subject: Subject) -> None:
    carrier, _ = subject
    bought = [carrier.buy(wanting()) for _ in range(3)]
    names = tuple(each.reference for each in bought if isinstance(each, Bought))
    request = ManifestRequest(intent_id=uuid4(), references=names)
    first = carrier.manifest(request)
    assert isinstance(first, Manifested)
    assert carrier.manifest(request) == first
    assert isinstance(carrier.manifest(ManifestRequest(intent_id=uuid4(), references=("unknown",))), Refused)
