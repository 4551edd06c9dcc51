"""An order with its invoices and shipments, as one snapshot of the log shows them.

They share a partition, are read in one round trip and appended together, so that a decision over
several of them is one transaction.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import Event
from domain.invoice import INVOICE_EVENTS, Invoice
from domain.order import Order
from domain.order_events import ORDER_EVENTS
from domain.refusals import Refusal, unknown
from domain.shipment import Shipment
from domain.shipment_events import SHIPMENT_EVENTS

EVENT_CLASSES: tuple[type[Event], ...] = (*ORDER_EVENTS, *INVOICE_EVENTS, *SHIPMENT_EVENTS)

AGGREGATE_OF: dict[type[Event], type[Any]] = {
    **dict.fromkeys(ORDER_EVENTS, Order),
    **dict.fromkeys(INVOICE_EVENTS, Invoice),
    **dict.fromkeys(SHIPMENT_EVENTS, Shipment),
}


class OrderBook:
    """The aggregates of one order; ``events`` are the recorded ones, oldest first."""

    def __init__(self, order_id: UUID, events: Sequence[Event] = ()) -> None:
        self.order = Order(order_id)
        self.aggregates: dict[UUID, Any] = {order_id: self.order}
        self.events = events
        for event in events:
            self._of(event).replay(event)

    def _of(self, event: Event) -> Aggregate:
        aggregate: Aggregate | None = self.aggregates.get(event.originator_id)
        if aggregate is None:
            aggregate = self._add(AGGREGATE_OF[type(event)](event.originator_id))
        return aggregate

    def _add(self, aggregate: Any) -> Any:
        self.aggregates[aggregate.id] = aggregate
        return aggregate

    @property
    def exists(self) -> bool:
        """Whether the order was ever placed."""
        return self.order.version > 0

    def new_invoice(self, invoice_id: UUID) -> Invoice:
        """An invoice about to be issued under an unused id."""
        self._refuse_used(invoice_id)
        invoice: Invoice = self._add(Invoice(invoice_id))
        return invoice

    def new_shipment(self, shipment_id: UUID) -> Shipment:
        """A shipment about to be booked under an unused id."""
        self._refuse_used(shipment_id)
        shipment: Shipment = self._add(Shipment(shipment_id))
        return shipment

    def _refuse_used(self, stream_id: UUID) -> None:
        if stream_id in self.aggregates:
            raise Refusal("id_in_use", f"{stream_id} is taken.")

    def invoice(self, invoice_id: UUID) -> Invoice:
        """The invoice of that id; refuses ids of anything else."""
        found = self.aggregates.get(invoice_id)
        if not isinstance(found, Invoice):
            raise unknown("invoice", invoice_id)
        return found

    def shipment(self, shipment_id: UUID) -> Shipment:
        """The shipment of that id; refuses ids of anything else."""
        found = self.aggregates.get(shipment_id)
        if not isinstance(found, Shipment):
            raise unknown("shipment", shipment_id)
        return found

    def collect_events(self) -> Iterator[tuple[Aggregate, Event]]:
        """Hand over all pending events with their aggregates, the order's first."""
        for aggregate in self.aggregates.values():
            for event in aggregate.collect_events():
                yield aggregate, event
