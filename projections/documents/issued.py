"""Issued documents as they were issued: folded from the log as far as the command that issued them, and no further.

What was paid, credited, corrected or returned since then is no part of them. Only an answer of a payment gateway
belongs to the command that asked for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.credit_memo import CreditMemoIssued
from domain.dispatch import ManifestIssued
from domain.events import Event
from domain.invoice import InvoiceCanceled, InvoiceIssued, InvoiceVoided
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.records import DataKey, Partition, RecordedEvent
from projections.documents import credit_memos, dispatches, invoices
from projections.documents.dispatches import DispatchHistory
from projections.documents.kinds import SPANNING_EVENTS
from projections.engine.decoder import Decoder
from projections.engine.positions import require_recorded
from projections.order_history.history import OrderHistory
from projections.order_history.reader import HistoryReader

# By form: the events that issue the document.
ISSUED_BY: dict[str, tuple[type[Event], ...]] = {
    "invoice": (InvoiceIssued,),
    "credit-memo": (CreditMemoIssued,),
    "cancellation": (InvoiceCanceled, InvoiceVoided),
    "manifest": (ManifestIssued,),
}
# The type of an actor who brings in history: its documents are dated as of then.
HISTORY = "import"
OF_ORDER = {"invoice": invoices.detail, "credit-memo": credit_memos.detail, "cancellation": invoices.detail}


@dataclass(frozen=True, slots=True)
class Issued:
    """A document in full as of its issue, what it was issued on, and whose data keys it was read with.

    ``at`` and ``reason`` are those of the command that issued it.
    """

    detail: Mapping[str, Any]
    at: datetime
    reason: str | None
    stationery: str | None
    owners: Mapping[UUID, DataKey | None]


class IssuedDocuments:
    """Finds documents as they were issued. Thread-safe."""

    def __init__(self, reader: LogReader, codec: Codec, keyring: Keyring) -> None:
        self._reader = reader
        self._codec = codec
        self._keyring = keyring
        self._histories = HistoryReader(reader, codec, keyring)
        self._across_orders = Decoder(codec, keyring, SPANNING_EVENTS)

    def find(self, form: str, document_id: UUID, min_position: int | None = None) -> Issued | None:
        """The document of a form; None when there is none of that id, or when it is not issued yet."""
        require_recorded(self._reader.head, min_position)
        partition = self._reader.read_partition_of(document_id)
        topics = {event.TOPIC for event in ISSUED_BY[form]}
        issuing = next((r for r in partition.events if r.stream_id == document_id and r.topic in topics), None)
        if issuing is None:
            return None
        last = _end_of(issuing, partition)
        if form == "manifest":
            return self._manifest(issuing, partition, last)
        history = self._histories.of(partition, last)
        detail = OF_ORDER[form](history, document_id)
        if detail is None:
            return None
        cipher = self._keyring.cipher(issuing.partition_id, partition.data_key)
        reason = self._codec.document(issuing, cipher).reason
        at = issuing.occurred_at if issuing.actor_type == HISTORY else issuing.recorded_at
        return Issued(detail, at, reason, _stationery(history, document_id), _owner(partition))

    def _manifest(self, issuing: RecordedEvent, partition: Partition[RecordedEvent], last: int) -> Issued:
        history, stationery = DispatchHistory(issuing.stream_id), None
        for row in partition.events:
            if row.position <= last:
                event = self._across_orders.event(row, None)
                stationery = event.stationery if isinstance(event, ManifestIssued) else stationery
                dispatches.fold(history, row, event)
        order_of = self._reader.partitions_of(history.state.shipments)
        orders = self._reader.read_partitions(list(set(order_of.values())))
        histories = {order_id: self._histories.of(found, last) for order_id, found in orders.items()}
        detail = dispatches.detail(history, {shipment: histories[order] for shipment, order in order_of.items()})
        owners = {order_id: found.data_key for order_id, found in orders.items()}
        return Issued(detail, issuing.occurred_at, None, stationery, owners)


def _end_of(issuing: RecordedEvent, partition: Partition[RecordedEvent]) -> int:
    """The last position that belongs to the command which issued a document."""
    command = issuing.command_id
    return max(row.position for row in partition.events if command in {row.command_id, row.causation_id})


def _owner(partition: Partition[RecordedEvent]) -> dict[UUID, DataKey | None]:
    return {partition.events[0].partition_id: partition.data_key}


def _stationery(history: OrderHistory, document_id: UUID) -> str | None:
    invoice, memo = history.invoices.get(document_id), history.credit_memos.get(document_id)
    if invoice is not None:
        return invoice.issued.stationery
    return memo.issued.stationery if memo is not None else None
