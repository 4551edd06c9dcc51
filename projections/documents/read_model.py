"""The lists of documents: invoices, credit memos and shipments of orders, batches and dispatches across them.

One table serves all five, because they are asked the same questions. A row never holds more of a
document than its list shows; a document in full is folded from the log (``queries``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.batch import BATCH_EVENTS, BatchCreated
from domain.dispatch import DISPATCH_EVENTS, DispatchScheduled
from domain.events import Event
from domain.order_events import OrderPlaced
from domain.shipment_events import SHIPMENT_EVENTS
from eventstore.records import RecordedEvent
from projections.documents import batches, credit_memos, dispatches, invoices, shipments
from projections.documents.batches import BatchStory
from projections.documents.dispatches import DispatchStory
from projections.documents.words import document_words
from projections.engine.model import ReadModel
from projections.order_history import history
from projections.order_history.history import OrderStory
from projections.paging.times import rfc3339

Story = OrderStory | BatchStory | DispatchStory


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document: how its fields are named, and by which columns its list is filtered.

    ``moment`` is the time that orders the list; ``state`` is called "state" or "status", of ``states``. ``found_by``
    are the numbers and references besides its own number that a document is found by.
    """

    name: str
    singular: str
    moment: str
    states: tuple[str, ...]
    state: str = "state"
    location: str | None = None
    of_order: bool = True
    of_money: bool = False
    found_by: tuple[str, ...] = ()

    @property
    def id_name(self) -> str:
        return f"{self.singular}_id"

    @property
    def number_name(self) -> str:
        return f"{self.singular}_number"


OF_ORDER = ("order_number", "external_reference", "customer_id")
KINDS = {
    kind.name: kind
    for kind in (
        Kind("invoices", "invoice", "issued_at", invoices.STATES, of_money=True, found_by=OF_ORDER),
        Kind(
            "credit-memos",
            "credit_memo",
            "issued_at",
            credit_memos.STATES,
            of_money=True,
            found_by=(*OF_ORDER, "invoice_number"),
        ),
        Kind(
            "shipments",
            "shipment",
            "booked_at",
            shipments.STATES,
            location="origin",
            found_by=(*OF_ORDER, "tracking_number"),
        ),
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
    updated_at: str
    position: str
    currency: str
    amount: str | None
    words: str
    item: str


# When a document changed last: as recorded, and where in the log.
Moment = tuple[datetime, int]
Summary = dict[str, Any]


@dataclass(slots=True)
class Filed:
    """What happened in one partition: to an order, a batch or a dispatch.

    ``changed`` has the documents that there are, ``summaries`` what they show as far as it was looked at since,
    ``given`` the moments of the rows that were handed out already.
    """

    partition_id: UUID
    story: Story | None = None
    changed: dict[UUID, Moment] = field(default_factory=dict)
    summaries: dict[UUID, Summary] = field(default_factory=dict)
    given: dict[UUID, Moment] = field(default_factory=dict)


FIRST: dict[type[Event], type[Story]] = {
    OrderPlaced: OrderStory,
    BatchCreated: BatchStory,
    DispatchScheduled: DispatchStory,
}
FOLD_OF: dict[type[Any], Callable[[Any, RecordedEvent, Any], None]] = {
    OrderStory: history.fold,
    BatchStory: batches.fold,
    DispatchStory: dispatches.fold,
}
EVENTS = frozenset([*history.FOLDS, *BATCH_EVENTS, *DISPATCH_EVENTS])
# Streams whose events tell of nothing but their own document.
_ALONE = frozenset(event.TOPIC for event in (*SHIPMENT_EVENTS, *BATCH_EVENTS, *DISPATCH_EVENTS))


def fold(filed: Filed, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the partition; what comes first says what the partition is of.

    A document changed when something happened in its own stream, or when it shows something else than before.
    """
    if filed.story is None:
        begins = FIRST.get(type(event))
        if begins is None:
            return  # a partition of something else, such as who may do what
        filed.story = begins(filed.partition_id)
    others = () if event is None or row.topic in _ALONE else [each for each in filed.changed if each != row.stream_id]
    before = [(each, _summary(filed, each)) for each in others]
    FOLD_OF[type(filed.story)](filed.story, row, event)
    if event is None:
        return
    moment = (row.recorded_at, row.position)
    if _kind(filed.story, row.stream_id) is not None:
        filed.changed[row.stream_id] = moment
        filed.summaries.pop(row.stream_id, None)
    for document_id, shown in before:
        del filed.summaries[document_id]
        if _summary(filed, document_id) != shown:
            filed.changed[document_id] = moment


def _kind(story: Story, document_id: UUID) -> Kind | None:
    """What kind of document has this id; None when it is none."""
    match story:
        case OrderStory():
            if document_id in story.invoices:
                return KINDS["invoices"]
            if document_id in story.shipments:
                return KINDS["shipments"]
            return KINDS["credit-memos"] if document_id in story.credit_memos else None
        case BatchStory():
            return KINDS["batches"] if document_id == story.batch_id else None
        case _:
            return KINDS["dispatches"] if document_id == story.dispatch_id else None


def _summary(filed: Filed, document_id: UUID) -> Summary:
    """The document as its list shows it, remembered until something happens to it."""
    shown = filed.summaries.get(document_id)
    if shown is None:
        shown = filed.summaries[document_id] = _made(filed.story, document_id)
    return shown


def _made(story: Story | None, document_id: UUID) -> Summary:
    match story:
        case OrderStory():
            if document_id in story.invoices:
                return invoices.summary(story, document_id, story.invoices[document_id])
            if document_id in story.shipments:
                return shipments.summary(story, document_id, story.shipments[document_id])
            return credit_memos.summary(story, document_id, story.credit_memos[document_id])
        case BatchStory():
            return batches.summary(story)
        case DispatchStory():
            return dispatches.summary(story)
    raise LookupError(f"There is no document {document_id}.")


def rows(filed: Filed) -> Iterator[DocumentRow]:
    """A row per document of the partition that changed since its row was handed out last."""
    if filed.story is None:
        return
    for document_id, moment in filed.changed.items():
        if filed.given.get(document_id) == moment:
            continue
        kind = _kind(filed.story, document_id)
        if kind is not None:
            filed.given[document_id] = moment
            yield _row(kind, filed.story, _summary(filed, document_id), moment)


_encode = msgspec.json.Encoder().encode


def _row(kind: Kind, story: Story, shown: Summary, moment: Moment) -> DocumentRow:
    item = shown | {"updated_at": rfc3339(moment[0]), "position": moment[1]}
    return DocumentRow(
        item[kind.id_name],
        kind.name,
        item[kind.number_name],
        item[kind.state],
        item.get("order_id"),
        item.get("carrier") or "",
        item.get(kind.location or "") or "",
        item[kind.moment],
        item["updated_at"],
        str(moment[1]),
        item.get("currency") or "",
        item.get("grand_total"),
        document_words(story if isinstance(story, OrderStory) else None, item),
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
