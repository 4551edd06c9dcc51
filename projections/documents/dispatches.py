"""Dispatches as readers see them, with every package the carrier takes along.

The packages belong to many orders: whoever asks for the detail hands those orders in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import dispatch
from domain.dispatch import DISPATCH_EVENTS, DispatchScheduled, DispatchState, ManifestIssued, Withheld
from domain.events import NO_TIME
from eventstore.records import RecordedEvent
from projections.documents.shipments import to_carrier
from projections.order_history.history import OrderStory
from projections.paging.times import rfc3339

STATUSES = ("scheduled", "closed", "canceled")
EVENTS = frozenset(DISPATCH_EVENTS)


@dataclass(slots=True)
class DispatchStory:
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


def fold(story: DispatchStory, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the dispatch."""
    if type(event) not in EVENTS:
        return
    story.version, story.updated_at = row.version, row.recorded_at
    if isinstance(event, DispatchScheduled):
        story.number, story.scheduled_at, story.ready_at = event.number, event.occurred_at, event.ready_at
    elif isinstance(event, ManifestIssued):
        story.manifest_number, story.closed_at = event.number, event.occurred_at
    dispatch.apply(story.state, event)


def summary(story: DispatchStory) -> dict[str, Any]:
    """The dispatch as a list shows it."""
    manifest = story.manifest_number
    return {
        "dispatch_id": str(story.dispatch_id),
        "dispatch_number": f"{story.number or 0:09d}",
        "status": story.state.status,
        "manifest_number": None if manifest is None else f"{manifest:09d}",
        "carrier": story.state.carrier,
        "location": story.state.location,
        "scheduled_at": rfc3339(story.scheduled_at),
        "ready_at": rfc3339(story.ready_at),
        "closed_at": None if story.closed_at is None else rfc3339(story.closed_at),
        "updated_at": rfc3339(story.updated_at),
        "shipments": len(story.state.shipments),
    }


def detail(story: DispatchStory, orders: Mapping[UUID, OrderStory]) -> dict[str, Any]:
    """The dispatch with its packages; ``orders`` has the order of each of its shipments, by shipment."""
    packages = [
        package
        for shipment_id in story.state.shipments
        if shipment_id in orders and not orders[shipment_id].shipments[shipment_id].state.canceled
        for package in to_carrier(orders[shipment_id], shipment_id)
    ]
    return summary(story) | {
        "version": story.version,
        "shipments": [str(shipment_id) for shipment_id in story.state.shipments],
        "withheld": [_withheld(each, orders) for each in story.state.withheld],
        "packages": packages,
        "package_count": len(packages),
        "weight_grams": sum(package["weight_grams"] for package in packages),
    }


def _withheld(each: Withheld, orders: Mapping[UUID, OrderStory]) -> dict[str, Any]:
    """A shipment that stayed behind, as people know it."""
    shown: dict[str, Any] = {"shipment_id": str(each.shipment_id), "code": each.code}
    story = orders.get(each.shipment_id)
    if story is None:
        return shown
    booked = story.shipments[each.shipment_id].booked
    number = f"{booked.number or 0:09d}"
    return shown | {"shipment_number": number, "order_id": str(story.order_id), "order_number": story.order_number}
