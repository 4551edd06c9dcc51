"""One carrier that does not answer holds up no other, and is left alone for a while."""

import time
from pathlib import Path
from threading import Event, Lock

from adapters.carriers.simulated import SimulatedCarrier
from application.carrier import Bought, CarrierUnavailable, LabelRequest, Refused
from application.processes.carrier_lanes import SILENT_AFTER, CarrierLane
from application.processes.carrier_requests import CarrierRequests, LabelDesk
from tests.application.conftest import Office
from tests.application.labels import CARRIER, Drawer, booked, label_of

OTHER = "dhl"
WITHIN_SECONDS = 10


def asking(office: Office, silent: SimulatedCarrier, other: SimulatedCarrier) -> CarrierRequests:
    desk = LabelDesk(office.log, {CARRIER: silent, OTHER: other}, Drawer(), office.origin("carriers"))
    return CarrierRequests(desk, office.attempts("carriers"))


def test_a_carrier_that_hangs_holds_up_no_other(fresh_office: Office, tmp_path: Path) -> None:
    office, go_on = fresh_office, Event()

    class Hanging(SimulatedCarrier):
        def buy(self, request: LabelRequest) -> Bought | Refused:
            go_on.wait(WITHIN_SECONDS)
            return super().buy(request)

    for _ in range(40):  # more than are looked at at once
        booked(office)
    last = booked(office, carrier=OTHER)
    process = asking(office, Hanging(tmp_path / "hanging.sqlite"), SimulatedCarrier(tmp_path / "other.sqlite"))
    ends = time.monotonic() + WITHIN_SECONDS / 2
    while label_of(office, last).state != "bought" and time.monotonic() < ends:
        process.step()
        time.sleep(0.02)
    assert label_of(office, last).state == "bought"
    go_on.set()
    process.close()


def test_a_carrier_that_is_away_is_asked_by_one_after_a_while(fresh_office: Office, tmp_path: Path) -> None:
    office, asked, lock = fresh_office, 0, Lock()

    class Away(SimulatedCarrier):
        def buy(self, request: LabelRequest) -> Bought | Refused:
            nonlocal asked
            with lock:
                asked += 1
            raise CarrierUnavailable("down")

    for _ in range(30):
        booked(office)
    process = asking(office, Away(tmp_path / "away.sqlite"), SimulatedCarrier(tmp_path / "other.sqlite"))
    ends = time.monotonic() + 2
    while time.monotonic() < ends:
        process.step()
        time.sleep(0.02)
    process.close()
    assert SILENT_AFTER <= asked <= 8 + SILENT_AFTER  # those that were under way together
    assert len(office.set_aside()) == asked


def test_what_failed_before_takes_half_of_the_places() -> None:
    lane, go_on = CarrierLane("ups", 4), Event()

    def wait() -> None:
        go_on.wait(WITHIN_SECONDS)

    assert [lane.room(again=True) and lane.start(f"again {each}", wait, True) for each in range(3)] == [
        True,
        True,
        False,
    ]
    assert [lane.room(again=False) and lane.start(f"new {each}", wait, False) for each in range(3)] == [
        True,
        True,
        False,
    ]
    go_on.set()
    lane.close()
    assert lane.room(again=True)


def test_one_answer_ends_the_silence() -> None:
    lane = CarrierLane("ups", 4)
    for _ in range(SILENT_AFTER):
        lane.unanswered()
    assert not lane.room(again=False)
    lane.answered()
    assert lane.room(again=False)
