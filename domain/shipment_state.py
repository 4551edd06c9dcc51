"""The state of a shipment that decisions need: its packages, their numbers and where they are.

Scans may come late and out of order: the current status of a package is the last one by the time it
happened, and a delivery is only undone by a later return to the sender.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import shipment_events as e
from domain.events import NO_STREAM
from domain.values import Units

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
class PackageState:
    """One parcel and what its scans add up to."""

    package_id: str
    contents: tuple[Units, ...]
    dispatched: bool = False
    last_status: str = "pending"
    last_at: datetime | None = None
    delivered_at: datetime | None = None
    returned_at: datetime | None = None

    @property
    def status(self) -> str:
        """The current tracking status."""
        if self.delivered_at is None or (self.returned_at is not None and self.returned_at > self.delivered_at):
            return self.last_status
        return "delivered"

    def scan(self, status: str, at: datetime) -> None:
        """Take in one scan, whenever it arrives."""
        if self.last_at is None or at >= self.last_at:
            self.last_at, self.last_status = at, status
        if status == "delivered":
            self.delivered_at = max(at, self.delivered_at or at)
        elif status == "return_to_sender":
            self.returned_at = max(at, self.returned_at or at)
        if status not in NOT_YET_MOVING:
            self.dispatched = True


@dataclass(slots=True)
class ShipmentState:
    """What decides about a shipment; ``state`` is "booked", "dispatched" or "canceled".

    ``scans`` holds the version of each scan by what makes two reports the same: number, status and time.
    """

    state: str = "booked"
    order_id: UUID = NO_STREAM
    carrier: str = ""
    origin: str = ""
    packages: dict[str, PackageState] = field(default_factory=dict)
    numbers: dict[str, str | None] = field(default_factory=dict)
    scans: dict[tuple[str, str, datetime], int] = field(default_factory=dict)

    def packages_of(self, number: str) -> Iterator[PackageState]:
        """The packages that a number (see ``number_key``) follows."""
        package_id = self.numbers[number]
        for package in self.packages.values():
            if package_id is None or package.package_id == package_id:
                yield package


def number_key(carrier: str, tracking_number: str) -> str:
    """Under which a shipment knows a tracking number."""
    return f"{carrier}:{tracking_number}"


def apply(state: ShipmentState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    applier = APPLIERS.get(type(event))
    if applier is not None:
        applier(state, event)


def _booked(state: ShipmentState, event: e.ShipmentBooked) -> None:
    state.order_id = event.order_id
    state.carrier = event.carrier
    state.origin = event.origin
    state.packages = {p.package_id: PackageState(p.package_id, p.contents) for p in event.packages}


def _tracking_assigned(state: ShipmentState, event: e.TrackingAssigned) -> None:
    state.numbers[number_key(event.carrier, event.tracking_number)] = event.package_id


def _tracking_corrected(state: ShipmentState, event: e.TrackingCorrected) -> None:
    package_id = state.numbers.pop(number_key(event.carrier, event.tracking_number))
    state.numbers[number_key(event.carrier, event.new_tracking_number)] = package_id


def _tracking_retracted(state: ShipmentState, event: e.TrackingRetracted) -> None:
    del state.numbers[number_key(event.carrier, event.tracking_number)]


def _scanned(state: ShipmentState, event: e.TrackingRecorded) -> None:
    number = number_key(event.carrier, event.tracking_number)
    state.scans.setdefault((number, event.status, event.occurred_at), event.originator_version)
    for package in state.packages_of(number):
        package.scan(event.status, event.occurred_at)
    if state.state == "booked" and all(p.dispatched for p in state.packages.values()):
        state.state = "dispatched"


def _dispatched(state: ShipmentState, event: e.ShipmentDispatched) -> None:
    state.state = "dispatched"
    for package in state.packages.values():
        package.dispatched = True


def _canceled(state: ShipmentState, event: e.ShipmentCanceled) -> None:
    state.state = "canceled"


APPLIERS: dict[type[e.ShipmentEvent], Callable[[ShipmentState, Any], None]] = {
    e.ShipmentBooked: _booked,
    e.TrackingAssigned: _tracking_assigned,
    e.TrackingCorrected: _tracking_corrected,
    e.TrackingRetracted: _tracking_retracted,
    e.TrackingRecorded: _scanned,
    e.ShipmentDispatched: _dispatched,
    e.ShipmentCanceled: _canceled,
}
