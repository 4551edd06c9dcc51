"""A dispatch decides without a database: what a carrier takes along, what stays behind, and when it is over."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain import dispatch as d
from domain import shipment_events as e
from domain.dispatch import Dispatch
from domain.shipment import Shipment
from domain.values import Units
from tests.support.facts import NOON, given, refusal, then

PICKUP = ("dhl", "main", NOON + timedelta(hours=1))


def booked(number: int, carrier: str = "dhl", origin: str = "main") -> Shipment:
    parcel = e.Package(package_id="1", contents=(Units(line_id="1", quantity=1),), weight_grams=500)
    fact = e.ShipmentBooked(occurred_at=NOON, number=number, carrier=carrier, origin=origin, packages=(parcel,))
    return given(Shipment(UUID(int=number)), fact)


def scheduled(*shipments: Shipment) -> Dispatch:
    dispatch = Dispatch(UUID(int=99))
    dispatch.schedule(PICKUP, shipments, {}, NOON)
    dispatch.collect_events()
    return dispatch


def test_a_pickup_takes_booked_shipments_of_its_carrier_at_its_place() -> None:
    dispatch = Dispatch(UUID(int=99))
    dispatch.schedule(PICKUP, [booked(1), booked(2)], {}, NOON)
    (fact,) = then(dispatch)
    assert isinstance(fact, d.DispatchScheduled)
    assert (fact.carrier, fact.location, fact.shipments) == ("dhl", "main", (UUID(int=1), UUID(int=2)))


@pytest.mark.parametrize(
    ("shipments", "code"),
    [
        ([], "shipment_not_ready"),
        ([booked(1, carrier="ups")], "mixed_carrier"),
        ([booked(1, origin="north")], "mixed_location"),
        ([booked(n) for n in range(1, d.SHIPMENTS_MAX + 2)], "too_many_shipments"),
    ],
    ids=["none", "another carrier", "another place", "too many"],
)
def test_others_do_not_go_along(shipments: list[Shipment], code: str) -> None:
    dispatch = Dispatch(UUID(int=99))
    assert refusal(lambda: dispatch.schedule(PICKUP, shipments, {}, NOON), dispatch) == code


def test_the_carrier_gets_half_an_hour_of_notice() -> None:
    dispatch = Dispatch(UUID(int=99))
    soon = ("dhl", "main", NOON + d.NOTICE - timedelta(seconds=1))
    assert refusal(lambda: dispatch.schedule(soon, [booked(1)], {}, NOON), dispatch) == "ready_at_too_soon"
    dispatch.schedule(("dhl", "main", NOON + d.NOTICE), [booked(1)], {}, NOON)
    assert len(then(dispatch)) == 1


@pytest.mark.parametrize("code", d.WHY)
def test_a_stopped_shipment_is_refused_with_what_stops_it(code: str) -> None:
    dispatch = Dispatch(UUID(int=99))
    stopped = {UUID(int=1): code}
    assert refusal(lambda: dispatch.schedule(PICKUP, [booked(1)], stopped, NOON), dispatch) == code


def test_closing_hands_over_what_may_leave_and_names_what_stays() -> None:
    leaves, stays = booked(1), booked(2)
    dispatch = scheduled(leaves, stays)
    dispatch.close([leaves, stays], {stays.id: "order_on_hold"}, NOON, "paper")
    (manifest,) = then(dispatch)
    assert isinstance(manifest, d.ManifestIssued)
    assert (manifest.shipments, manifest.stationery) == ((leaves.id,), "paper")
    assert manifest.withheld == (d.Withheld(shipment_id=stays.id, code="order_on_hold"),)
    assert [type(each) for each in then(leaves)] == [e.ShipmentDispatched]
    assert then(stays) == []


def test_what_left_already_is_on_the_manifest_whatever_stops_its_order_now() -> None:
    gone = booked(1)
    dispatch = scheduled(gone)
    gone.dispatch(UUID(int=50), NOON)
    dispatch.close([gone], {gone.id: "order_on_hold"}, NOON)
    assert dispatch.state.shipments == (gone.id,)
    assert dispatch.state.withheld == ()


def test_a_pickup_of_nothing_is_not_closed() -> None:
    canceled, held = booked(1), booked(2)
    dispatch = scheduled(canceled, held)
    canceled.cancel(NOON)
    assert refusal(lambda: dispatch.close([canceled], {}, NOON), dispatch) == "shipment_not_ready"
    stopped = {held.id: "payment_required"}
    assert refusal(lambda: dispatch.close([canceled, held], stopped, NOON), dispatch) == "payment_required"


def test_what_is_over_stays_so() -> None:
    one = booked(1)
    closed = scheduled(one)
    closed.close([one], {}, NOON)
    then(closed)
    called_off = given(Dispatch(UUID(int=98)), d.DispatchCanceled(occurred_at=NOON))
    for over in (closed, called_off):
        assert refusal(lambda over=over: over.cancel(NOON), over) == "dispatch_not_open"  # type: ignore[misc]
        assert refusal(lambda over=over: over.close([one], {}, NOON), over) == "dispatch_not_open"  # type: ignore[misc]


def test_the_dispatch_and_its_manifest_have_numbers_of_their_own() -> None:
    one = booked(1)
    dispatch = scheduled(one)
    dispatch.number_issued(d.DispatchScheduled(occurred_at=NOON), 4)
    dispatch.number_issued(d.ManifestIssued(occurred_at=NOON), 9)
    assert (dispatch.document_number, dispatch.manifest_number) == ("000000004", 9)
