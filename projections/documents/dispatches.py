"""Dispatches as readers see them, with every package the carrier takes along.

The packages belong to many orders: whoever asks for the detail hands those orders in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import dispatch
from domain.dispatch import DISPATCH_EVENTS, CarrierManifest, DispatchScheduled, DispatchState, ManifestIssued, Withheld
from domain.document_kinds import DISPATCH
from domain.document_number import number_of
from domain.events import NO_TIME
from eventstore.records import RecordedEvent
from projections.documents.kind import PACKAGE, Fact, Form, Kind, Life
from projections.documents.related_orders import RelatedOrders
from projections.documents.shapes.handing_over import (
    DISPATCH_STATUSES,
    CarrierManifestShown,
    DispatchFacts,
    DispatchInFull,
    DispatchSummary,
    WithheldShown,
)
from projections.documents.shipments import to_carrier
from projections.order_history.history import OrderHistory
from projections.paging.times import rfc3339

STATUSES = DISPATCH_STATUSES
EVENTS = frozenset(DISPATCH_EVENTS)


@dataclass(slots=True)
class DispatchHistory:
    """Everything that happened to one dispatch so far."""

    dispatch_id: UUID
    version: int = 0
    number: int | None = None
    manifest_number: int | None = None
    scheduled_at: datetime = NO_TIME
    ready_at: datetime = NO_TIME
    closed_at: datetime | None = None
    updated_at: datetime = NO_TIME
    state: DispatchState = field(default_factory=DispatchState)


def fold(history: DispatchHistory, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the dispatch."""
    if type(event) not in EVENTS:
        return
    history.version, history.updated_at = row.version, row.recorded_at
    if isinstance(event, DispatchScheduled):
        history.number, history.scheduled_at, history.ready_at = event.number, event.occurred_at, event.ready_at
    elif isinstance(event, ManifestIssued):
        history.manifest_number, history.closed_at = event.number, event.occurred_at
    dispatch.apply(history.state, event)


def summary(history: DispatchHistory, *_: object) -> DispatchSummary:
    """The dispatch as a list shows it."""
    return {**_facts(history), "shipments": len(history.state.shipments)}


def _facts(history: DispatchHistory) -> DispatchFacts:
    manifest = history.manifest_number
    return {
        "dispatch_id": str(history.dispatch_id),
        "dispatch_number": f"{history.number or 0:09d}",
        "status": history.state.status,
        "manifest_number": None if manifest is None else f"{manifest:09d}",
        "carrier_manifest": _carrier_manifest(history.state.carrier_manifest),
        "carrier": history.state.carrier,
        "location": history.state.location,
        "scheduled_at": rfc3339(history.scheduled_at),
        "ready_at": rfc3339(history.ready_at),
        "closed_at": None if history.closed_at is None else rfc3339(history.closed_at),
        "updated_at": rfc3339(history.updated_at),
    }


def _carrier_manifest(made: CarrierManifest | None) -> CarrierManifestShown | None:
    return None if made is None else {"state": made.state, "reference": made.reference, "detail": made.detail}


def detail(history: DispatchHistory, orders: Mapping[UUID, OrderHistory]) -> DispatchInFull:
    """The dispatch with its packages; ``orders`` has the order of each of its shipments, by shipment."""
    packages = [
        package
        for shipment_id in history.state.shipments
        if shipment_id in orders and not orders[shipment_id].shipments[shipment_id].state.canceled
        for package in to_carrier(orders[shipment_id], shipment_id)
    ]
    return {
        **_facts(history),
        "version": history.version,
        "shipments": [str(shipment_id) for shipment_id in history.state.shipments],
        "withheld": [_withheld(each, orders) for each in history.state.withheld],
        "packages": packages,
        "package_count": len(packages),
        "weight_grams": sum(package["weight_grams"] for package in packages),
    }


def _in_full(history: DispatchHistory, _: UUID, related: RelatedOrders) -> Mapping[str, Any] | None:
    """The dispatch as of now, with those of its shipments whose orders cannot be read."""
    if not history.version:
        return None
    named = [*history.state.shipments, *(stayed.shipment_id for stayed in history.state.withheld)]
    found = detail(history, related.of_shipments(named))
    return {**found, "unreadable": related.unreadable} if related.unreadable else found


def _withheld(each: Withheld, orders: Mapping[UUID, OrderHistory]) -> WithheldShown:
    """A shipment that stayed behind, as people know it."""
    shown: WithheldShown = {"shipment_id": str(each.shipment_id), "code": each.code}
    history = orders.get(each.shipment_id)
    if history is None:
        return shown
    booked = history.shipments[each.shipment_id].booked
    number = number_of(booked) or ""
    order_id = str(history.order_id)
    return {**shown, "shipment_number": number, "order_id": order_id, "order_number": history.order_number}


ON_MANIFEST = (
    *PACKAGE,
    Fact("shipment_id", Form.ID),
    Fact("shipment_number"),
    Fact("order_id", Form.ID),
    Fact("order_number"),
)
KIND = Kind(
    document=DISPATCH,
    life=Life(DispatchScheduled, DISPATCH_EVENTS, DispatchHistory, fold),
    among=lambda history: {history.dispatch_id: history},
    summary=summary,
    detail=_in_full,
    moment="scheduled_at",
    states=STATUSES,
    state="status",
    location="location",
    found_by=("manifest_number",),
    facts=(
        Fact("carrier"),
        Fact("location"),
        Fact("ready_at", Form.TIME),
        Fact("manifest_number", nullable=True),
        Fact("carrier_manifest", Form.OBJECT, nullable=True),
    ),
    listed=(Fact("shipments", Form.COUNT),),
    in_full=(
        Fact("shipments", Form.ID, several=True),
        Fact("withheld", (Fact("shipment_id", Form.ID), Fact("code")), several=True),
        Fact("packages", (*ON_MANIFEST, Fact("ship_to", Form.OBJECT, nullable=True)), several=True),
    ),
    columns=(
        *("dispatch_number", "scheduled_at", "carrier", "location", "ready_at", "shipments", "manifest_number"),
        "status",
    ),
)
