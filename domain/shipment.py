"""Shipments: packages of one order at one location for one carrier, and where they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import shipment_events as e
from domain.aggregate import Aggregate
from domain.events import Event
from domain.order import AlreadyReported
from domain.refusals import Kind, Refusal, invalid
from domain.shipment_state import ShipmentState, apply, number_key


class Shipment(Aggregate):
    """Decides about one shipment."""

    NAME = "shipment"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = ShipmentState()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)

    def book(self, at: datetime, **facts: Any) -> None:
        """Record the shipment with the facts of ``ShipmentBooked``."""
        self.trigger(e.ShipmentBooked, at, **facts)

    def assign_tracking(self, carrier: str, tracking_number: str, package_id: str | None, at: datetime) -> None:
        """Follow a package (the only one, or all, when none is named) under a carrier's number."""
        if self.state.state == "canceled":
            raise Refusal("shipment_canceled", "The shipment is canceled.")
        if not tracking_number:
            raise invalid("tracking_number_required", "Name the carrier's number.", "/tracking_number")
        if package_id is not None and package_id not in self.state.packages:
            raise invalid("package_not_in_shipment", f"There is no package {package_id}.", "/package_id")
        known = number_key(carrier, tracking_number)
        if self.state.numbers.get(known, package_id) != package_id:
            raise Refusal("tracking_number_in_use", "Another package has this number.")
        self.trigger(
            e.TrackingAssigned,
            at,
            package_id=package_id,
            carrier=carrier,
            tracking_number=tracking_number,
        )

    def correct_tracking(self, carrier: str, tracking_number: str, new_number: str, at: datetime) -> None:
        """Replace a wrong number by the right one."""
        self._require_number(carrier, tracking_number)
        if not new_number:
            raise invalid("tracking_number_required", "Name the right number.", "/new_tracking_number")
        if number_key(carrier, new_number) in self.state.numbers:
            raise Refusal("tracking_number_in_use", "The shipment has this number already.")
        self.trigger(
            e.TrackingCorrected,
            at,
            carrier=carrier,
            tracking_number=tracking_number,
            new_tracking_number=new_number,
        )

    def retract_tracking(self, carrier: str, tracking_number: str, at: datetime) -> None:
        """Say that a number is not this shipment's."""
        self._require_number(carrier, tracking_number)
        self.trigger(e.TrackingRetracted, at, carrier=carrier, tracking_number=tracking_number)

    def dispatch(self, dispatch_id: UUID, at: datetime) -> None:
        """Hand every package to the carrier."""
        self.trigger(e.ShipmentDispatched, at, dispatch_id=dispatch_id)

    def _require_number(self, carrier: str, tracking_number: str) -> None:
        if self.state.state == "canceled":
            raise Refusal("shipment_canceled", "The shipment is canceled.")
        if not tracking_number:
            raise invalid("tracking_number_required", "Name the carrier's number.", "/tracking_number")
        if number_key(carrier, tracking_number) not in self.state.numbers:
            detail = f"{carrier} {tracking_number} is not a number of this shipment."
            raise Refusal("unknown_tracking", detail, kind=Kind.UNKNOWN)

    def record_scan(self, scan: Mapping[str, Any], at: datetime) -> None:
        """Record what the carrier reports; late and out of order is normal, a repeat is not new.

        ``scan`` has carrier, tracking_number and status, and may have location and description.
        """
        number = number_key(scan["carrier"], scan["tracking_number"])
        if number not in self.state.numbers:
            detail = f"{scan['carrier']} {scan['tracking_number']} is not a number of this shipment."
            raise Refusal("unknown_tracking", detail, kind=Kind.UNKNOWN)
        known = self.state.scans.get((number, scan["status"], at))
        if known is not None:
            raise AlreadyReported(self.id, known)
        self.trigger(
            e.TrackingRecorded,
            at,
            carrier=scan["carrier"],
            tracking_number=scan["tracking_number"],
            status=scan["status"],
            location=scan.get("location"),
            description=scan.get("description"),
        )

    def cancel(self, at: datetime) -> None:
        """Undo the booking; refused once a carrier has a package."""
        state = self.state
        if state.state == "dispatched" or any(p.dispatched for p in state.packages.values()):
            raise Refusal("already_dispatched", "A carrier already has packages of this shipment.")
        if state.state == "canceled":
            raise Refusal("shipment_canceled", "The shipment is canceled already.")
        self.trigger(e.ShipmentCanceled, at)
