"""What a command decides over, as one snapshot of the log shows it.

The root is an order with its invoices, shipments and credit memos, a batch, or a dispatch with the
shipments it takes along. Everything in a unit of work is appended together or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.access import ACCESS_EVENTS, Access
from domain.aggregate import Aggregate
from domain.approval import APPROVAL_EVENTS, Approval
from domain.batch import BATCH_EVENTS, Batch
from domain.credit_memo import CREDIT_MEMO_EVENTS, CreditMemo
from domain.customer import Customer
from domain.dispatch import DISPATCH_EVENTS, Dispatch
from domain.document_kinds import DOCUMENT_KINDS, DocumentKind
from domain.erasure import CUSTOMER_EVENTS, ERASED_ORDER_EVENTS
from domain.events import Event
from domain.invoice import INVOICE_EVENTS, Invoice
from domain.lifecycle import allowed_commands
from domain.notification import NOTIFICATION_EVENTS, Notification
from domain.order import Order
from domain.order_events import ORDER_EVENTS
from domain.printing import PRINTING_EVENTS, Printing
from domain.refusals import Refusal, unknown
from domain.shipment import Shipment
from domain.shipment_events import SHIPMENT_EVENTS

AGGREGATE_OF: dict[type[Event], type[Any]] = {
    **dict.fromkeys(ORDER_EVENTS, Order),
    **dict.fromkeys(ERASED_ORDER_EVENTS, Order),
    **dict.fromkeys(INVOICE_EVENTS, Invoice),
    **dict.fromkeys(SHIPMENT_EVENTS, Shipment),
    **dict.fromkeys(CREDIT_MEMO_EVENTS, CreditMemo),
    **dict.fromkeys(BATCH_EVENTS, Batch),
    **dict.fromkeys(DISPATCH_EVENTS, Dispatch),
    **dict.fromkeys(PRINTING_EVENTS, Printing),
    **dict.fromkeys(NOTIFICATION_EVENTS, Notification),
    **dict.fromkeys(ACCESS_EVENTS, Access),
    **dict.fromkeys(CUSTOMER_EVENTS, Customer),
    **dict.fromkeys(APPROVAL_EVENTS, Approval),
}
EVENT_CLASSES: tuple[type[Event], ...] = tuple(AGGREGATE_OF)
ROOTS: dict[DocumentKind, type[Aggregate]] = {
    kind: aggregate
    for kind in DOCUMENT_KINDS
    for aggregate in dict.fromkeys(AGGREGATE_OF.values())
    if kind.spans and kind.name == aggregate.NAME
}
"""The roots of what belongs to no order, by the kind of document that a command is sent to."""

AggregateT = TypeVar("AggregateT", bound=Aggregate)


Stationery = Callable[[], str | None]
"""Names what documents are issued on now, so that they can be printed so for ever."""


def plain() -> str | None:
    """Nothing in particular: where no documents are printed."""
    return None


class UnitOfWork:
    """The aggregates of one root; ``events`` are the recorded ones of its partition, oldest first.

    Documents that come into being are issued on its ``stationery``, in the series that ``prefixes`` name by store, and
    bear ``dated_at``, None for when they happened.
    """

    def __init__(self, root_class: type[Aggregate], root_id: UUID, events: Sequence[Event] = ()) -> None:
        self.root = root_class(root_id)
        self.aggregates: dict[UUID, Any] = {root_id: self.root}
        self._partitions: dict[UUID, UUID] = {}
        self.stationery: Stationery = plain
        self.prefixes: Mapping[str, str] = {}
        self.dated_at: datetime | None = None
        self.events = events
        self.replay(events, root_id)

    def replay(self, events: Sequence[Event], partition_id: UUID) -> None:
        """Take in recorded events of a partition, the root's or another order's."""
        for event in events:
            aggregate = self.aggregates.get(event.originator_id)
            if aggregate is None:
                aggregate = AGGREGATE_OF[type(event)](event.originator_id)
                self.aggregates[aggregate.id] = aggregate
                if partition_id != self.root.id:
                    self._partitions[aggregate.id] = partition_id
            aggregate.replay_own(event)

    def partition_of(self, aggregate: Aggregate) -> UUID:
        """The partition that an aggregate's events belong to."""
        return self._partitions.get(aggregate.id, self.root.id)

    def order_of(self, aggregate: Aggregate) -> UUID | None:
        """The order that an aggregate belongs to; None for what belongs to a batch or a dispatch."""
        partition_id = self.partition_of(aggregate)
        return None if partition_id == self.root.id and type(self.root) in ROOTS.values() else partition_id

    @property
    def exists(self) -> bool:
        """Whether anything happened to the root yet."""
        return self.root.version > 0

    @property
    def order(self) -> Order:
        """The root of an order's unit of work."""
        return self._typed(self.root, Order)

    def allowed_commands(self, now: datetime) -> list[str]:
        """What the order as it is recorded accepts at the moment ``now``, whatever a refused command had begun."""
        recorded = UnitOfWork(Order, self.root.id, self.events)
        return allowed_commands(recorded.order.state, now, [each.state for each in recorded.shipments()])

    @property
    def batch(self) -> Batch:
        """The root of a batch's unit of work."""
        return self._typed(self.root, Batch)

    @property
    def dispatch(self) -> Dispatch:
        """The root of a dispatch's unit of work."""
        return self._typed(self.root, Dispatch)

    @property
    def customer(self) -> Customer:
        """The root of a customer's unit of work."""
        return self._typed(self.root, Customer)

    def new(self, kind: type[AggregateT], aggregate_id: UUID) -> AggregateT:
        """A document about to come into being under an unused id."""
        if aggregate_id in self.aggregates:
            raise Refusal("id_in_use", f"The id {aggregate_id} is taken. Choose another, or leave it out.")
        aggregate = kind(aggregate_id)
        if isinstance(aggregate, (Invoice, CreditMemo)):
            aggregate.stationery = self.stationery()
            aggregate.prefix = self.prefixes.get(self.order.state.store, "")
            aggregate.dated_at = self.dated_at
        self.aggregates[aggregate_id] = aggregate
        return aggregate

    def document(self, kind: type[AggregateT], document_id: UUID) -> AggregateT:
        """The document of that kind and id; refuses ids of anything else."""
        return self._typed(self.aggregates.get(document_id), kind, document_id)

    def invoice(self, invoice_id: UUID) -> Invoice:
        """The invoice of that id; refuses ids of anything else."""
        return self.document(Invoice, invoice_id)

    def shipment(self, shipment_id: UUID) -> Shipment:
        """The shipment of that id; refuses ids of anything else."""
        return self.document(Shipment, shipment_id)

    def shipments(self) -> list[Shipment]:
        """All shipments, in the order in which they were booked or taken along."""
        return [each for each in self.aggregates.values() if isinstance(each, Shipment)]

    @staticmethod
    def _typed(found: Any, kind: type[AggregateT], name: object = "of that id") -> AggregateT:
        if not isinstance(found, kind):
            raise unknown(kind.NAME.replace("_", " "), name)
        return found

    def silence(self) -> None:
        """Let nobody be told of what is pending."""
        for aggregate in self.aggregates.values():
            aggregate.silence()

    def collect_events(self) -> Iterator[tuple[Aggregate, Event]]:
        """Hand over all pending events with their aggregates, the root's first."""
        for aggregate in self.aggregates.values():
            for event in aggregate.collect_events():
                yield aggregate, event
