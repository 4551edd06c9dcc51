"""What the HTTP edge asks about documents, over a pool of connections and the log.

Lists come from their table and may wait a bounded time for a position; a document in full is folded from
the log itself, so that it is always current. Nothing here writes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.batch import BATCH_EVENTS
from domain.dispatch import DISPATCH_EVENTS
from eventstore.codec import Codec
from eventstore.errors import Unreadable
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.records import Partition, RecordedEvent
from projections.documents import batches, credit_memos, dispatches, invoices, page, ready_packages, shipments
from projections.documents.batches import BatchStory
from projections.documents.dispatches import DispatchStory
from projections.documents.page import ends
from projections.documents.parameters import DocumentQuery
from projections.engine.decoder import Decoder
from projections.engine.positions import require_recorded
from projections.order_history import history
from projections.order_history.history import OrderStory
from projections.order_history.reading_partitions import each
from projections.orders import customer_orders
from projections.orders.customer_orders import CustomerQuery
from projections.paging.query import Cursor, GridPage

Document = dict[str, Any]

OF_ORDER: dict[str, Callable[[OrderStory, UUID], Document | None]] = {
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
        self._keyring = keyring
        self._of_orders = Decoder(codec, keyring, history.FOLDS)
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
        return None if found is None else found | {"position": max(position, partition.events[-1].position)}

    def _detail(self, kind: str, document_id: UUID, partition: Partition[RecordedEvent]) -> Document | None:
        if kind in OF_ORDER:
            story = self._order(partition)
            found = OF_ORDER[kind](story, document_id)
            return None if found is None else found | {"version": story.version}
        if partition.events[0].stream_id != document_id:
            return None
        if kind == "batches":
            return self._batch(partition)
        return self._dispatch(partition)

    def _order(self, partition: Partition[RecordedEvent]) -> OrderStory:
        story = OrderStory(partition.events[0].partition_id)
        key = partition.data_key
        each(partition.events, lambda row: history.fold(story, row, self._of_orders.event(row, key)))
        return story

    def _batch(self, partition: Partition[RecordedEvent]) -> Document | None:
        story = BatchStory(partition.events[0].stream_id)
        each(partition.events, lambda row: batches.fold(story, row, self._across_orders.event(row, None)))
        if not story.version:
            return None
        orders = self._stories(entry.order_id for entry in story.state.entries.values())
        return batches.detail(story, {key: order for key, order in orders.items() if isinstance(order, OrderStory)})

    def _dispatch(self, partition: Partition[RecordedEvent]) -> Document | None:
        story = DispatchStory(partition.events[0].stream_id)
        each(partition.events, lambda row: dispatches.fold(story, row, self._across_orders.event(row, None)))
        if not story.version:
            return None
        named = [*story.state.shipments, *(stayed.shipment_id for stayed in story.state.withheld)]
        orders, unreadable = self._orders_of(named)
        found = dispatches.detail(story, orders)
        return found | {"unreadable": unreadable} if unreadable else found

    def _orders_of(self, shipment_ids: Sequence[UUID]) -> tuple[Mapping[UUID, OrderStory], list[Document]]:
        """The order of each shipment, and the shipments whose orders cannot be read."""
        order_of = self._reader.partitions_of(shipment_ids)
        stories = self._stories(set(order_of.values()))
        orders: dict[UUID, OrderStory] = {}
        unreadable: list[Document] = []
        for shipment_id, order_id in order_of.items():
            story = stories[order_id]
            if isinstance(story, OrderStory):
                orders[shipment_id] = story
            else:
                unreadable.append({"shipment_id": str(shipment_id), **customer_orders.unreadable(story)})
        return orders, unreadable

    def _stories(self, order_ids: Iterable[UUID]) -> dict[UUID, OrderStory | Unreadable]:
        """Each of the orders, or why it cannot be read: one that cannot hides no other."""
        found: dict[UUID, OrderStory | Unreadable] = {}
        for order_id, partition in self._reader.read_partitions(list(order_ids)).items():
            try:
                found[order_id] = self._order(partition)
            except Unreadable as reason:
                found[order_id] = reason
        return found

    def customer_orders(self, customer_id: str, query: CustomerQuery) -> GridPage:
        """A page of a customer's orders, each as the customer sees it."""
        position = require_recorded(self._reader.head, query.min_position)
        customer_hash = self._keyring.customer_hash(customer_id)
        with self._pool.connection() as connection:
            places = customer_orders.places(connection, customer_hash, query)
        taken = places[: query.limit]
        shown, following, previous = ends(taken, len(places) > len(taken), query.cursor, _customer_place)
        stories = self._stories([order_id for order_id, _ in shown])
        items = [customer_orders.item(stories[order_id]) for order_id, _ in shown if order_id in stories]
        encoded = b",".join([msgspec.json.encode(item) for item in items if item is not None])
        return GridPage(encoded, following, previous, position)


def _customer_place(place: tuple[UUID, int]) -> Cursor:
    order_id, from_position = place
    return Cursor(customer_orders.LIST, str(from_position), order_id)
