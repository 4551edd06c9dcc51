"""Tracking numbers: one number however it is written, found by whoever reports about it."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

import migrations
from domain.refusals import Refusal
from domain.tracking_numbers import plain_number
from tests.application.conftest import Office
from tests.support.orders import packed
from tests.support.postgres import Database

(KEYS,) = Path(migrations.__file__).parent.glob("*_tracking_number_keys.sql")


@pytest.fixture
def office(fresh_office: Office) -> Office:
    """Numbers are looked up across all shipments: none may lie around."""
    return fresh_office


def booked(office: Office, number: str, carrier: str = "ups") -> UUID:
    order_id = office.place(method="cash_on_delivery")
    body = packed(("1", 3), package={"tracking_number": number}, carrier=carrier)
    return UUID(office.do("orders/shipments", order_id, **body)["shipment_id"])


def report(
    office: Office, number: str, status: str = "in_transit", carrier: str = "ups", **more: Any
) -> dict[str, Any]:
    return office.do("tracking-events", carrier=carrier, tracking_number=number, status=status, **more)


def code(office: Office, name: str, target: UUID | None = None, **body: Any) -> str:
    with pytest.raises(Refusal) as refused:
        office.do(name, target, **body)
    return refused.value.code


@pytest.mark.parametrize(
    "written", ["1Z 999 AA1", "1z999aa1", " 1z-999-AA1\t", "1Z\u00a0999\u2011AA1", "\uff11\uff3a999\u200bAA1"]
)
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert plain_number(written) == plain_number("1Z999AA1") == "1Z999AA1"


@pytest.mark.parametrize("other", ["1Z999AA2", "1Z999AA", "1Z/999AA1", "1Z:999AA1", "1Z999AA1:"])
def test_other_numbers_are_others(other: str) -> None:
    assert plain_number(other) != "1Z999AA1"


def test_a_carrier_reports_the_number_as_it_likes(office: Office) -> None:
    shipment = booked(office, "1Z 999 aa1")
    report(office, "1Z999AA1")
    repeated = report(office, "1z-999-aa1", occurred_at=office.now())
    assert repeated["events"] == ["TrackingRecorded"]
    office.do("shipments/retract-tracking", shipment, carrier="ups", tracking_number="1Z999AA1")
    assert (
        code(office, "tracking-events", carrier="ups", tracking_number="1Z999AA1", status="delivered")
        == "unknown_tracking"
    )


def test_a_number_with_a_colon_meets_no_other(office: Office) -> None:
    booked(office, "X")
    booked(office, "X:Y")
    booked(office, "X:Y:Z")
    assert report(office, "X")["events"] == ["TrackingRecorded"]
    assert report(office, "X:Y")["events"] == ["TrackingRecorded"]
    assert (
        code(office, "tracking-events", carrier="ups", tracking_number="X:", status="delivered") == "unknown_tracking"
    )


@pytest.mark.parametrize("nothing", ["", "   ", "- -", "\u200b"])
def test_a_number_of_nothing_is_none(office: Office, nothing: str) -> None:
    shipment = booked(office, "A1")
    number = {"carrier": "ups", "tracking_number": nothing}
    assert code(office, "shipments/add-tracking", shipment, **number) == "tracking_number_required"
    right = {"carrier": "ups", "tracking_number": "A1", "new_tracking_number": nothing}
    assert code(office, "shipments/correct-tracking", shipment, **right) == "tracking_number_required"


def test_a_number_added_twice_is_there_once(office: Office) -> None:
    shipment = booked(office, "A1")
    first = office.do("shipments/add-tracking", shipment, carrier="ups", tracking_number="B 2")
    assert office.do("shipments/add-tracking", shipment, carrier="ups", tracking_number="b2") == first


def test_another_spelling_is_corrected_and_keeps_the_scans(office: Office) -> None:
    shipment = booked(office, "a1")
    report(office, "A1", "picked_up")
    office.do("shipments/correct-tracking", shipment, new_tracking_number="A 1", carrier="ups", tracking_number="a1")
    assert code(office, "shipments/cancel", shipment) == "already_dispatched"
    report(office, "A1", "delivered")
    same = {"carrier": "ups", "tracking_number": "A1", "new_tracking_number": "A 1"}
    assert code(office, "shipments/correct-tracking", shipment, **same) == "tracking_number_in_use"


def test_numbers_claimed_before_are_still_found(fresh_database: Database, office: Office) -> None:
    shipments = {"1z 9-9": booked(office, "A"), "X:Y": booked(office, "B")}
    with psycopg.connect(fresh_database.owner_url) as owner:
        held = owner.execute("SELECT right(key, 36), partition_id FROM log.claims WHERE kind = 'tracking'")
        order_of: dict[str, UUID] = dict(held.fetchall())
        owner.execute("DELETE FROM log.claims WHERE kind = 'tracking'")
        for number, shipment in shipments.items():
            claim = (f"ups:{number}:{shipment}", order_of[str(shipment)])
            owner.execute("INSERT INTO log.claims VALUES ('tracking', %s, %s)", claim)
        for _ in range(2):
            owner.execute(KEYS.read_bytes())
    keys = {claim.key for claim in office.log.claims("tracking", "", 10)}
    assert keys == {f"ups 1Z99 {shipments['1z 9-9']}", f"ups X:Y {shipments['X:Y']}"}


def ready(office: Office) -> set[str]:
    return {claim.key.rpartition(":")[2] for claim in office.log.claims("ready", "", 10)}


def schedule(office: Office, *shipments: UUID) -> UUID:
    pickup: dict[str, Any] = {"carrier": "ups", "location": "main", "ready_at": office.now() + timedelta(hours=1)}
    return UUID(office.do("dispatches", shipments=list(shipments), **pickup)["dispatch_id"])


@pytest.mark.parametrize("undo", ["shipments/retract-tracking", "shipments/correct-tracking"])
def test_a_wrong_number_takes_its_scans_along(office: Office, undo: str) -> None:
    shipment = booked(office, "ALIEN")
    report(office, "ALIEN", "delivered")
    assert ready(office) == set()
    right = {"new_tracking_number": "OWN"} if undo.endswith("correct-tracking") else {}
    office.do(undo, shipment, carrier="ups", tracking_number="alien", **right)  # type: ignore[arg-type]
    assert ready(office) == {str(shipment)}
    schedule(office, shipment)
    office.do("shipments/cancel", shipment)


def test_a_number_that_counts_again_brings_its_scans_back(office: Office) -> None:
    shipment = booked(office, "A1")
    report(office, "A1", "picked_up")
    office.do("shipments/retract-tracking", shipment, carrier="ups", tracking_number="A1")
    office.do("shipments/add-tracking", shipment, carrier="ups", tracking_number="A1")
    assert ready(office) == set()
    assert code(office, "shipments/cancel", shipment) == "already_dispatched"


def test_what_is_on_a_dispatch_is_ready_only_when_that_is_called_off(office: Office) -> None:
    shipment = booked(office, "A1")
    dispatch = schedule(office, shipment)
    report(office, "A1", "picked_up")
    office.do("shipments/retract-tracking", shipment, carrier="ups", tracking_number="A1")
    assert ready(office) == set()
    office.do("dispatches/cancel", dispatch)
    assert ready(office) == {str(shipment)}


def test_what_a_dispatch_handed_over_stays_handed_over(office: Office) -> None:
    shipment = booked(office, "A1")
    office.do("dispatches/close", schedule(office, shipment))
    report(office, "A1", "picked_up")
    office.do("shipments/retract-tracking", shipment, carrier="ups", tracking_number="A1")
    assert code(office, "shipments/cancel", shipment) == "already_dispatched"


def test_of_several_packages_one_is_named(office: Office) -> None:
    order_id = office.place(method="cash_on_delivery")
    boxes = [{"weight_grams": 9, "contents": [{"line_id": "1", "quantity": n}]} for n in (1, 2)]
    lines = [{"line_id": "1", "quantity": 3}]
    shipment = UUID(office.do("orders/shipments", order_id, lines=lines, carrier="ups", packages=boxes)["shipment_id"])
    with pytest.raises(Refusal, match="1, 2") as refused:
        office.do("shipments/add-tracking", shipment, carrier="ups", tracking_number="A1")
    assert (refused.value.code, refused.value.pointer) == ("package_required", "/package_id")
    office.do("shipments/add-tracking", shipment, carrier="ups", tracking_number="A1", package_id="2")
    of_first: dict[str, Any] = {"carrier": "ups", "tracking_number": "a 1", "package_id": "1"}
    assert code(office, "shipments/add-tracking", shipment, **of_first) == "tracking_number_in_use"
    assert code(office, "shipments/retract-tracking", shipment, **of_first) == "unknown_tracking"
    report(office, "A1", "delivered")
    assert code(office, "shipments/return", shipment, lines=lines) == "quantity_exceeds_shipped"


def test_what_is_reported_of_a_canceled_shipment_is_kept_and_changes_nothing(office: Office) -> None:
    shipment = booked(office, "A1")
    canceled = office.do("shipments/cancel", shipment)
    answer = report(office, "a-1", "delivered")
    assert (answer["events"], answer["version"]) == (["TrackingRecorded"], canceled["version"])
    assert office.order(canceled["order_id"]).state.lines["1"].to_ship == 3
    assert code(office, "shipments/return", shipment, lines="all_remaining") == "shipment_canceled"


def test_a_label_used_again_is_the_new_shipments(office: Office) -> None:
    canceled = booked(office, "A1")
    office.do("shipments/cancel", canceled)
    again = booked(office, "A1")
    report(office, "A1", "delivered")
    assert code(office, "shipments/cancel", again) == "already_dispatched"


def test_a_repeated_report_is_answered_again_though_the_number_is_gone(office: Office) -> None:
    shipment = booked(office, "A1")
    first = report(office, "A1", key="once")
    office.do("shipments/retract-tracking", shipment, carrier="ups", tracking_number="A1")
    assert report(office, "A1", key="once") == first


def test_what_came_back_after_the_deadline_waits_to_be_sent_again(office: Office) -> None:
    deadline = office.now() + timedelta(minutes=10)
    order_id = office.place(method="cash_on_delivery", expires_at=deadline)
    shipment = UUID(office.do("orders/shipments", order_id, **packed(("1", 3)))["shipment_id"])
    office.do("shipments/add-tracking", shipment, carrier="ups", tracking_number="A1")
    report(office, "A1", "return_to_sender")
    office.clock_runs_ahead = timedelta(hours=1)
    office.do("shipments/return", shipment, lines="all_remaining")
    office.do("orders/hold", order_id)
    office.do("orders/release", order_id)
    office.expiry().step()
    assert office.order(order_id).status == "Pending"
    office.do("orders/shipments", order_id, **packed(("1", 3)))
