"""A batch decides without a database: what may be changed until when, what is tried again, what ends it."""

from uuid import UUID

import pytest

from domain import batch as b
from domain.batch import Batch
from domain.events import Event
from tests.support.facts import NOON, given, refusal, then

ONE, TWO, NEW = UUID(int=1), UUID(int=2), UUID(int=3)
SHIPMENT = UUID(int=9)
CREATED = b.BatchCreated(occurred_at=NOON, origin="main", carrier="dhl", service="parcel", orders=(ONE, TWO))
STARTED = b.BatchStarted(occurred_at=NOON, attempt=1)
BOOKED = b.BatchEntryBooked(occurred_at=NOON, order_id=ONE, shipment_id=SHIPMENT)
FAILED = b.BatchEntryFailed(occurred_at=NOON, order_id=TWO, code="order_on_hold", detail="It is on hold.")
PROCESSED = b.BatchProcessed(occurred_at=NOON)


def batch(*facts: Event) -> Batch:
    return given(Batch(UUID(int=7)), *facts)


def test_a_batch_names_every_order_once() -> None:
    new = batch()
    assert refusal(lambda: new.create([ONE, ONE], "main", "dhl", "parcel", NOON), new) == "duplicate_order"
    new.create([ONE, TWO], "main", "dhl", "parcel", NOON)
    (created,) = then(new)
    assert isinstance(created, b.BatchCreated)
    assert created.orders == (ONE, TWO)
    assert [entry.result for entry in new.state.entries.values()] == ["pending", "pending"]


def test_an_order_joins_and_leaves_until_it_is_processed() -> None:
    open_batch = batch(CREATED)
    open_batch.set_entry(NEW, None, NOON)
    open_batch.remove_entry(ONE, NOON)
    assert [type(each) for each in then(open_batch)] == [b.BatchEntrySet, b.BatchEntryRemoved]
    assert list(open_batch.state.entries) == [str(TWO), str(NEW)]
    assert refusal(lambda: open_batch.remove_entry(ONE, NOON), open_batch) == "item_not_in_batch"


def test_a_batch_takes_so_many_orders_and_no_more() -> None:
    full = b.BatchCreated(occurred_at=NOON, orders=tuple(UUID(int=100 + n) for n in range(b.ENTRIES_MAX)))
    whole = batch(full)
    assert refusal(lambda: whole.set_entry(NEW, None, NOON), whole) == "too_many_orders"
    whole.set_entry(UUID(int=100), (), NOON)  # one of its own is no more than before
    assert len(whole.state.entries) == b.ENTRIES_MAX


def test_what_is_booked_is_not_tried_again_and_what_failed_is() -> None:
    processed = batch(CREATED, STARTED, BOOKED, FAILED, PROCESSED)
    assert processed.start(NOON) == [TWO]
    (started,) = then(processed)
    assert isinstance(started, b.BatchStarted)
    assert started.attempt == 2
    assert [entry.result for entry in processed.state.entries.values()] == ["booked", "pending"]
    assert processed.state.entry(TWO).code is None


def test_of_a_processed_batch_only_what_failed_changes() -> None:
    processed = batch(CREATED, STARTED, BOOKED, FAILED, PROCESSED)
    assert refusal(lambda: processed.set_entry(ONE, None, NOON), processed) == "batch_not_open"
    assert refusal(lambda: processed.remove_entry(NEW, NOON), processed) == "batch_not_open"
    processed.remove_entry(TWO, NOON)
    then(processed)
    assert refusal(lambda: processed.start(NOON), processed) == "batch_not_open"


@pytest.mark.parametrize("facts", [(STARTED,), (STARTED, PROCESSED), (b.BatchCanceled(occurred_at=NOON),)])
def test_only_a_batch_that_nobody_started_is_canceled(facts: tuple[Event, ...]) -> None:
    begun = batch(CREATED, *facts)
    assert refusal(lambda: begun.cancel(NOON), begun) == "batch_not_open"


def test_nothing_of_a_batch_changes_while_it_is_processed() -> None:
    begun = batch(CREATED, STARTED)
    assert refusal(lambda: begun.start(NOON), begun) == "batch_not_open"
    assert refusal(lambda: begun.set_entry(ONE, None, NOON), begun) == "batch_not_open"


def test_a_booking_that_comes_after_a_failure_is_what_counts() -> None:
    late = batch(CREATED, STARTED, FAILED)
    late.record_booked(TWO, SHIPMENT, NOON)
    entry = late.state.entry(TWO)
    assert (entry.result, entry.shipment_id, entry.code, entry.detail) == ("booked", SHIPMENT, None, None)
