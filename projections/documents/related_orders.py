"""The orders that a document across orders speaks of, as they are now.

An order that cannot be read is told beside the document and never hides it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from eventstore.reader import LogReader
from projections.order_history.history import OrderHistory
from projections.order_history.reader import HistoryReader, unreadable_order


class RelatedOrders:
    """Reads them from the log when they are asked for."""

    def __init__(self, reader: LogReader, histories: HistoryReader) -> None:
        self._reader = reader
        self._histories = histories
        self.unreadable: list[dict[str, Any]] = []

    def of(self, order_ids: Iterable[UUID]) -> dict[UUID, OrderHistory]:
        """The orders that can be read, by id."""
        found = self._histories.several(order_ids)
        return {key: order for key, order in found.items() if isinstance(order, OrderHistory)}

    def of_shipments(self, shipment_ids: Sequence[UUID]) -> dict[UUID, OrderHistory]:
        """By shipment its order, where that can be read; the others are ``unreadable``."""
        order_of = self._reader.partitions_of(shipment_ids)
        histories = self._histories.several(set(order_of.values()))
        orders: dict[UUID, OrderHistory] = {}
        for shipment_id, order_id in order_of.items():
            history = histories[order_id]
            if isinstance(history, OrderHistory):
                orders[shipment_id] = history
            else:
                self.unreadable.append({"shipment_id": str(shipment_id), **unreadable_order(history)})
        return orders
