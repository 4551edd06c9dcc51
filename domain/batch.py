"""Batches: many orders booked together, each entry with a result of its own.

The batch decides which orders belong to it and when it runs; booking is each order's own decision, and
one order's refusal never fails the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, Event
from domain.refusals import Refusal, invalid
from domain.requests import RequestedPackage
from domain.values import Units

ENTRIES_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPackage:
    """A package as it is asked for; what is left open is settled when it is booked."""

    package_id: str
    contents: tuple[Units, ...]
    weight_grams: int | None = None
    type: str | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    max_weight_grams: int | None = None
    tracking_number: str | None = None

    @classmethod
    def of(cls, package: RequestedPackage, package_id: str) -> Self:
        """The package that was asked for, under the name that it has from now on."""
        return cls(
            package_id=package_id,
            contents=package.contents,
            weight_grams=package.weight_grams,
            type=package.type,
            length_mm=package.length_mm,
            width_mm=package.width_mm,
            height_mm=package.height_mm,
            max_weight_grams=package.max_weight_grams,
            tracking_number=package.tracking_number,
        )

    def requested(self) -> RequestedPackage:
        """The package as a booking asks for it."""
        return RequestedPackage(
            package_id=self.package_id,
            contents=self.contents,
            weight_grams=self.weight_grams,
            type=self.type,
            length_mm=self.length_mm,
            width_mm=self.width_mm,
            height_mm=self.height_mm,
            max_weight_grams=self.max_weight_grams,
            tracking_number=self.tracking_number,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEvent(Event):
    """A fact of a batch's stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCreated(BatchEvent):
    """Orders were selected to leave ``origin`` with ``carrier``."""

    TOPIC: ClassVar[str] = "batch.created"
    SERIES: ClassVar[str | None] = "batch"

    number: int | None = None
    origin: str = ""
    carrier: str = ""
    service: str = ""
    orders: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntrySet(BatchEvent):
    """How an order is packed; without packages it is one package of everything. An entry that failed waits again."""

    TOPIC: ClassVar[str] = "batch.entry_set"

    order_id: UUID = NO_STREAM
    packages: tuple[BatchPackage, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntryRemoved(BatchEvent):
    """An order left the batch before it was booked."""

    TOPIC: ClassVar[str] = "batch.entry_removed"

    order_id: UUID = NO_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStarted(BatchEvent):
    """Processing was asked for; entries that are not booked are tried (again)."""

    TOPIC: ClassVar[str] = "batch.started"

    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntryBooked(BatchEvent):
    """An order's shipment is booked."""

    TOPIC: ClassVar[str] = "batch.entry_booked"

    order_id: UUID = NO_STREAM
    shipment_id: UUID = NO_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntryFailed(BatchEvent):
    """An order refused to be booked."""

    TOPIC: ClassVar[str] = "batch.entry_failed"

    order_id: UUID = NO_STREAM
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProcessed(BatchEvent):
    """Every entry was tried."""

    TOPIC: ClassVar[str] = "batch.processed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCanceled(BatchEvent):
    """The batch will not be processed; its orders are free."""

    TOPIC: ClassVar[str] = "batch.canceled"


BATCH_EVENTS: tuple[type[BatchEvent], ...] = (
    BatchCreated,
    BatchEntrySet,
    BatchEntryRemoved,
    BatchStarted,
    BatchEntryBooked,
    BatchEntryFailed,
    BatchProcessed,
    BatchCanceled,
)


@dataclass(slots=True)
class BatchEntry:
    """One order of a batch; ``result`` is "pending", "booked" or "failed"."""

    order_id: UUID
    result: str = "pending"
    packages: tuple[BatchPackage, ...] | None = None
    code: str | None = None
    detail: str | None = None
    shipment_id: UUID | None = None


@dataclass(slots=True)
class BatchState:
    """What decides about a batch; ``status`` is "created", "processing", "processed" or "canceled"."""

    status: str = "created"
    origin: str = ""
    carrier: str = ""
    service: str = ""
    attempt: int = 0
    entries: dict[str, BatchEntry] = field(default_factory=dict)

    def entry(self, order_id: UUID) -> BatchEntry:
        """The entry of an order that is in the batch."""
        return self.entries[str(order_id)]


def apply(state: BatchState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    match event:
        case BatchCreated():
            state.origin, state.carrier, state.service = event.origin, event.carrier, event.service
            state.entries = {str(order_id): BatchEntry(order_id) for order_id in event.orders}
        case BatchStarted():
            _started(state, event)
        case BatchProcessed():
            state.status = "processed"
        case BatchCanceled():
            state.status = "canceled"
        case _:
            _apply_to_entry(state, event)


def _apply_to_entry(state: BatchState, event: Any) -> None:
    match event:
        case BatchEntrySet():
            state.entries[str(event.order_id)] = BatchEntry(event.order_id, packages=event.packages)
        case BatchEntryRemoved():
            del state.entries[str(event.order_id)]
        case BatchEntryBooked():
            entry = state.entry(event.order_id)
            entry.result, entry.shipment_id = "booked", event.shipment_id
            entry.code = entry.detail = None  # booked later than the batch was processed
        case BatchEntryFailed():
            entry = state.entry(event.order_id)
            entry.result, entry.code, entry.detail = "failed", event.code, event.detail


def _started(state: BatchState, event: BatchStarted) -> None:
    state.status = "processing"
    state.attempt = event.attempt
    for entry in state.entries.values():
        if entry.result == "failed":
            entry.result, entry.code, entry.detail = "pending", None, None


class Batch(Aggregate):
    """Decides about one batch."""

    NAME = "batch"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = BatchState()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)

    def create(self, orders: Sequence[UUID], origin: str, carrier: str, service: str, at: datetime) -> None:
        """Select orders, each of them once, that leave the location ``origin`` with ``carrier``."""
        if len(set(orders)) < len(orders):
            raise invalid("duplicate_order", "An order is named twice. Name each order once.", "/orders")
        created = BatchCreated(occurred_at=at, origin=origin, carrier=carrier, service=service, orders=tuple(orders))
        self.trigger(created)

    def _require(self, *statuses: str) -> None:
        if self.state.status not in statuses:
            raise Refusal("batch_not_open", f"The batch is {self.state.status}, so this is not possible any more.")

    def set_entry(self, order_id: UUID, packages: tuple[BatchPackage, ...] | None, at: datetime) -> None:
        """Add an order, or say how one of the batch is packed; later only one that failed, to be tried again."""
        self._require_editable(order_id)
        if str(order_id) not in self.state.entries and len(self.state.entries) >= ENTRIES_MAX:
            raise invalid(
                "too_many_orders",
                f"A batch takes at most {ENTRIES_MAX} orders. Create another one for the rest.",
                "/order_id",
            )
        self.trigger(BatchEntrySet(occurred_at=at, order_id=order_id, packages=packages))

    def remove_entry(self, order_id: UUID, at: datetime) -> None:
        """Take an order out; later only one that failed."""
        if self.state.status == "created" and str(order_id) not in self.state.entries:
            raise invalid("item_not_in_batch", f"Order {order_id} is not in the batch.", "/order_id")
        self._require_editable(order_id)
        self.trigger(BatchEntryRemoved(occurred_at=at, order_id=order_id))

    def _require_editable(self, order_id: UUID) -> None:
        self._require("created", "processed")
        entry = self.state.entries.get(str(order_id))
        if self.state.status == "processed" and (entry is None or entry.result == "booked"):
            detail = "The batch is processed: only entries that failed can be changed or removed, and tried again."
            raise Refusal("batch_not_open", detail)

    def start(self, at: datetime) -> list[UUID]:
        """Ask for processing; returns the orders that will be tried."""
        self._require("created", "processed")
        tried = [entry.order_id for entry in self.state.entries.values() if entry.result != "booked"]
        if not tried:
            raise Refusal("batch_not_open", "Every order of the batch is booked: there is nothing to process.")
        self.trigger(BatchStarted(occurred_at=at, attempt=self.state.attempt + 1))
        return tried

    def record_booked(self, order_id: UUID, shipment_id: UUID, at: datetime) -> None:
        """Keep the shipment of an entry."""
        self.trigger(BatchEntryBooked(occurred_at=at, order_id=order_id, shipment_id=shipment_id))

    def record_failed(self, order_id: UUID, code: str, detail: str, at: datetime) -> None:
        """Keep why an entry was refused."""
        self.trigger(BatchEntryFailed(occurred_at=at, order_id=order_id, code=code, detail=detail))

    def finish(self, at: datetime) -> None:
        """Say that every entry was tried."""
        self.trigger(BatchProcessed(occurred_at=at))

    def cancel(self, at: datetime) -> None:
        """Give the orders free."""
        self._require("created")
        self.trigger(BatchCanceled(occurred_at=at))
