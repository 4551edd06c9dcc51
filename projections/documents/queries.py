"""What the HTTP edge asks about documents, over a pool of connections and the log.

Lists come from their table and may wait a bounded time for a position; a document in full is folded from
the log itself, so that it is always current. Nothing here writes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.batch import BATCH_EVENTS
from domain.dispatch import DISPATCH_EVENTS
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.records import Partition, RecordedEvent
from projections.documents import batches, credit_memos, dispatches, invoices, page, ready_packages, shipments
from projections.documents.batches import BatchHistory
from projections.documents.dispatches import DispatchHistory
from projections.documents.parameters import DocumentQuery
from projections.engine.decoder import Decoder
from projections.engine.positions import require_recorded
from projections.order_history.history import OrderHistory
from projections.order_history.reader import HistoryReader, unreadable_order
from projections.order_history.reading_partitions import each
from projections.paging.query import GridPage

Document = Mapping[str, Any]

OF_ORDER: dict[str, Callable[[OrderHistory, UUID], Document | None]] = {
    "invoices": invoices.detail,
    "credit-memos": credit_memos.detail,
    "shipments": shipments.detail,
}


class DocumentQueries:
    """Answers questions about documents. Thread-safe. Raises positions.PositionUnknown, past a bounded wait Behind."""

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], reader: LogReader, codec: Codec, keyring: Keyring
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._histories = HistoryReader(reader, codec, keyring)
        self._across_orders = Decoder(codec, keyring, [*BATCH_EVENTS, *DISPATCH_EVENTS])

    def page(self, query: DocumentQuery) -> GridPage:
        """A page of a list."""
        with self._pool.connection() as connection:
            return page.page(connection, query)

    def ready_packages(self, query: DocumentQuery) -> GridPage:
        """Packages that wait for their carrier."""
        with self._pool.connection() as connection:
            return ready_packages.page(connection, query)

    def detail(self, kind: str, document_id: UUID, min_position: int | None = None) -> Document | None:
        """A document in full, with ``version`` and ``position``; None when there is none of that kind and id."""
        position = require_recorded(self._reader.head, min_position)
        partition = self._reader.read_partition_of(document_id)
        if not partition.events:
            return None
        found = self._detail(kind, document_id, partition)
        return None if found is None else {**found, "position": max(position, partition.events[-1].position)}

    def _detail(self, kind: str, document_id: UUID, partition: Partition[RecordedEvent]) -> Document | None:
        if kind in OF_ORDER:
            history = self._histories.of(partition)
            found = OF_ORDER[kind](history, document_id)
            return None if found is None else {**found, "version": history.version}
        if partition.events[0].stream_id != document_id:
            return None
        if kind == "batches":
            return self._batch(partition)
        return self._dispatch(partition)

    def _batch(self, partition: Partition[RecordedEvent]) -> Document | None:
        history = BatchHistory(partition.events[0].stream_id)
        each(partition.events, lambda row: batches.fold(history, row, self._across_orders.event(row, None)))
        if not history.version:
            return None
        orders = self._histories.several(entry.order_id for entry in history.state.entries.values())
        return batches.detail(history, {key: order for key, order in orders.items() if isinstance(order, OrderHistory)})

    def _dispatch(self, partition: Partition[RecordedEvent]) -> Document | None:
        history = DispatchHistory(partition.events[0].stream_id)
        each(partition.events, lambda row: dispatches.fold(history, row, self._across_orders.event(row, None)))
        if not history.version:
            return None
        named = [*history.state.shipments, *(stayed.shipment_id for stayed in history.state.withheld)]
        orders, unreadable = self._orders_of(named)
        found = dispatches.detail(history, orders)
        return {**found, "unreadable": unreadable} if unreadable else found

    def _orders_of(self, shipment_ids: Sequence[UUID]) -> tuple[Mapping[UUID, OrderHistory], list[Document]]:
        """The order of each shipment, and the shipments whose orders cannot be read."""
        order_of = self._reader.partitions_of(shipment_ids)
        histories = self._histories.several(set(order_of.values()))
        orders: dict[UUID, OrderHistory] = {}
        unreadable: list[Document] = []
        for shipment_id, order_id in order_of.items():
            history = histories[order_id]
            if isinstance(history, OrderHistory):
                orders[shipment_id] = history
            else:
                unreadable.append({"shipment_id": str(shipment_id), **unreadable_order(history)})
        return orders, unreadable
