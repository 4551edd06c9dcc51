"""A shipment decides without a database: its numbers, its scans, when its booking can be undone."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain import shipment_events as e
from domain.events import Event
from domain.order import AlreadyReported
from domain.requests import Scan
from domain.shipment import Shipment
from domain.values import Units
from tests.support.facts import NOON, given, refusal, then

ORDER = UUID(int=1)


def booked(packages: int = 1) -> Event:
    parcels = tuple(
        e.Package(package_id=str(n), contents=(Units(line_id="1", quantity=2),), weight_grams=500)
        for n in range(1, packages + 1)
    )
    return e.ShipmentBooked(occurred_at=NOON, order_id=ORDER, carrier="dhl", origin="main", packages=parcels)


def assigned(number: str, package: str = "1") -> Event:
    return e.TrackingAssigned(occurred_at=NOON, package_id=package, carrier="dhl", tracking_number=number)


def shipment(*facts: Event, packages: int = 1) -> Shipment:
    return given(Shipment(UUID(int=7)), booked(packages), *facts)


def scan(number: str, status: str) -> Scan:
    return Scan(carrier="dhl", tracking_number=number, status=status)


def test_the_only_package_needs_no_name_and_one_of_several_does() -> None:
    alone = shipment()
    alone.assign_tracking("dhl", "JD 1", None, NOON)
    (event,) = then(alone)
    assert isinstance(event, e.TrackingAssigned)
    assert event.package_id == "1"
    several = shipment(packages=2)
    assert refusal(lambda: several.assign_tracking("dhl", "JD1", None, NOON), several) == "package_required"
    assert refusal(lambda: several.assign_tracking("dhl", "JD1", "3", NOON), several) == "package_not_in_shipment"


@pytest.mark.parametrize("spelling", ["jd1", "JD 1", "JD-1"])
def test_a_number_is_the_same_in_every_spelling(spelling: str) -> None:
    followed = shipment(assigned("JD1"), packages=2)
    with pytest.raises(AlreadyReported):
        followed.assign_tracking("dhl", spelling, "1", NOON)
    assert refusal(lambda: followed.assign_tracking("dhl", spelling, "2", NOON), followed) == "tracking_number_in_use"
    followed.assign_tracking("ups", spelling, "2", NOON)  # of another carrier it is another number


def test_a_number_has_a_letter_or_a_digit() -> None:
    followed = shipment(assigned("JD1"))
    assert refusal(lambda: followed.assign_tracking("dhl", " - ", None, NOON), followed) == "tracking_number_required"
    correct = lambda: followed.correct_tracking("dhl", "JD1", "--", None, NOON)  # noqa: E731
    assert refusal(correct, followed) == "tracking_number_required"


def test_a_corrected_number_is_known_no_more_and_the_right_one_is() -> None:
    followed = shipment(assigned("JD1"))
    followed.correct_tracking("dhl", "JD1", "JD2", None, NOON)
    assert refusal(lambda: followed.retract_tracking("dhl", "JD1", None, NOON), shipment()) == "unknown_tracking"
    followed.retract_tracking("dhl", "JD2", None, NOON)
    assert [type(each) for each in then(followed)] == [e.TrackingCorrected, e.TrackingRetracted]


def test_a_scan_of_an_unknown_number_is_refused_and_a_repeat_is_none() -> None:
    followed = shipment(assigned("JD1"))
    assert refusal(lambda: followed.record_scan(scan("JD9", "in_transit"), NOON), followed) == "unknown_tracking"
    followed.record_scan(scan("JD1", "in_transit"), NOON)
    with pytest.raises(AlreadyReported):
        followed.record_scan(scan("jd 1", "in_transit"), NOON)
    followed.record_scan(scan("JD1", "in_transit"), NOON + timedelta(hours=1))
    assert len(then(followed)) == 2


def test_a_booking_is_undone_until_the_carrier_has_a_package() -> None:
    waiting = shipment()
    assert waiting.is_waiting
    waiting.cancel(NOON)
    assert [type(each) for each in then(waiting)] == [e.ShipmentCanceled]
    assert refusal(lambda: waiting.cancel(NOON), waiting) == "shipment_canceled"
    left = shipment()
    left.dispatch(UUID(int=8), NOON)
    then(left)
    assert not left.is_waiting
    assert refusal(lambda: left.cancel(NOON), left) == "already_dispatched"


def test_what_came_back_whole_is_returned_and_stays_so() -> None:
    left = shipment()
    left.dispatch(UUID(int=8), NOON)
    left.take_back((e.UnitsBack(package_id="1", line_id="1", quantity=1),), NOON)
    assert left.state.state == "dispatched"
    left.take_back((e.UnitsBack(package_id="1", line_id="1", quantity=1),), NOON)
    assert left.state.state == "returned"
    then(left)
    assert refusal(lambda: left.cancel(NOON), left) == "already_dispatched"


def test_a_canceled_shipment_takes_no_number() -> None:
    canceled = shipment(e.ShipmentCanceled(occurred_at=NOON))
    assert refusal(lambda: canceled.assign_tracking("dhl", "JD1", None, NOON), canceled) == "shipment_canceled"
