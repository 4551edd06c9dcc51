"""Shipments: packages of one order at one location for one carrier, and where they are."""

from datetime import datetime
from uuid import UUID

from domain import shipment_events as e
from domain.aggregate import Aggregate
from domain.events import Event
from domain.order import AlreadyReported
from domain.refusals import Kind, Refusal, invalid
from domain.requests import Scan
from domain.shipment_state import ShipmentState, apply
from domain.tracking_numbers import number_key, plain_number


class Shipment(Aggregate):
    """Decides about one shipment."""

    NAME = "shipment"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = ShipmentState()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)
        if isinstance(event, e.ShipmentBooked):
            self.own_number = event.external.number if event.external else None

    @property
    def is_waiting(self) -> bool:
        """Whether it is booked and no carrier has any of it."""
        return self.state.state == "booked" and not any(package.units for package in self.state.parcels_out())

    def assign_tracking(self, carrier: str, tracking_number: str, package_id: str | None, at: datetime) -> None:
        """Follow a package (the only one, when none is named) under a carrier's number."""
        self.require_standing()
        require_number(tracking_number, "/tracking_number")
        package = self.package_named(package_id)
        known = self.state.numbers.get(number_key(carrier, tracking_number))
        if known is not None and known.package_id == package:
            raise AlreadyReported(self.id, known.version, "Another number is told apart by its letters and digits.")
        if known is not None:
            raise Refusal(
                "tracking_number_in_use",
                f"Package {known.package_id} already has this number. Correct or retract it there first.",
            )
        self.trigger(
            e.TrackingAssigned(occurred_at=at, package_id=package, carrier=carrier, tracking_number=tracking_number)
        )

    def package_named(self, package_id: str | None) -> str:
        """The package of that id, or the only one; refuses what names none."""
        packages = self.state.packages
        if package_id is None and len(packages) > 1:
            detail = f"The shipment has several packages. Name one of them: {', '.join(packages)}."
            raise invalid("package_required", detail, "/package_id")
        if package_id is not None and package_id not in packages:
            detail = f"The shipment has no package {package_id}. Its packages are {', '.join(packages)}."
            raise invalid("package_not_in_shipment", detail, "/package_id")
        return next(iter(packages)) if package_id is None else package_id

    def correct_tracking(
        self, carrier: str, tracking_number: str, new_number: str, package_id: str | None, at: datetime
    ) -> None:
        """Replace a wrong number by the right one; another spelling of the same number keeps its scans."""
        self._require_known(carrier, tracking_number, package_id)
        require_number(new_number, "/new_tracking_number")
        wrong, right = number_key(carrier, tracking_number), number_key(carrier, new_number)
        known = self.state.numbers.get(right)
        if known is not None and (right != wrong or known.tracking_number == new_number):
            raise Refusal(
                "tracking_number_in_use", "The shipment already has this number. Correct or retract it there first."
            )
        self.trigger(
            e.TrackingCorrected(
                occurred_at=at, carrier=carrier, tracking_number=tracking_number, new_tracking_number=new_number
            )
        )

    def retract_tracking(self, carrier: str, tracking_number: str, package_id: str | None, at: datetime) -> None:
        """Say that a number is not this shipment's."""
        self._require_known(carrier, tracking_number, package_id)
        self.trigger(e.TrackingRetracted(occurred_at=at, carrier=carrier, tracking_number=tracking_number))

    def dispatch(self, dispatch_id: UUID, at: datetime) -> None:
        """Hand every package to the carrier."""
        self.trigger(e.ShipmentDispatched(occurred_at=at, dispatch_id=dispatch_id))

    def take_back(self, contents: tuple[e.UnitsBack, ...], at: datetime) -> None:
        """Record units that are no longer out."""
        self.trigger(e.UnitsReturned(occurred_at=at, contents=contents))

    def require_standing(self) -> None:
        """Refuse when the booking was undone."""
        if self.state.canceled:
            raise Refusal("shipment_canceled", "The shipment is canceled. Book a new one.")

    def _require_known(self, carrier: str, tracking_number: str, package_id: str | None) -> None:
        self.require_standing()
        require_number(tracking_number, "/tracking_number")
        known = self.state.numbers.get(number_key(carrier, tracking_number))
        if known is None or package_id not in {None, known.package_id}:
            where = "this shipment" if package_id is None else f"package {package_id}"
            detail = f"{tracking_number} ({carrier}) is not a tracking number of {where}."
            raise Refusal("unknown_tracking", detail, kind=Kind.UNKNOWN)

    def record_scan(self, scan: Scan, at: datetime) -> None:
        """Record what the carrier reports; late and out of order is normal, a repeat is not new."""
        number = number_key(scan.carrier, scan.tracking_number)
        if number not in self.state.numbers:
            detail = f"{scan.tracking_number} ({scan.carrier}) is no number of this shipment. Add it first."
            raise Refusal("unknown_tracking", detail, kind=Kind.UNKNOWN)
        known = self.state.scans.get((number, scan.status, at))
        if known is not None:
            raise AlreadyReported(self.id, known, "Another scan differs in number, status or time.")
        self.trigger(
            e.TrackingRecorded(
                occurred_at=at,
                carrier=scan.carrier,
                tracking_number=scan.tracking_number,
                status=scan.status,
                location=scan.location,
                description=scan.description,
            )
        )

    def cancel(self, at: datetime) -> None:
        """Undo the booking; refused while a carrier has a package, and once everything came back."""
        self.require_standing()
        if self.state.state == "returned":
            raise Refusal(
                "already_dispatched",
                "The shipment left and came back. Its units can be shipped again: book a new shipment.",
            )
        if any(package.units for package in self.state.parcels_out()):
            raise Refusal(
                "already_dispatched",
                "The carrier already has packages of this shipment. Record what comes back with return.",
            )
        self.trigger(e.ShipmentCanceled(occurred_at=at))


def require_number(tracking_number: str, pointer: str) -> None:
    """Refuse a number of which nothing is left without spaces and hyphens."""
    if not plain_number(tracking_number):
        raise invalid("tracking_number_required", "A tracking number needs at least one letter or digit.", pointer)
