"""The state of a shipment that decisions need: its packages, their numbers and where they are.

Scans may come late and out of order: the current status of a package is the last one by the time it
happened, and a delivery is only undone by a later return to the sender. Only the scans of numbers that
count now say anything: those of a corrected or retracted number were about another parcel.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import label_state
from domain import shipment_events as e
from domain.events import NO_STREAM, NO_TIME
from domain.tracking_numbers import number_key

TRACKING_STATUSES = (
    "pending",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivered",
    "delivery_failed",
    "delivery_delayed",
    "on_hold",
    "return_to_sender",
    "cancelled",
    "unknown",
)
# Statuses that do not prove that the carrier has the parcel.
NOT_YET_MOVING = frozenset({"pending", "cancelled", "unknown"})


@dataclass(slots=True)
class Journey:
    """What the scans of one number add up to."""

    last_status: str = "pending"
    last_at: datetime | None = None
    delivered_at: datetime | None = None
    returned_at: datetime | None = None
    moving: bool = False

    def scan(self, status: str, at: datetime) -> None:
        """Take in one scan, whenever it arrives."""
        if self.last_at is None or at >= self.last_at:
            self.last_at, self.last_status = at, status
        if status == "delivered":
            self.delivered_at = max(at, self.delivered_at or at)
        elif status == "return_to_sender":
            self.returned_at = max(at, self.returned_at or at)
        if status not in NOT_YET_MOVING:
            self.moving = True

    @property
    def status(self) -> str:
        """The current status: a delivery is only undone by a later return to the sender."""
        if self.delivered_at is None or (self.returned_at is not None and self.returned_at > self.delivered_at):
            return self.last_status
        return "delivered"


@dataclass(slots=True)
class PackageState:
    """One parcel: the journeys of the numbers that follow it now, and the units that are no longer in it.

    ``units`` are how many are left in it.
    """

    package_id: str
    packed: Counter[str]
    units: int
    handed_over: bool = False
    journeys: dict[str, Journey] = field(default_factory=dict)
    returned: Counter[str] = field(default_factory=Counter)

    @property
    def dispatched(self) -> bool:
        """Whether the parcel left: a carrier took it over or moved it, or something came back from it."""
        if self.handed_over or self.returned:
            return True
        return any(journey.moving for journey in self.journeys.values())

    @property
    def status(self) -> str:
        """The current tracking status: of several numbers all reports count, the last one most."""
        if len(self.journeys) == 1:
            (journey,) = self.journeys.values()
            return journey.status
        scanned = [journey for journey in self.journeys.values() if journey.last_at is not None]
        if not scanned:
            return "pending"
        latest = max(scanned, key=lambda journey: journey.last_at or NO_TIME)
        delivered = max([each.delivered_at for each in scanned if each.delivered_at], default=None)
        returned = max([each.returned_at for each in scanned if each.returned_at], default=None)
        return Journey(latest.last_status, latest.last_at, delivered, returned).status

    @property
    def held(self) -> Counter[str]:
        """Units by line that are in it: packed and not returned."""
        return self.packed - self.returned


@dataclass(frozen=True, slots=True)
class Followed:
    """A number as it was given, and the package that it follows: None for every one.

    ``version`` of the stream is where it was said.
    """

    carrier: str
    tracking_number: str
    package_id: str | None
    version: int


@dataclass(slots=True)
class ShipmentState:
    """What decides about a shipment.

    ``numbers`` are those that count now and ``journeys`` of all that ever were reported, both by ``number_key``;
    ``scans`` holds the version of each scan by what makes two reports the same: number, status and time.
    """

    canceled: bool = False
    order_id: UUID = NO_STREAM
    carrier: str = ""
    origin: str = ""
    packages: dict[str, PackageState] = field(default_factory=dict)
    numbers: dict[str, Followed] = field(default_factory=dict)
    journeys: dict[str, Journey] = field(default_factory=dict)
    scans: dict[tuple[str, str, datetime], int] = field(default_factory=dict)
    labels: label_state.Labels = field(default_factory=dict)

    @property
    def state(self) -> str:
        """One of "booked", "dispatched", "returned" (nothing is out any more) and "canceled"."""
        if self.canceled:
            return "canceled"
        parcels = self.packages.values()
        if any(parcel.returned for parcel in parcels) and not any(parcel.units for parcel in parcels):
            return "returned"
        return "dispatched" if parcels and all(parcel.dispatched for parcel in parcels) else "booked"

    def parcels_out(self) -> list[PackageState]:
        """The packages that left; what is not returned from them is with a carrier or the customer."""
        return [] if self.canceled else [parcel for parcel in self.packages.values() if parcel.dispatched]

    @property
    def units_out(self) -> Counter[str]:
        """Units by line that left and did not come back."""
        out: Counter[str] = Counter()
        for parcel in self.parcels_out():
            out += parcel.held
        return out

    @property
    def unlabelled(self) -> bool:
        """Whether the carrier was asked for a label that is not there, of a package without a number from elsewhere."""
        followed = {each.package_id for each in self.numbers.values()}
        lacking = {name for name, label in label_state.current(self.labels).items() if not label.is_good}
        return bool(lacking) and None not in followed and not lacking <= followed

    @property
    def comes_back(self) -> bool:
        """Whether a carrier is bringing back all of it that left, and nothing of it waits here."""
        out = [parcel for parcel in self.parcels_out() if parcel.units]
        return self.state == "dispatched" and bool(out) and all(each.status == "return_to_sender" for each in out)

    def packages_of(self, number: str) -> Iterator[PackageState]:
        """The packages that a number (see ``number_key``) follows."""
        package_id = self.numbers[number].package_id
        for package in self.packages.values():
            if package_id is None or package.package_id == package_id:
                yield package


def apply(state: ShipmentState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    applier = APPLIERS.get(type(event))
    if applier is not None:
        applier(state, event)


def _booked(state: ShipmentState, event: e.ShipmentBooked) -> None:
    state.order_id = event.order_id
    state.carrier = event.carrier
    state.origin = event.origin
    state.packages = {package.package_id: _packed(package) for package in event.packages}


def _packed(package: e.Package) -> PackageState:
    packed: Counter[str] = Counter()
    for units in package.contents:
        packed[units.line_id] += units.quantity
    return PackageState(package.package_id, packed, packed.total())


def _follow(state: ShipmentState, followed: Followed) -> None:
    """A number counts from now on; what was reported about it before counts too."""
    key = number_key(followed.carrier, followed.tracking_number)
    _forget(state, key)
    state.numbers[key] = followed
    journey = state.journeys.setdefault(key, Journey())
    for package in state.packages_of(key):
        package.journeys[key] = journey


def _forget(state: ShipmentState, key: str) -> Followed | None:
    """A number counts no more, and takes along what was reported about it."""
    if key not in state.numbers:
        return None
    for package in state.packages_of(key):
        package.journeys.pop(key, None)
    return state.numbers.pop(key)


def _tracking_assigned(state: ShipmentState, event: e.TrackingAssigned) -> None:
    _follow(state, Followed(event.carrier, event.tracking_number, event.package_id, event.originator_version))


def _tracking_corrected(state: ShipmentState, event: e.TrackingCorrected) -> None:
    wrong = _forget(state, number_key(event.carrier, event.tracking_number))
    package_id = None if wrong is None else wrong.package_id
    _follow(state, Followed(event.carrier, event.new_tracking_number, package_id, event.originator_version))


def _tracking_retracted(state: ShipmentState, event: e.TrackingRetracted) -> None:
    _forget(state, number_key(event.carrier, event.tracking_number))


def _scanned(state: ShipmentState, event: e.TrackingRecorded) -> None:
    key = number_key(event.carrier, event.tracking_number)
    state.scans.setdefault((key, event.status, event.occurred_at), event.originator_version)
    if not state.canceled:
        state.journeys.setdefault(key, Journey()).scan(event.status, event.occurred_at)


def _dispatched(state: ShipmentState, event: e.ShipmentDispatched) -> None:
    for package in state.packages.values():
        package.handed_over = True


def _returned(state: ShipmentState, event: e.UnitsReturned) -> None:
    for back in event.contents:
        package = state.packages[back.package_id]
        package.returned[back.line_id] += back.quantity
        package.units -= back.quantity


def _canceled(state: ShipmentState, event: e.ShipmentCanceled) -> None:
    state.canceled = True


def _on_labels(applier: Callable[[label_state.Labels, Any], None]) -> Callable[[ShipmentState, Any], None]:
    """What an event does to the labels, done to those of a shipment."""
    return lambda state, event: applier(state.labels, event)


APPLIERS: dict[type[e.ShipmentEvent], Callable[[ShipmentState, Any], None]] = {
    e.ShipmentBooked: _booked,
    e.TrackingAssigned: _tracking_assigned,
    e.TrackingCorrected: _tracking_corrected,
    e.TrackingRetracted: _tracking_retracted,
    e.TrackingRecorded: _scanned,
    e.ShipmentDispatched: _dispatched,
    e.UnitsReturned: _returned,
    e.ShipmentCanceled: _canceled,
    **{event_class: _on_labels(applier) for event_class, applier in label_state.APPLIERS.items()},
}
