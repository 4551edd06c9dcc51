"""The lists of documents: invoices, credit memos and shipments of orders, batches and dispatches across them.

One table serves all five, because they are asked the same questions. A row never holds more of a
document than its list shows; a document in full is folded from the log (``queries``).
"""

from collections.abc import Callable, Iterator, Mapping
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
from projections.documents.batches import BatchHistory
from projections.documents.dispatches import DispatchHistory
from projections.documents.words import document_words
from projections.engine.model import ReadModel
from projections.order_history import history
from projections.order_history.history import OrderHistory
from projections.paging.times import rfc3339

Story = OrderHistory | BatchHistory | DispatchHistory


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
Summary = Mapping[str, Any]


@dataclass(slots=True)
class DocumentState:
    """What happened in one partition: to an order, a batch or a dispatch.

    ``changed`` has the documents that there are, ``summaries`` what they show as far as it was looked at since,
    ``given`` the moments of the rows that were handed out already.
    """

    partition_id: UUID
    history: Story | None = None
    changed: dict[UUID, Moment] = field(default_factory=dict)
    summaries: dict[UUID, Summary] = field(default_factory=dict)
    given: dict[UUID, Moment] = field(default_factory=dict)


FIRST: dict[type[Event], type[Story]] = {
    OrderPlaced: OrderHistory,
    BatchCreated: BatchHistory,
    DispatchScheduled: DispatchHistory,
}
FOLD_OF: dict[type[Any], Callable[[Any, RecordedEvent, Any], None]] = {
    OrderHistory: history.fold,
    BatchHistory: batches.fold,
    DispatchHistory: dispatches.fold,
}
EVENTS = frozenset([*history.FOLDS, *BATCH_EVENTS, *DISPATCH_EVENTS])
# Streams whose events tell of nothing but their own document.
_ALONE = frozenset(event.TOPIC for event in (*SHIPMENT_EVENTS, *BATCH_EVENTS, *DISPATCH_EVENTS))


def fold(filed: DocumentState, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the partition; what comes first says what the partition is of.

    A document changed when something happened in its own stream, or when it shows something else than before.
    """
    if filed.history is None:
        begins = FIRST.get(type(event))
        if begins is None:
            return  # a partition of something else, such as who may do what
        filed.history = begins(filed.partition_id)
    others = () if event is None or row.topic in _ALONE else [each for each in filed.changed if each != row.stream_id]
    before = [(each, _summary(filed, each)) for each in others]
    FOLD_OF[type(filed.history)](filed.history, row, event)
    if event is None:
        return
    moment = (row.recorded_at, row.position)
    if _kind(filed.history, row.stream_id) is not None:
        filed.changed[row.stream_id] = moment
        filed.summaries.pop(row.stream_id, None)
    for document_id, shown in before:
        del filed.summaries[document_id]
        if _summary(filed, document_id) != shown:
            filed.changed[document_id] = moment


def _kind(history: Story, document_id: UUID) -> Kind | None:
    """What kind of document has this id; None when it is none."""
    match history:
        case OrderHistory():
            if document_id in history.invoices:
                return KINDS["invoices"]
            if document_id in history.shipments:
                return KINDS["shipments"]
            return KINDS["credit-memos"] if document_id in history.credit_memos else None
        case BatchHistory():
            return KINDS["batches"] if document_id == history.batch_id else None
        case _:
            return KINDS["dispatches"] if document_id == history.dispatch_id else None


def _summary(filed: DocumentState, document_id: UUID) -> Summary:
    """The document as its list shows it, remembered until something happens to it."""
    shown = filed.summaries.get(document_id)
    if shown is None:
        shown = filed.summaries[document_id] = _made(filed.history, document_id)
    return shown


def _made(history: Story | None, document_id: UUID) -> Summary:
    match history:
        case OrderHistory():
            if document_id in history.invoices:
                return invoices.summary(history, document_id, history.invoices[document_id])
            if document_id in history.shipments:
                return shipments.summary(history, document_id, history.shipments[document_id])
            return credit_memos.summary(history, document_id, history.credit_memos[document_id])
        case BatchHistory():
            return batches.summary(history)
        case DispatchHistory():
            return dispatches.summary(history)
    raise LookupError(f"There is no document {document_id}.")


def rows(filed: DocumentState) -> Iterator[DocumentRow]:
    """A row per document of the partition that changed since its row was handed out last."""
    if filed.history is None:
        return
    for document_id, moment in filed.changed.items():
        if filed.given.get(document_id) == moment:
            continue
        kind = _kind(filed.history, document_id)
        if kind is not None:
            filed.given[document_id] = moment
            yield _row(kind, filed.history, _summary(filed, document_id), moment)


_encode = msgspec.json.Encoder().encode


def _row(kind: Kind, history: Story, shown: Summary, moment: Moment) -> DocumentRow:
    item = {**shown, "updated_at": rfc3339(moment[0]), "position": moment[1]}
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
        document_words(history if isinstance(history, OrderHistory) else None, item),
        _encode(item).decode(),
    )


DOCUMENTS = ReadModel(
    name="documents",
    columns=DocumentRow._fields,
    key="document_id",
    partition="coalesce(order_id, document_id)",
    events=EVENTS,
    start=DocumentState,
    fold=fold,
    rows=rows,
)
