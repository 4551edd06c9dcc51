"""Batches as readers see them: how far the booking has come, and what became of each order."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import batch
from domain.batch import BATCH_EVENTS, BatchCreated, BatchState
from domain.events import NO_TIME
from eventstore.records import RecordedEvent
from projections.times import rfc3339

STATUSES = ("created", "processing", "processed", "canceled")
EVENTS = frozenset(BATCH_EVENTS)


@dataclass(slots=True)
class BatchStory:
    """Everything that happened to one batch so far."""

    batch_id: UUID
    version: int = 0
    number: int | None = None
    created_at: datetime = NO_TIME
    updated_at: datetime = NO_TIME
    state: BatchState = field(default_factory=BatchState)


def fold(story: BatchStory, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the batch."""
    if type(event) not in EVENTS:
        return
    story.version, story.updated_at = row.version, row.recorded_at
    if isinstance(event, BatchCreated):
        story.number, story.created_at = event.number, event.occurred_at
    batch.apply(story.state, event)


def summary(story: BatchStory) -> dict[str, Any]:
    """The batch as a list shows it."""
    results = [entry.result for entry in story.state.entries.values()]
    return {
        "batch_id": str(story.batch_id),
        "batch_number": f"{story.number or 0:09d}",
        "status": story.state.status,
        "origin": story.state.origin,
        "carrier": story.state.carrier,
        "service": story.state.service,
        "created_at": rfc3339(story.created_at),
        "updated_at": rfc3339(story.updated_at),
        "orders": len(results),
        "booked": results.count("booked"),
        "failed": results.count("failed"),
    }


def detail(story: BatchStory) -> dict[str, Any]:
    """The batch with the result of each entry."""
    return summary(story) | {
        "version": story.version,
        "entries": [
            {
                "order_id": str(entry.order_id),
                "result": entry.result,
                "code": entry.code,
                "detail": entry.detail,
                "shipment_id": None if entry.shipment_id is None else str(entry.shipment_id),
                "packages": entry.packages,
            }
            for entry in story.state.entries.values()
        ],
    }
