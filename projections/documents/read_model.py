"""The lists of documents: invoices, credit memos and shipments of orders, batches and dispatches across them.

One table serves all of them, because they are asked the same questions. A row never holds more of a
document than its list shows; a document in full is folded from the log (``queries``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.shipment_events import SHIPMENT_EVENTS
from eventstore.records import RecordedEvent
from projections.documents.kind import Document, Kind, Life
from projections.documents.kinds import KINDS, SPANNING_EVENTS
from projections.documents.words import document_words
from projections.engine.model import ReadModel
from projections.order_history.history import OrderHistory
from projections.paging.times import rfc3339


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


@dataclass(slots=True)
class DocumentState:
    """What happened in one partition: to an order, a batch or a dispatch.

    ``changed`` has the documents that there are, ``summaries`` what they show as far as it was looked at since,
    ``given`` the moments of the rows that were handed out already.
    """

    partition_id: UUID
    history: Any = None
    life: Life | None = None
    changed: dict[UUID, Moment] = field(default_factory=dict)
    summaries: dict[UUID, Document] = field(default_factory=dict)
    given: dict[UUID, Moment] = field(default_factory=dict)


_LIVES = {kind.life.begins: kind.life for kind in KINDS.values()}
_OF_LIFE = {life: tuple(kind for kind in KINDS.values() if kind.life is life) for life in _LIVES.values()}
EVENTS = frozenset(event for life in _OF_LIFE for event in life.events)
# Streams whose events tell of nothing but their own document.
_ALONE = frozenset(event.TOPIC for event in (*SHIPMENT_EVENTS, *SPANNING_EVENTS))


def fold(filed: DocumentState, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the partition; what comes first says what the partition is of.

    A document changed when something happened in its own stream, or when it shows something else than before.
    """
    if filed.life is None:
        filed.life = _LIVES.get(type(event))
        if filed.life is None:
            return  # a partition of something else, such as who may do what
        filed.history = filed.life.history(filed.partition_id)
    others = () if event is None or row.topic in _ALONE else [each for each in filed.changed if each != row.stream_id]
    before = [(each, _summary(filed, each)) for each in others]
    filed.life.fold(filed.history, row, event)
    if event is None:
        return
    moment = (row.recorded_at, row.position)
    if _kind(filed, row.stream_id) is not None:
        filed.changed[row.stream_id] = moment
        filed.summaries.pop(row.stream_id, None)
    for document_id, shown in before:
        del filed.summaries[document_id]
        if _summary(filed, document_id) != shown:
            filed.changed[document_id] = moment


def _kind(filed: DocumentState, document_id: UUID) -> Kind | None:
    """What kind of document has this id; None when it is none."""
    for kind in _OF_LIFE[filed.life] if filed.life else ():
        if document_id in kind.among(filed.history):
            return kind
    return None


def _summary(filed: DocumentState, document_id: UUID) -> Document:
    """The document as its list shows it, remembered until something happens to it."""
    shown = filed.summaries.get(document_id)
    if shown is None:
        kind = _kind(filed, document_id)
        if kind is None:
            raise LookupError(f"There is no document {document_id}.")
        shown = kind.summary(filed.history, document_id, kind.among(filed.history)[document_id])
        filed.summaries[document_id] = shown
    return shown


def rows(filed: DocumentState) -> Iterator[DocumentRow]:
    """A row per document of the partition that changed since its row was handed out last."""
    for document_id, moment in filed.changed.items():
        if filed.given.get(document_id) == moment:
            continue
        kind = _kind(filed, document_id)
        if kind is not None:
            filed.given[document_id] = moment
            yield _row(kind, filed.history, _summary(filed, document_id), moment)


_encode = msgspec.json.Encoder().encode


def _row(kind: Kind, history: Any, shown: Document, moment: Moment) -> DocumentRow:
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
