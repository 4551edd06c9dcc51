"""Batches: every entry has its own result, an interrupted batch goes on, and nothing is booked twice."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from application.unit_of_work import UnitOfWork
from domain.batch import Batch, BatchState
from domain.refusals import Refusal
from tests.application.conftest import Office


def paid(office: Office) -> str:
    order_id = office.place()
    office.do("orders/capture-payment", order_id, amount=Decimal("29.97"), provider_reference="p")
    return order_id


def create(office: Office, orders: list[str]) -> str:
    ids = [UUID(order_id) for order_id in orders]
    answer = office.do("batches", origin="main", carrier="dhl", service="express", orders=ids)
    return str(answer["batch_id"])


def state(office: Office, batch_id: str) -> BatchState:
    work: UnitOfWork = office.log.load_root(Batch, UUID(batch_id)).work
    return work.batch.state


def run(office: Office) -> None:
    batches = office.batches()
    while batches.step():
        pass


def results(office: Office, batch_id: str) -> list[Any]:
    return [(entry.result, entry.code) for entry in state(office, batch_id).entries.values()]


def test_a_batch_books_every_order_in_one_package_of_everything(office: Office) -> None:
    orders = [paid(office) for _ in range(3)]
    batch_id = create(office, orders)
    assert office.do("batches/process", batch_id)["status"] == "processing"
    run(office)
    assert results(office, batch_id) == [("booked", None)] * 3
    assert state(office, batch_id).status == "processed"
    assert all(office.order(order_id).state.lines["1"].booked == 3 for order_id in orders)


def test_one_orders_failure_is_its_own_and_can_be_tried_again(office: Office) -> None:
    good, held = paid(office), paid(office)
    office.do("orders/hold", held)
    batch_id = create(office, [good, held])
    office.do("batches/process", batch_id)
    run(office)
    assert results(office, batch_id) == [("booked", None), ("failed", "order_on_hold")]
    office.do("orders/release", held)
    office.do("batches/process", batch_id)
    run(office)
    assert results(office, batch_id) == [("booked", None)] * 2
    with pytest.raises(Refusal, match="booked"):
        office.do("batches/process", batch_id)


def test_an_order_is_in_one_open_batch(office: Office) -> None:
    order_id = paid(office)
    batch_id = create(office, [order_id])
    with pytest.raises(Refusal) as refused:
        create(office, [order_id])
    assert refused.value.code == "order_in_other_batch"
    office.do("batches/cancel", batch_id)
    with pytest.raises(Refusal) as closed:
        office.do("batches/process", batch_id)
    assert closed.value.code == "batch_not_open"
    create(office, [order_id])


def test_entries_say_how_an_order_is_packed(office: Office) -> None:
    order_id, other = paid(office), paid(office)
    batch_id = create(office, [order_id])
    two = [{"line_id": "1", "quantity": 2}]
    office.do("batches/entries", batch_id, order_id=UUID(order_id), packages=[{"weight_grams": 9, "contents": two}])
    office.do("batches/entries", batch_id, order_id=UUID(other))
    office.do("batches/entries", batch_id, order_id=UUID(other), remove=True)
    office.do("batches/process", batch_id)
    run(office)
    assert results(office, batch_id) == [("booked", None)]
    assert office.order(order_id).state.lines["1"].booked == 2
    create(office, [other])


def test_a_batch_that_was_interrupted_books_nothing_twice(office: Office) -> None:
    orders = [paid(office) for _ in range(2)]
    batch_id = create(office, orders)
    office.do("batches/process", batch_id)
    batches = office.batches()
    snapshot = office.log.load_root(Batch, UUID(batch_id))
    # Booked, but the process died before it could say so.
    batches._book(snapshot, snapshot.work.batch.state.entry(UUID(orders[0])))
    run(office)
    assert results(office, batch_id) == [("booked", None)] * 2
    assert office.order(orders[0]).state.lines["1"].booked == 3


def test_an_unknown_order_is_refused_at_once(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        create(office, ["01900000-0000-7000-8000-000000000009"])
    assert refused.value.code == "not_found"


def code(office: Office, name: str, target: str, **body: Any) -> str:
    with pytest.raises(Refusal) as refused:
        office.do(name, target, **body)
    return refused.value.code


def test_a_failed_entry_is_packed_otherwise_and_tried_again(office: Office) -> None:
    good, wrong = paid(office), paid(office)
    batch_id = create(office, [good, wrong])
    four = [{"weight_grams": 9, "contents": [{"line_id": "1", "quantity": 4}]}]
    office.do("batches/entries", batch_id, order_id=UUID(wrong), packages=four)
    office.do("batches/process", batch_id)
    run(office)
    assert results(office, batch_id) == [("booked", None), ("failed", "quantity_exceeds_unshipped")]
    three = [{"weight_grams": 9, "contents": [{"line_id": "1", "quantity": 3}], "tracking_number": "A1"}]
    office.do("batches/entries", batch_id, order_id=UUID(wrong), packages=three)
    assert results(office, batch_id)[1] == ("pending", None)
    office.do("batches/process", batch_id)
    run(office)
    assert results(office, batch_id) == [("booked", None)] * 2
    assert office.do("tracking-events", carrier="dhl", tracking_number="a1", status="delivered")["order_id"] == wrong


def test_what_is_booked_is_no_longer_set_and_no_order_joins_a_processed_batch(office: Office) -> None:
    good, held, late = paid(office), paid(office), paid(office)
    office.do("orders/hold", held)
    batch_id = create(office, [good, held])
    office.do("batches/process", batch_id)
    assert code(office, "batches/entries", batch_id, order_id=UUID(held)) == "batch_not_open"
    run(office)
    for order_id in (good, late):
        assert code(office, "batches/entries", batch_id, order_id=UUID(order_id)) == "batch_not_open"
        assert code(office, "batches/entries", batch_id, order_id=UUID(order_id), remove=True) == "batch_not_open"


def test_a_failed_entry_that_is_removed_leaves_the_order_to_the_batch_that_has_it(office: Office) -> None:
    good, held = paid(office), paid(office)
    office.do("orders/hold", held)
    first = create(office, [good, held])
    office.do("batches/process", first)
    run(office)
    second = create(office, [held])
    assert code(office, "batches/process", first) == "order_in_other_batch"
    office.do("batches/entries", first, order_id=UUID(held), remove=True)
    assert results(office, first) == [("booked", None)]
    with pytest.raises(Refusal, match="is in the open batch"):
        create(office, [held])
    office.do("batches/cancel", second)
    create(office, [held])


def test_an_entry_of_no_packages_is_refused_at_once(office: Office) -> None:
    order_id = paid(office)
    batch_id = create(office, [order_id])
    assert code(office, "batches/entries", batch_id, order_id=UUID(order_id), packages=[]) == "items_not_packed"
    heavy = [{"weight_grams": 9, "max_weight_grams": 8, "contents": [{"line_id": "1", "quantity": 3}]}]
    assert code(office, "batches/entries", batch_id, order_id=UUID(order_id), packages=heavy) == "package_overweight"
