"""Batches as readers see them: how far the booking has come, and what became of each order.

The orders are others' partitions: whoever asks for the detail hands in who reads them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import batch, label_state
from domain.batch import BATCH_EVENTS, BatchCreated, BatchEntry, BatchState
from domain.document_kinds import BATCH
from domain.document_number import number_of
from domain.events import NO_TIME
from eventstore.records import RecordedEvent
from projections.documents.kind import UNITS, Fact, Form, Kind, Life
from projections.documents.related_orders import RelatedOrders
from projections.documents.shapes.common import UnitsShown
from projections.documents.shapes.handing_over import BATCH_STATUSES, BatchEntryShown, BatchInFull, BatchSummary
from projections.order_history.history import OrderHistory
from projections.paging.times import rfc3339

STATUSES = BATCH_STATUSES
EVENTS = frozenset(BATCH_EVENTS)


@dataclass(slots=True)
class BatchHistory:
    """Everything that happened to one batch so far."""

    batch_id: UUID
    version: int = 0
    number: int | None = None
    created_at: datetime = NO_TIME
    updated_at: datetime = NO_TIME
    state: BatchState = field(default_factory=BatchState)


def fold(history: BatchHistory, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the batch."""
    if type(event) not in EVENTS:
        return
    history.version, history.updated_at = row.version, row.recorded_at
    if isinstance(event, BatchCreated):
        history.number, history.created_at = event.number, event.occurred_at
    batch.apply(history.state, event)


def summary(history: BatchHistory, *_: object) -> BatchSummary:
    """The batch as a list shows it."""
    results = [entry.result for entry in history.state.entries.values()]
    return {
        "batch_id": str(history.batch_id),
        "batch_number": f"{history.number or 0:09d}",
        "status": history.state.status,
        "origin": history.state.origin,
        "carrier": history.state.carrier,
        "service": history.state.service,
        "created_at": rfc3339(history.created_at),
        "updated_at": rfc3339(history.updated_at),
        "orders": len(results),
        "booked": results.count("booked"),
        "failed": results.count("failed"),
    }


def detail(history: BatchHistory, related: RelatedOrders) -> BatchInFull:
    """The batch with the result of each entry."""
    entries = history.state.entries.values()
    orders = related.of([entry.order_id for entry in entries])
    return {
        **summary(history),
        "version": history.version,
        "entries": [_entry(entry, orders.get(entry.order_id)) for entry in entries],
    }


def _entry(entry: BatchEntry, order: OrderHistory | None) -> BatchEntryShown:
    shipment = order.shipments.get(entry.shipment_id) if order and entry.shipment_id else None
    return {
        "order_id": str(entry.order_id),
        "order_number": order.order_number if order else None,
        "ship_to_name": (order.shipping_address or {}).get("name") if order else None,
        "result": entry.result,
        "code": entry.code,
        "detail": entry.detail,
        "shipment_id": None if entry.shipment_id is None else str(entry.shipment_id),
        "shipment_number": number_of(shipment.booked) if shipment else None,
        "label": label_state.overall(shipment.state.labels) if shipment else None,
        "left": _left(entry, order),
        "packages": entry.packages,
    }


def _left(entry: BatchEntry, order: OrderHistory | None) -> list[UnitsShown]:
    """What of a booked order is on no shipment now."""
    if order is None or entry.result != "booked":
        return []
    lines = order.order.lines.items()
    return [{"line_id": line_id, "quantity": line.to_ship} for line_id, line in lines if line.to_ship]


_ENTRY = (
    Fact("order_id", Form.ID),
    Fact("order_number", nullable=True),
    Fact("ship_to_name", nullable=True),
    Fact("result", choices=("pending", "booked", "failed")),
    Fact("code", nullable=True),
    Fact("detail", nullable=True),
    Fact("shipment_id", Form.ID, nullable=True),
    Fact("shipment_number", nullable=True),
    Fact("label", nullable=True),
    Fact("left", UNITS, several=True),
)
KIND = Kind(
    document=BATCH,
    life=Life(BatchCreated, BATCH_EVENTS, BatchHistory, fold),
    among=lambda history: {history.batch_id: history},
    summary=summary,
    detail=lambda history, _, related: detail(history, related) if history.version else None,
    moment="created_at",
    states=STATUSES,
    state="status",
    location="origin",
    facts=(
        *(Fact(name) for name in ("origin", "carrier", "service")),
        *(Fact(name, Form.COUNT) for name in ("orders", "booked", "failed")),
    ),
    in_full=(Fact("entries", _ENTRY, several=True),),
    columns=(
        *("batch_number", "created_at", "carrier", "service", "origin", "orders", "booked", "failed"),
        "status",
    ),
)
