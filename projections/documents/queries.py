"""What the HTTP edge asks about documents, over a pool of connections and the log.

Lists come from their table and may wait a bounded time for a position; a document in full is folded from
the log itself, so that it is always current. Nothing here writes.
"""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.records import Partition, RecordedEvent
from projections.documents import page, ready_packages
from projections.documents.kind import Document, Kind
from projections.documents.kinds import KINDS, SPANNING_EVENTS
from projections.documents.parameters import DocumentQuery
from projections.documents.related_orders import RelatedOrders
from projections.engine.decoder import Decoder
from projections.engine.positions import require_recorded
from projections.order_history.reader import HistoryReader
from projections.order_history.reading_partitions import each
from projections.paging.query import GridPage


class DocumentQueries:
    """Answers questions about documents. Thread-safe. Raises positions.PositionUnknown, past a bounded wait Behind."""

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], reader: LogReader, codec: Codec, keyring: Keyring
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._histories = HistoryReader(reader, codec, keyring)
        self._across_orders = Decoder(codec, keyring, SPANNING_EVENTS)

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
        found = self._detail(KINDS[kind], document_id, partition)
        return None if found is None else {**found, "position": max(position, partition.events[-1].position)}

    def _detail(self, kind: Kind, document_id: UUID, partition: Partition[RecordedEvent]) -> Document | None:
        related = RelatedOrders(self._reader, self._histories)
        if kind.of_order:
            order = self._histories.of(partition)
            found = kind.detail(order, document_id, related)
            return None if found is None else {**found, "version": order.version}
        if partition.events[0].stream_id != document_id:
            return None
        history = kind.life.history(document_id)
        each(partition.events, lambda row: kind.life.fold(history, row, self._across_orders.event(row, None)))
        return kind.detail(history, document_id, related)
