"""Labels from a carrier: whatever is lost, killed or canceled in between, one label and one charge."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

import pytest

from adapters.carriers.simulated import SimulatedCarrier
from application.carrier import Bought, LabelRequest, Refused, UnusableFile, Voided, VoidRequest, VoidUnderWay
from application.processes.batches import Batches
from application.processes.carrier_requests import CarrierRequests, LabelDesk
from daybook.carrying import are_awaited
from domain.dispatch import Dispatch
from domain.label_state import overall
from domain.order import Order
from domain.refusals import Refusal
from domain.shipment import Shipment
from tests.application.conftest import Office
from tests.application.labels import (
    CARRIER,
    Drawer,
    ask,
    asked_for,
    booked,
    connected,
    label_desk,
    label_of,
    shipment_of,
)
from tests.support.orders import line
from tests.support.postgres import Database

NORMAL, REFUSED, LOST, DOWN, LATE, UNVOIDABLE = 900, 991, 993, 994, 995, 996


@pytest.fixture
def carrier(tmp_path: Path) -> SimulatedCarrier:
    return SimulatedCarrier(tmp_path / "carrier.sqlite")


def later(office: Office) -> None:
    """What was set aside, or put off by the carrier, is due."""
    office.retry("carriers")
    office.clock_runs_ahead += timedelta(hours=2)


def test_a_booking_asks_for_a_label_and_the_answer_gives_its_number_cost_and_file(
    office: Office, carrier: SimulatedCarrier
) -> None:
    answer, drawer = booked(office), Drawer()
    assert answer["events"] == ["ItemsAllocated", "ShipmentBooked", "LabelRequested"]
    assert label_of(office, answer).state == "requested"
    ask(office, carrier, drawer)
    shipment, label = shipment_of(office, answer), label_of(office, answer)
    assert (label.state, label.amount, label.currency, label.service) == ("bought", 635, "USD", "ground")
    assert [each.tracking_number for each in shipment.state.numbers.values()] == [label.tracking_number]
    assert drawer.files[label.intent_id].startswith(b"\x89PNG")
    assert office.log.claims("carrier_due", "", 10) == []
    assert len(office.log.claims("tracking", f"ups {label.tracking_number} ", 10)) == 1


def test_without_an_account_nothing_is_asked(office: Office) -> None:
    order_id = office.place(method="cash_on_delivery", lines=[line(quantity=1)])
    answer = office.do("orders/shipments", order_id, lines="all_remaining", carrier="ups")
    assert answer["events"] == ["ItemsAllocated", "ShipmentBooked"]
    assert office.log.claims("carrier_due", "", 10) == []
    with pytest.raises(Refusal) as refused:
        office.do("shipments/request-label", answer["shipment_id"])
    assert refused.value.code == "carrier_not_connected"


@pytest.mark.parametrize("more", [{"label": False}, {"external": {"number": "S-1"}}])
def test_a_label_from_elsewhere_is_not_bought_again(office: Office, more: dict[str, Any]) -> None:
    assert "LabelRequested" not in booked(office, **more)["events"]


def test_a_package_with_a_number_has_its_label_from_elsewhere(office: Office) -> None:
    packages = [{"weight_grams": 900, "contents": [{"line_id": "1", "quantity": 1}], "tracking_number": "1Z9"}]
    answer = booked(office, packages=packages)
    assert "LabelRequested" not in answer["events"]
    with pytest.raises(Refusal) as refused:
        office.do("shipments/request-label", answer["shipment_id"], desk=connected(office))
    assert refused.value.code == "label_not_needed"


@pytest.mark.parametrize("weight", [LOST, DOWN])
def test_a_lost_answer_is_asked_for_again(office: Office, carrier: SimulatedCarrier, weight: int) -> None:
    answer = booked(office, weight)
    ask(office, carrier)
    assert label_of(office, answer).state == "requested"
    assert [row.process for row in office.set_aside()] == ["carriers"]
    office.retry("carriers")
    ask(office, carrier)
    assert label_of(office, answer).state == "bought"
    assert len(carrier.labels()) == 1
    assert office.set_aside() == []


def test_a_refused_label_says_why_and_can_be_asked_for_again(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office, REFUSED)
    ask(office, carrier)
    label = label_of(office, answer)
    assert (label.state, label.detail, label.amount) == ("failed", "No service ground takes it there.", None)
    assert carrier.labels() == []
    again = office.do("shipments/request-label", answer["shipment_id"], desk=connected(office), service="express")
    assert again["events"] == ["LabelRequested"]
    assert label_of(office, answer).intent_id != label.intent_id
    with pytest.raises(Refusal) as refused:
        office.do("shipments/request-label", answer["shipment_id"], desk=connected(office))
    assert refused.value.code == "label_not_needed"


@pytest.mark.parametrize("moment", ["before asking", "after asking", "after keeping", "after recording"])
def test_a_process_killed_at_any_step_buys_one_label(
    office: Office, database: Database, tmp_path: Path, carrier: SimulatedCarrier, moment: str
) -> None:
    answer = booked(office)
    script = Path(__file__).with_name("killed_label.py")
    arguments = [moment, str(tmp_path / "carrier.sqlite"), database.app_url, str(answer["order_id"])]
    ended = subprocess.run([sys.executable, str(script), *arguments], check=False, cwd=Path.cwd())
    assert ended.returncode == -signal.SIGKILL
    for _ in range(2):
        ask(office, carrier)
    assert label_of(office, answer).state == "bought"
    assert [(each["state"], each["amount"]) for each in carrier.labels()] == [("bought", 635)]
    work = office.log.load_root(Order, UUID(answer["order_id"])).work
    events = [type(event).__name__ for event in work.events]
    assert events.count("LabelBought") == 1
    assert office.log.claims("carrier_due", "", 10) == []


def test_a_canceled_shipment_has_its_label_voided_and_keeps_what_it_cost(
    office: Office, carrier: SimulatedCarrier
) -> None:
    answer = booked(office)
    ask(office, carrier)
    canceled = office.do("shipments/cancel", answer["shipment_id"])
    assert canceled["events"] == ["AllocationCanceled", "ShipmentCanceled", "LabelVoidRequested"]
    ask(office, carrier)
    label = label_of(office, answer)
    assert (label.state, label.void, label.amount) == ("voided", None, 635)
    assert [each["state"] for each in carrier.labels()] == ["voided"]
    assert office.log.claims("carrier_due", "", 10) == []


def test_a_carrier_may_refuse_to_void(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office, UNVOIDABLE)
    ask(office, carrier)
    office.do("shipments/cancel", answer["shipment_id"])
    ask(office, carrier)
    label = label_of(office, answer)
    assert (label.state, label.void, label.void_detail) == ("bought", "refused", "The label was used.")
    assert office.log.claims("carrier_due", "", 10) == []


def test_what_was_made_unseen_and_is_not_taken_back_is_recorded_with_what_it_cost(
    office: Office, tmp_path: Path
) -> None:
    """The answer to the purchase is lost, the shipment canceled, the void refused: the money is gone all the same."""
    asked = 0

    class Counting(SimulatedCarrier):
        def void(self, request: VoidRequest) -> Voided | Refused | VoidUnderWay:
            nonlocal asked
            asked += 1
            return super().void(request)

    carrier, answer = Counting(tmp_path / "carrier.sqlite"), booked(office, UNVOIDABLE)
    carrier.buy(asked_for(office, answer))  # and nobody hears of it
    office.do("shipments/cancel", answer["shipment_id"])
    for _ in range(5):
        ask(office, carrier)
    label = label_of(office, answer)
    assert (label.state, label.void, label.amount, bool(label.tracking_number)) == ("bought", "refused", 649, True)
    assert asked == 1
    assert shipment_of(office, answer).state.numbers == {}
    assert office.log.claims("carrier_due", "", 10) == []


def test_no_label_is_bought_for_an_order_that_is_stopped(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office, REFUSED)
    ask(office, carrier)
    office.do("orders/hold", answer["order_id"])
    with pytest.raises(Refusal) as refused:
        office.do("shipments/request-label", answer["shipment_id"], desk=connected(office), service="express")
    assert refused.value.code == "order_on_hold"
    assert carrier.labels() == []


def test_a_label_that_was_asked_for_waits_until_its_order_goes_on(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office)
    office.do("orders/hold", answer["order_id"])
    desk = label_desk(office, carrier)
    (claim,) = desk.due(10)
    desk.settle(claim)
    assert desk.due(10) == []  # for a while
    assert carrier.labels() == []
    assert label_of(office, answer).state == "requested"
    office.do("orders/release", answer["order_id"])
    ask(office, carrier)
    assert label_of(office, answer).state == "bought"


def test_a_label_of_a_stopped_order_is_taken_back_all_the_same(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office)
    office.do("orders/hold", answer["order_id"])
    office.do("shipments/cancel", answer["shipment_id"])
    ask(office, carrier)
    assert label_of(office, answer).state == "voided"


def test_a_package_that_gets_a_number_from_elsewhere_needs_the_carriers_label_no_more(
    office: Office, carrier: SimulatedCarrier
) -> None:
    answer = booked(office)
    added = office.do("shipments/add-tracking", answer["shipment_id"], carrier=CARRIER, tracking_number="1Z78")
    assert added["events"] == ["TrackingAssigned", "LabelVoidRequested"]
    office.do(
        "shipments/tracking-events", answer["shipment_id"], carrier=CARRIER, tracking_number="1Z78", status="in_transit"
    )
    ask(office, carrier)
    assert label_of(office, answer).state == "voided"
    assert carrier.labels() == []
    assert office.log.claims("carrier_due", "", 10) == []


def test_a_label_that_is_bought_while_a_number_is_added_is_taken_back(
    office: Office, carrier: SimulatedCarrier
) -> None:
    answer = booked(office)

    class Adding(Drawer):
        def keep(self, *args: object) -> None:
            office.do("shipments/add-tracking", answer["shipment_id"], carrier=CARRIER, tracking_number="1Z79")

    for files in (Adding(), None):
        ask(office, carrier, files)
    assert (label_of(office, answer).state, [each["state"] for each in carrier.labels()]) == ("voided", ["voided"])
    assert [each.tracking_number for each in shipment_of(office, answer).state.numbers.values()] == ["1Z79"]


def test_a_label_that_is_not_needed_is_given_back_and_another_asked_for(
    office: Office, carrier: SimulatedCarrier
) -> None:
    answer = booked(office)
    ask(office, carrier)
    first = label_of(office, answer)
    voiding = office.do("shipments/void-label", answer["shipment_id"])
    assert voiding["events"] == ["LabelVoidRequested", "TrackingRetracted"]
    state = shipment_of(office, answer).state
    assert (state.numbers, state.unlabelled) == ({}, True)
    assert office.log.claims("tracking", f"ups {first.tracking_number} ", 10) == []
    with pytest.raises(Refusal) as refused:
        office.do("shipments/void-label", answer["shipment_id"])
    assert refused.value.code == "no_label_to_void"
    ask(office, carrier)
    assert label_of(office, answer).state == "voided"
    office.do("shipments/request-label", answer["shipment_id"], desk=connected(office), service="express")
    ask(office, carrier)
    second = label_of(office, answer)
    assert (second.state, second.service) == ("bought", "express")
    assert [each.tracking_number for each in shipment_of(office, answer).state.numbers.values()] == [
        second.tracking_number
    ]


def test_a_label_that_is_not_taken_back_is_followed_again(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office, UNVOIDABLE)
    ask(office, carrier)
    office.do("shipments/void-label", answer["shipment_id"])
    ask(office, carrier)
    label, state = label_of(office, answer), shipment_of(office, answer).state
    assert (label.void, state.unlabelled) == ("refused", False)
    assert [each.tracking_number for each in state.numbers.values()] == [label.tracking_number]
    assert len(office.log.claims("tracking", f"ups {label.tracking_number} ", 10)) == 1


def test_the_label_of_a_package_that_has_left_is_not_given_back(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office)
    ask(office, carrier)
    number = label_of(office, answer).tracking_number
    scanned: dict[str, Any] = {"carrier": CARRIER, "tracking_number": number, "status": "in_transit"}
    office.do("shipments/tracking-events", answer["shipment_id"], **scanned)
    with pytest.raises(Refusal) as refused:
        office.do("shipments/void-label", answer["shipment_id"])
    assert refused.value.code == "already_dispatched"


def test_a_label_that_is_asked_for_is_given_back_before_it_is_made(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office)
    office.do("shipments/void-label", answer["shipment_id"])
    ask(office, carrier)
    assert (label_of(office, answer).state, carrier.labels()) == ("voided", [])
    assert office.log.claims("carrier_due", "", 10) == []


class Fileless(SimulatedCarrier):
    """Has no file of its labels until it is told."""

    has_files = False

    def buy(self, request: LabelRequest) -> Bought | Refused:
        answer = super().buy(request)
        return answer if self.has_files or isinstance(answer, Refused) else replace(answer, label=None)


def test_a_label_without_its_file_is_recorded_and_the_file_fetched_when_it_is_there(
    office: Office, tmp_path: Path
) -> None:
    carrier, answer, drawer = Fileless(tmp_path / "carrier.sqlite"), booked(office), Drawer()
    for _ in range(3):
        ask(office, carrier, drawer)
    label = label_of(office, answer)
    assert (label.state, label.amount, bool(label.tracking_number), drawer.files) == ("bought", 635, True, {})
    assert "the file of its label" in office.set_aside()[0].error
    carrier.has_files = True
    office.retry("carriers")
    ask(office, carrier, drawer)
    assert list(drawer.files) == [label.intent_id]
    assert len(carrier.labels()) == 1
    assert office.log.claims("carrier_due", "", 10) == []
    assert office.set_aside() == []


def test_the_file_of_a_label_that_is_void_is_not_fetched(office: Office, tmp_path: Path) -> None:
    carrier, answer, drawer = Fileless(tmp_path / "carrier.sqlite"), booked(office), Drawer()
    ask(office, carrier, drawer)
    office.do("shipments/cancel", answer["shipment_id"])
    for _ in range(2):
        ask(office, carrier, drawer)
    assert (label_of(office, answer).state, drawer.files) == ("voided", {})
    assert office.log.claims("carrier_due", "", 10) == []


def test_a_file_that_cannot_be_printed_is_not_kept_and_the_purchase_is(
    office: Office, carrier: SimulatedCarrier
) -> None:
    class Picky(Drawer):
        def keep(self, *args: object) -> None:
            raise UnusableFile("it is cut short")

    answer = booked(office)
    ask(office, carrier, Picky())
    assert label_of(office, answer).state == "bought"
    ask(office, carrier, drawer := Drawer())
    assert list(drawer.files) == [label_of(office, answer).intent_id]


def test_a_void_that_comes_late_is_asked_for_again(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office, LATE)
    ask(office, carrier)
    office.do("shipments/cancel", answer["shipment_id"])
    ask(office, carrier)
    assert label_of(office, answer).void == "under_way"
    ask(office, carrier)
    assert label_of(office, answer).void == "under_way"
    later(office)
    ask(office, carrier)
    assert label_of(office, answer).state == "voided"


def test_a_shipment_canceled_before_the_carrier_was_asked_buys_nothing(
    office: Office, carrier: SimulatedCarrier
) -> None:
    answer = booked(office)
    office.do("shipments/cancel", answer["shipment_id"])
    ask(office, carrier)
    assert label_of(office, answer).state == "voided"
    assert carrier.labels() == []
    assert office.log.claims("carrier_due", "", 10) == []


def test_a_label_that_is_bought_while_its_shipment_is_canceled_is_voided(
    office: Office, carrier: SimulatedCarrier
) -> None:
    answer = booked(office)

    class Canceling(Drawer):
        """Cancels between the carrier's answer and its record."""

        def keep(self, *args: object) -> None:
            office.do("shipments/cancel", answer["shipment_id"])

    ask(office, carrier, Canceling())
    label = label_of(office, answer)
    assert (label.state, label.void, label.amount) == ("bought", "requested", 635)
    ask(office, carrier)
    assert label_of(office, answer).state == "voided"
    assert [each["state"] for each in carrier.labels()] == ["voided"]
    assert office.log.claims("carrier_due", "", 10) == []


def test_each_package_has_a_label_of_its_own(office: Office, carrier: SimulatedCarrier) -> None:
    packages = [{"weight_grams": weight, "contents": [{"line_id": "1", "quantity": 1}]} for weight in (900, 991)]
    order_id = office.place(method="cash_on_delivery", lines=[line(quantity=2)])
    answer = office.do(
        "orders/shipments", order_id, desk=connected(office), lines="all_remaining", carrier="ups", packages=packages
    )
    ask(office, carrier)
    labels = shipment_of(office, answer).state.labels
    assert [label.state for label in labels.values()] == ["bought", "failed"]
    assert overall(labels) == "failed"
    office.do("shipments/request-label", answer["shipment_id"], desk=connected(office))
    assert [label.package_id for label in shipment_of(office, answer).state.labels.values()] == ["1", "2", "2"]


def test_nobody_is_awaited_where_nothing_was_asked(fresh_office: Office) -> None:
    booked(fresh_office, label=False)
    assert not are_awaited(fresh_office.log)


def test_an_account_that_is_gone_leaves_the_request_open(fresh_office: Office) -> None:
    office = fresh_office
    answer = booked(office)
    desk = LabelDesk(office.log, {}, Drawer(), office.origin("carriers"))
    process = CarrierRequests(desk, office.attempts("carriers"))
    process.step()
    process.close()
    assert are_awaited(office.log)  # so that the process goes on and says so
    assert label_of(office, answer).state == "requested"
    assert "no account with ups" in office.set_aside()[0].error
    office.do("shipments/cancel", answer["shipment_id"])


def test_a_hundred_labels_of_a_batch_are_bought_side_by_side(office: Office, tmp_path: Path) -> None:
    """Each takes the carrier a moment: one after the other they would take so many moments."""
    at_once, most = 0, 0
    lock = Lock()

    class Watched(SimulatedCarrier):
        def buy(self, request: LabelRequest) -> Bought | Refused:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.1)
            answer = super().buy(request)
            with lock:
                at_once -= 1
            return answer

    carrier = Watched(tmp_path / "carrier.sqlite")
    lines = [line(quantity=1, weight_grams=900)]
    orders = [UUID(office.place(method="cash_on_delivery", lines=lines)) for _ in range(100)]
    batch = office.do("batches", origin="main", carrier=CARRIER, service="ground", orders=orders)
    office.do("batches/process", batch["batch_id"])
    batches = Batches(office.log, connected(office), office.origin("batches"), office.attempts("batches"))
    while batches.step():
        pass
    process = CarrierRequests(label_desk(office, carrier), office.attempts("carriers"))
    began = time.monotonic()
    while office.log.claims("carrier_due", "", 1):
        process.step()
        time.sleep(0.01)
    process.close()
    assert time.monotonic() - began < 100 * 0.1
    assert 1 < most <= 8
    assert len(carrier.labels()) == 100
    for order_id in orders:
        work = office.log.load_root(Order, order_id).work
        (shipment,) = [each for each in work.aggregates.values() if isinstance(each, Shipment)]
        assert overall(shipment.state.labels) == "bought"
        assert len(shipment.state.numbers) == 1


def test_a_dispatch_takes_no_package_whose_label_is_missing(office: Office, carrier: SimulatedCarrier) -> None:
    pickup: dict[str, Any] = {"carrier": CARRIER, "location": "main", "ready_at": office.now() + timedelta(hours=3)}
    answer = booked(office, REFUSED)
    shipments = [UUID(answer["shipment_id"])]
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            office.do("dispatches", **pickup, shipments=shipments)
        assert refused.value.code == "label_not_bought"
        ask(office, carrier)
    office.do("shipments/add-tracking", answer["shipment_id"], carrier=CARRIER, tracking_number="1Z77")
    office.do("dispatches", **pickup, shipments=shipments)


@pytest.mark.parametrize("void_one", [False, True])
def test_a_closed_dispatch_asks_the_carrier_for_its_manifest(
    office: Office, carrier: SimulatedCarrier, void_one: bool
) -> None:
    desk = office.desk(carrier_accounts=frozenset({CARRIER}), carrier_manifests=frozenset({CARRIER}))
    answers, drawer = [booked(office) for _ in range(2)], Drawer()
    ask(office, carrier, drawer)
    shipments = [UUID(answer["shipment_id"]) for answer in answers]
    pickup: dict[str, Any] = {"carrier": CARRIER, "location": "main", "ready_at": office.now() + timedelta(hours=3)}
    dispatch = office.do("dispatches", **pickup, shipments=shipments, desk=desk)
    if void_one:
        label = label_of(office, answers[0])
        carrier.void(VoidRequest(intent_id=label.intent_id, carrier=CARRIER, reference=label.reference))
    closed = office.do("dispatches/close", dispatch["dispatch_id"], desk=desk)
    assert closed["events"].count("CarrierManifestRequested") == 1
    for _ in range(2):
        ask(office, carrier, drawer)
    made = office.log.load_root(Dispatch, UUID(dispatch["dispatch_id"])).work.dispatch.state.carrier_manifest
    assert made is not None
    assert made.state == ("failed" if void_one else "made")
    assert (UUID(dispatch["dispatch_id"]) in drawer.files) is not void_one
    assert office.log.claims("carrier_due", "", 10) == []


def test_without_a_label_no_manifest_is_asked_for(office: Office) -> None:
    desk = office.desk(carrier_accounts=frozenset({CARRIER}), carrier_manifests=frozenset({CARRIER}))
    shipments = [UUID(booked(office, label=False)["shipment_id"])]
    pickup: dict[str, Any] = {"carrier": CARRIER, "location": "main", "ready_at": office.now() + timedelta(hours=3)}
    dispatch = office.do("dispatches", **pickup, shipments=shipments, desk=desk)
    closed = office.do("dispatches/close", dispatch["dispatch_id"], desk=desk)
    assert "CarrierManifestRequested" not in closed["events"]


def test_a_repeated_booking_asks_for_one_label(office: Office, carrier: SimulatedCarrier) -> None:
    order_id = office.place(method="cash_on_delivery", lines=[line(quantity=1, weight_grams=900)])
    body: dict[str, Any] = {"lines": "all_remaining", "carrier": CARRIER, "key": "b-1"}
    first = office.do("orders/shipments", order_id, desk=connected(office), **body)
    ask(office, carrier)
    assert office.do("orders/shipments", order_id, desk=connected(office), **body) == first
    ask(office, carrier)
    assert len(carrier.labels()) == 1


def test_a_denied_payment_gives_the_labels_back(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office)
    ask(office, carrier)
    office.do("orders/flag-payment", answer["order_id"])
    denied = office.do("orders/deny-payment", answer["order_id"])
    assert "LabelVoidRequested" in denied["events"]
    ask(office, carrier)
    assert label_of(office, answer).state == "voided"


def test_of_many_who_ask_for_a_label_again_one_does(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office, REFUSED)
    ask(office, carrier)
    desk = connected(office)

    def again(_: int) -> str:
        try:
            return str(office.do("shipments/request-label", answer["shipment_id"], desk=desk)["events"])
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(again, range(8)))
    assert outcomes == ["['LabelRequested']", *["label_not_needed"] * 7]
    assert len(shipment_of(office, answer).state.labels) == 2


def test_two_workers_at_once_make_one_label(office: Office, carrier: SimulatedCarrier) -> None:
    answer = booked(office)
    desks = [label_desk(office, carrier) for _ in range(4)]
    [claim] = [each for each in desks[0].due(100) if str(each.partition_id) == answer["order_id"]]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda desk: desk.settle(claim), desks))
    assert len(carrier.labels()) == 1
    work = office.log.load_root(Order, UUID(answer["order_id"])).work
    assert [type(event).__name__ for event in work.events].count("LabelBought") == 1
