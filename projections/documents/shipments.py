"""Shipments as readers see them: in an order, in the list, each in full, and package by package for a carrier."""

from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from uuid import UUID

from domain import label_state
from domain.dispatch import held_back
from domain.document_kinds import SHIPMENT
from domain.document_number import number_of
from projections.documents.kind import FOUND_BY_ORDER, LINE, ORDER_LIFE, PACKAGE, UNITS, Fact, Form, Kind
from projections.documents.money_lines import NO_LINE, external_shown, order_lines
from projections.documents.parcels import exceptions, label_code, packages
from projections.documents.shapes.common import address_shown
from projections.documents.shapes.handing_over import ManifestPackageShown
from projections.documents.shapes.shipping import (
    SHIPMENT_STATES,
    ParcelSummary,
    ShipmentFacts,
    ShipmentInFull,
    ShipmentInOrder,
    ShipmentLineShown,
    ShipmentOfOrder,
    ShipmentSummary,
)
from projections.order_history.history import OrderHistory, ShipmentHistory
from projections.paging.times import rfc3339

STATES = SHIPMENT_STATES


def in_order(shipment_id: UUID, shipment: ShipmentHistory) -> ShipmentInOrder:
    """The shipment as its order shows it, its packages with their scans."""
    return {
        **_facts(shipment_id, shipment),
        "packages": packages(shipment),
        "exceptions": exceptions(shipment),
    }


def _facts(shipment_id: UUID, shipment: ShipmentHistory) -> ShipmentFacts:
    booked = shipment.booked
    return {
        "shipment_id": str(shipment_id),
        "shipment_number": number_of(booked) or "",
        "external": external_shown(booked.external),
        "state": shipment.state.state,
        "booked_at": rfc3339(booked.occurred_at),
        "carrier": booked.carrier,
        "service": booked.service,
        "origin": booked.origin,
        "reference": booked.reference,
        "label": label_state.overall(shipment.state.labels),
    }


def summary(history: OrderHistory, shipment_id: UUID, shipment: ShipmentHistory) -> ShipmentSummary:
    """The shipment as a list shows it: its packages without their contents and scans."""
    return {**_beside_order(history, shipment_id, shipment), "packages": list(_parcels(shipment))}


def _beside_order(history: OrderHistory, shipment_id: UUID, shipment: ShipmentHistory) -> ShipmentOfOrder:
    return {
        **_facts(shipment_id, shipment),
        "order_id": str(history.order_id),
        "order_number": history.order_number,
        "store": history.order.store,
        "ship_to_name": (history.shipping_address or {}).get("name"),
        "exception_count": len(shipment.exceptions),
        "blocked": _blocked(history, shipment),
    }


def _blocked(history: OrderHistory, shipment: ShipmentHistory) -> str | None:
    """What keeps a booked shipment from being dispatched, as its refusal would say it."""
    return held_back(history.order, shipment.state) if shipment.state.state == "booked" else None


def _parcels(shipment: ShipmentHistory) -> Iterator[ParcelSummary]:
    booked = shipment.booked
    for place, package in enumerate(booked.packages, start=1):
        numbers = shipment.numbers_of(package.package_id)
        state = shipment.state.packages[package.package_id]
        yield {
            "package_id": package.package_id,
            "type": package.type,
            "sscc": label_code(booked, place),
            "tracking_number": numbers[-1][1] if numbers else None,
            "status": state.status,
            "dispatched": state.dispatched,
            "weight_grams": package.weight_grams,
            "length_mm": package.length_mm,
            "width_mm": package.width_mm,
            "height_mm": package.height_mm,
        }


def detail(history: OrderHistory, shipment_id: UUID) -> ShipmentInFull | None:
    """The shipment in full; None when the order has none of that id."""
    shipment = history.shipments.get(shipment_id)
    if shipment is None or history.placed is None:
        return None
    return {
        **_beside_order(history, shipment_id, shipment),
        "external_reference": history.placed.external_reference,
        "purchased_at": rfc3339(history.placed.occurred_at),
        "tracking_token": history.placed.tracking_token,
        "shipping_address": address_shown(history.shipping_address),
        "note": history.note,
        "customer_note": history.placed.customer_note,
        "packages": packages(shipment),
        "exceptions": exceptions(shipment),
        "lines": _lines(history, shipment),
    }


def _lines(history: OrderHistory, shipment: ShipmentHistory) -> list[ShipmentLineShown]:
    """Every line that travels: how much of it this shipment brings, came back from it, and is still to come."""
    here: dict[str, int] = {}
    for package in shipment.booked.packages:
        for units in package.contents:
            here[units.line_id] = here.get(units.line_id, 0) + units.quantity
    back: Counter[str] = Counter()
    for parcel in shipment.state.packages.values():
        back += parcel.returned
    ordered = order_lines(history)
    return [
        {
            "line_id": line_id,
            "sku": ordered.get(line_id, NO_LINE).sku,
            "name": ordered.get(line_id, NO_LINE).name,
            "attributes": history.basket.line_attributes.get(line_id, {}),
            "ordered": line.ordered,
            "quantity": here.get(line_id, 0),
            "returned": back[line_id],
            "to_follow": line.to_ship,
        }
        for line_id, line in history.order.lines.items()
        if line.shippable
    ]


def to_carrier(history: OrderHistory, shipment_id: UUID) -> Iterator[ManifestPackageShown]:
    """The packages of a shipment as a carrier gets them, with where they go."""
    shipment = history.shipments[shipment_id]
    booked = shipment.booked
    for parcel in _parcels(shipment):
        yield {
            **parcel,
            "shipment_id": str(shipment_id),
            "shipment_number": number_of(booked) or "",
            "order_id": str(history.order_id),
            "order_number": history.order_number,
            "reference": booked.reference,
            "service": booked.service,
            "blocked": _blocked(history, shipment),
            "ship_to": address_shown(history.shipping_address),
        }


_SCAN = (Fact("status"), Fact("occurred_at"), Fact("recorded_at"), Fact("carrier"), Fact("tracking_number"))
_PARCEL = (*PACKAGE, Fact("returned", UNITS, several=True), Fact("tracking", Form.OBJECT))
KIND = Kind(
    document=SHIPMENT,
    life=ORDER_LIFE,
    among=attrgetter("shipments"),
    summary=summary,
    detail=lambda history, shipment_id, _: detail(history, shipment_id),
    moment="booked_at",
    states=STATES,
    location="origin",
    found_by=(*FOUND_BY_ORDER, "tracking_number", "sscc"),
    facts=(
        Fact("carrier"),
        Fact("service", nullable=True),
        Fact("origin"),
        Fact("reference", nullable=True),
        Fact("label", nullable=True),
        Fact("ship_to_name", nullable=True),
        Fact("exception_count", Form.COUNT),
    ),
    listed=(Fact("packages", PACKAGE, several=True),),
    in_full=(
        Fact("packages", _PARCEL, several=True),
        Fact("lines", (*LINE, Fact("returned", Form.COUNT), Fact("to_follow", Form.COUNT)), several=True),
        Fact("shipping_address", Form.OBJECT, nullable=True),
        Fact("exceptions", _SCAN, several=True),
    ),
    columns=(
        *("shipment_number", "order_number", "booked_at", "ship_to_name", "carrier", "service", "origin"),
        "label",
        "state",
    ),
    exported=(
        *("shipment_number", "order_number", "store", "state", "booked_at", "carrier", "service", "origin"),
        *("reference", "ship_to_name", "exception_count", "shipment_id", "order_id"),
    ),
)
