"""Reading the history of orders from the log, at the moment of the question: always current, with no table behind it.

An event that cannot be read is named, with its place in the log; an order that has one hides no other.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from eventstore.codec import Codec
from eventstore.errors import Unreadable
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.records import Partition, RecordedEvent
from projections.engine.decoder import Decoder
from projections.order_history.history import FOLDS, OrderHistory, fold
from projections.order_history.reading_partitions import each


class HistoryReader:
    """Folds orders from the log. Thread-safe."""

    def __init__(self, reader: LogReader, codec: Codec, keyring: Keyring) -> None:
        self._reader = reader
        self._decoder = Decoder(codec, keyring, FOLDS)

    def of(self, partition: Partition[RecordedEvent], up_to: int | None = None) -> OrderHistory:
        """The order whose partition this is, as of a position. Raises Unreadable."""
        history, key = OrderHistory(partition.events[0].partition_id), partition.data_key
        rows = partition.events if up_to is None else [row for row in partition.events if row.position <= up_to]
        each(rows, lambda row: fold(history, row, self._decoder.event(row, key)))
        return history

    def several(self, order_ids: Iterable[UUID]) -> dict[UUID, OrderHistory | Unreadable]:
        """Each of the orders that exist, or why it cannot be read."""
        found: dict[UUID, OrderHistory | Unreadable] = {}
        for order_id, partition in self._reader.read_partitions(list(order_ids)).items():
            try:
                found[order_id] = self.of(partition)
            except Unreadable as reason:
                found[order_id] = reason
        return found


def unreadable_order(reason: Unreadable) -> dict[str, Any]:
    """What is said of an order that cannot be read."""
    return {"order_id": str(reason.partition_id), "code": "order_unreadable", "position": reason.position}
