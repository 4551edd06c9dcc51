"""Bringing a customer's orders into the unit of work of an erasure, and saying which keys are to go.

An order that cannot be read stops the erasure: nobody could say whether it is open. What was erased before is looked at
again when something personal came to it since: its new key is not known to be the customer's, only this stream tells.
"""

from collections.abc import Iterator
from uuid import UUID

from application.customer_records import CustomerRecords, OrderRecords, partition_ids
from application.order_log import OrderLog, Snapshot
from domain.order import Order
from domain.refusals import Refusal
from eventstore.erasing import Erasure

ORDERS_MAX = 10_000
ORDERS_AT_ONCE = 100


def attach_customer(log: OrderLog, snapshot: Snapshot, customer_id: str) -> CustomerRecords:
    """Bring the customer's orders into a customer's unit of work. Raises Refusal, Unreadable."""
    work = snapshot.work
    own = log.partitions_of_customer(customer_id, ORDERS_MAX + 1)
    if len(own) > ORDERS_MAX:
        detail = f"More than {ORDERS_MAX} orders are kept under this customer id: it names no single person."
        raise Refusal("erasure_not_allowed", detail)
    before = sorted(work.customer.state.orders - set(own))
    again = log.with_data_keys(before) if before else []
    orders = [*_attached(log, snapshot, own, before=False), *_attached(log, snapshot, again, before=True)]
    records = CustomerRecords(customer_id, orders, log.keeps_elsewhere(customer_id))
    # Whatever was sealed for this stream is erased too: what is about to be recorded gets a key of its own.
    snapshot.ciphers[work.root.id] = None
    partitions = (*partition_ids(records), work.root.id)
    snapshot.erasure = Erasure(log.customer_hash(customer_id), partitions, customer_id, records.texts)
    return records


def _attached(log: OrderLog, snapshot: Snapshot, order_ids: list[UUID], *, before: bool) -> Iterator[OrderRecords]:
    for start in range(0, len(order_ids), ORDERS_AT_ONCE):
        for order_id, events in log.events_of(order_ids[start : start + ORDERS_AT_ONCE]):
            snapshot.work.replay([event for event in events if event.originator_id == order_id], order_id)
            yield OrderRecords(snapshot.work.document(Order, order_id), events, erased_before=before)
