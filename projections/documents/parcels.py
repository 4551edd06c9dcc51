"""The parcels of a shipment as readers see them: contents, label code, and where each one is."""

from collections.abc import Mapping

from domain.label_state import LabelState
from domain.shipment_events import Package, ShipmentBooked
from domain.sscc import sscc
from domain.values import to_text
from projections.documents.shapes.common import UnitsShown
from projections.documents.shapes.shipping import LabelShown, PackageShown, PackageTrackingShown, ScanShown
from projections.order_history.history import Scan, ShipmentHistory
from projections.paging.times import rfc3339


def packages(shipment: ShipmentHistory) -> list[PackageShown]:
    """The packages as booked, with their ``sscc``, their ``tracking`` and the units ``returned`` from them."""
    booked = shipment.booked
    return [_package(shipment, package, place) for place, package in enumerate(booked.packages, start=1)]


def label_code(booked: ShipmentBooked, place: int) -> str | None:
    """The SSCC of the package at a ``place`` (from 1); None where another system labels the shipment."""
    return None if booked.number is None else sscc(booked.gs1_prefix, booked.number, place)


def _package(shipment: ShipmentHistory, package: Package, place: int) -> PackageShown:
    return {
        "package_id": package.package_id,
        "type": package.type,
        "weight_grams": package.weight_grams,
        "length_mm": package.length_mm,
        "width_mm": package.width_mm,
        "height_mm": package.height_mm,
        "max_weight_grams": package.max_weight_grams,
        "contents": [{"line_id": units.line_id, "quantity": units.quantity} for units in package.contents],
        "sscc": label_code(shipment.booked, place),
        "tracking_number": _latest_number(shipment, package.package_id),
        "tracking": _tracking(shipment, package.package_id),
        "returned": _units(shipment.state.packages[package.package_id].returned),
        "labels": [_label(each) for each in shipment.state.labels.values() if each.package_id == package.package_id],
    }


def _label(label: LabelState) -> LabelShown:
    return {
        "label_id": str(label.intent_id),
        "state": label.state,
        "service": label.service,
        "tracking_number": label.tracking_number,
        "amount": None if label.amount is None else to_text(label.amount, label.currency),
        "currency": label.currency or None,
        "detail": label.detail,
        "void": label.void,
        "void_detail": label.void_detail,
    }


def _units(units: Mapping[str, int]) -> list[UnitsShown]:
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()]


def _latest_number(shipment: ShipmentHistory, package_id: str) -> str | None:
    numbers = shipment.numbers_of(package_id)
    return numbers[-1][1] if numbers else None


def _tracking(shipment: ShipmentHistory, package_id: str) -> PackageTrackingShown:
    return {
        "status": shipment.state.packages[package_id].status,
        "numbers": [
            {"carrier": carrier, "tracking_number": number} for carrier, number in shipment.numbers_of(package_id)
        ],
        "scans": [_scan(scan) for scan in scans(shipment, package_id)],
    }


def exceptions(shipment: ShipmentHistory) -> list[ScanShown]:
    """What carriers reported after the shipment was canceled: somebody has a parcel that should not be out."""
    return [_scan(scan) for scan in shipment.exceptions]


def scans(shipment: ShipmentHistory, package_id: str) -> list[Scan]:
    """The scans of a package in the order in which they happened, however late they were reported."""
    numbers = shipment.state.packages[package_id].journeys
    reported = [scan for number in numbers for scan in shipment.scans.get(number, ())]
    return sorted(reported, key=lambda scan: (scan.occurred_at, scan.recorded_at))


def _scan(scan: Scan) -> ScanShown:
    return {
        "status": scan.status,
        "occurred_at": rfc3339(scan.occurred_at),
        "recorded_at": rfc3339(scan.recorded_at),
        "carrier": scan.carrier,
        "tracking_number": scan.tracking_number,
        "location": scan.location,
        "description": scan.description,
    }
