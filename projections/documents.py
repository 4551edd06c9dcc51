"""The lists of documents: invoices, credit memos and shipments of orders, batches and dispatches across them.

One table serves all five, because they are asked the same questions. A row never holds more of a
document than its list shows; a document in full is folded from the log (``document_queries``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.batch import BATCH_EVENTS, BatchCreated
from domain.dispatch import DISPATCH_EVENTS, DispatchScheduled
from domain.events import Event
from domain.order_events import OrderPlaced
from eventstore.records import RecordedEvent
from projections import batches, credit_memos, dispatches, invoices, order_story, shipments
from projections.batches import BatchStory
from projections.dispatches import DispatchStory
from projections.model import ReadModel
from projections.order_story import OrderStory

Story = OrderStory | BatchStory | DispatchStory


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document: how its fields are named, and by which columns its list is filtered.

    ``moment`` is the time that orders the list; ``state`` is called "state" or "status", of ``states``.
    """

    name: str
    singular: str
    moment: str
    states: tuple[str, ...]
    state: str = "state"
    location: str | None = None
    of_order: bool = True

    @property
    def id_name(self) -> str:
        return f"{self.singular}_id"

    @property
    def number_name(self) -> str:
        return f"{self.singular}_number"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("invoices", "invoice", "issued_at", invoices.STATES),
        Kind("credit-memos", "credit_memo", "issued_at", credit_memos.STATES),
        Kind("shipments", "shipment", "booked_at", shipments.STATES, location="origin"),
        Kind("batches", "batch", "created_at", batches.STATUSES, "status", "origin", of_order=False),
        Kind("dispatches", "dispatch", "scheduled_at", dispatches.STATUSES, "status", "location", of_order=False),
    )
}


class DocumentRow(NamedTuple):
    """A row of read.documents."""

    document_id: str
    kind: str
    number: str
    state: str
    order_id: str | None
    carrier: str
    location: str
    happened_at: str
    item: str


@dataclass(slots=True)
class Filed:
    """What happened in one partition: to an order, a batch or a dispatch."""

    partition_id: UUID
    story: Story | None = None


FIRST: dict[type[Event], type[Story]] = {
    OrderPlaced: OrderStory,
    BatchCreated: BatchStory,
    DispatchScheduled: DispatchStory,
}
FOLD_OF: dict[type[Any], Callable[[Any, RecordedEvent, Any], None]] = {
    OrderStory: order_story.fold,
    BatchStory: batches.fold,
    DispatchStory: dispatches.fold,
}
EVENTS = frozenset([*order_story.FOLDS, *BATCH_EVENTS, *DISPATCH_EVENTS])


def fold(filed: Filed, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the partition; what comes first says what the partition is of."""
    if filed.story is None:
        filed.story = FIRST[type(event)](filed.partition_id)
    FOLD_OF[type(filed.story)](filed.story, row, event)


def rows(filed: Filed) -> Iterator[DocumentRow]:
    """A row per document of the partition."""
    match filed.story:
        case OrderStory() as story:
            yield from _of_order(story)
        case BatchStory() as story:
            yield _row(KINDS["batches"], batches.summary(story))
        case DispatchStory() as story:
            yield _row(KINDS["dispatches"], dispatches.summary(story))


def _of_order(story: OrderStory) -> Iterator[DocumentRow]:
    for invoice_id, invoice in story.invoices.items():
        yield _row(KINDS["invoices"], invoices.summary(story, invoice_id, invoice))
    for shipment_id, shipment in story.shipments.items():
        yield _row(KINDS["shipments"], shipments.summary(story, shipment_id, shipment))
    for memo_id, memo in story.credit_memos.items():
        yield _row(KINDS["credit-memos"], credit_memos.summary(story, memo_id, memo))


_encode = msgspec.json.Encoder().encode


def _row(kind: Kind, item: dict[str, Any]) -> DocumentRow:
    return DocumentRow(
        item[kind.id_name],
        kind.name,
        item[kind.number_name],
        item[kind.state],
        item.get("order_id"),
        item.get("carrier") or "",
        item.get(kind.location or "") or "",
        item[kind.moment],
        _encode(item).decode(),
    )


DOCUMENTS = ReadModel(
    name="documents",
    columns=DocumentRow._fields,
    key="document_id",
    partition="coalesce(order_id, document_id)",
    events=EVENTS,
    start=Filed,
    fold=fold,
    rows=rows,
)
