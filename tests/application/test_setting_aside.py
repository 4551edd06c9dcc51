"""One bad order, batch, deadline, request or mail never stops another: it is set aside, and can be tried again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from application.gateway import Approved, Declined, GatewayRequest, GatewayUnavailable
from application.processes.expiry import AT_ONCE
from domain.batch import Batch
from domain.refusals import Refusal
from eventstore.errors import LogUnavailable, Unreadable
from tests.application.conftest import Office
from tests.application.test_batches import create, paid, results, state
from tests.application.test_gateway_requests import DOWN, authorized
from tests.support.orders import line
from tests.support.postgres import Database
from tests.support.spoiling import Spoiled

MINUTES = timedelta(minutes=10)


def placed_to_expire(office: Office) -> str:
    """An unpaid order whose deadline is in ten minutes."""
    return office.place(expires_at=office.now() + MINUTES)


def expire_all(office: Office) -> None:
    expiry = office.expiry()
    while expiry.step():
        pass


def told(office: Office) -> list[tuple[str, UUID | None, int]]:
    return [(row.process, row.order_id, row.attempts) for row in office.set_aside()]


@pytest.mark.parametrize("how", ["topic", "payload", "key"])
def test_an_order_that_cannot_be_read_fails_alone_in_its_batch_and_is_booked_after_its_repair(
    fresh_office: Office, fresh_database: Database, how: str
) -> None:
    office = fresh_office
    orders = [paid(office) for _ in range(30)]
    batch_id = create(office, orders)
    office.do("batches/process", batch_id)
    spoiled = Spoiled(fresh_database.owner_url, orders[0], how)
    batches = office.batches()
    while batches.step():
        pass
    assert results(office, batch_id) == [("failed", "order_unreadable")] + [("booked", None)] * 29
    assert state(office, batch_id).status == "processed"
    [row] = office.set_aside()
    assert (row.process, row.what, str(row.order_id)) == ("batches", f"{batch_id}:{orders[0]}", orders[0])
    assert f"cannot be read at position {spoiled.position}" in row.error
    assert "Ana" not in row.error

    office.retry("batches")
    office.batches().step()
    assert told(office) == [("batches", UUID(orders[0]), 2)]
    spoiled.repair()
    office.retry("batches")
    office.batches().step()
    assert results(office, batch_id) == [("booked", None)] * 30
    assert office.set_aside() == []
    assert office.order(orders[0]).state.lines["1"].booked == 3


def test_a_batch_that_cannot_be_read_holds_up_no_other(fresh_office: Office, fresh_database: Database) -> None:
    office = fresh_office
    sick, well = create(office, [paid(office)]), create(office, [paid(office)])
    for batch_id in (sick, well):
        office.do("batches/process", batch_id)
    spoiled = Spoiled(fresh_database.owner_url, sick)
    batches = office.batches()
    while batches.step():
        pass
    assert results(office, well) == [("booked", None)]
    assert told(office) == [("batches", UUID(sick), 1)]
    spoiled.repair()
    office.retry("batches")
    batches = office.batches()
    while batches.step():
        pass
    assert results(office, sick) == [("booked", None)]
    assert office.set_aside() == []


def test_an_entry_that_was_dealt_with_meanwhile_is_only_forgotten(
    fresh_office: Office, fresh_database: Database
) -> None:
    office = fresh_office
    order_id = paid(office)
    batch_id = create(office, [order_id])
    office.do("batches/process", batch_id)
    spoiled = Spoiled(fresh_database.owner_url, order_id)
    office.batches().step()
    spoiled.repair()
    office.do("batches/process", batch_id)
    batches = office.batches()
    office.retry("batches")
    while batches.step():
        pass
    assert office.set_aside() == []
    assert results(office, batch_id) == [("booked", None)]
    assert office.order(order_id).state.lines["1"].booked == 3
    assert office.log.load_root(Batch, UUID(batch_id)).work.batch.state.attempt == 2


def test_deadlines_behind_an_unreadable_order_pass_all_the_same(fresh_office: Office, fresh_database: Database) -> None:
    office = fresh_office
    sick, well = placed_to_expire(office), placed_to_expire(office)
    spoiled = Spoiled(fresh_database.owner_url, sick)
    office.clock_runs_ahead = 2 * MINUTES
    expire_all(office)
    assert office.order(well).status == "Canceled"
    assert told(office) == [("expiry", UUID(sick), 1)]
    spoiled.repair()
    office.retry("expiry")
    expire_all(office)
    assert office.order(sick).status == "Canceled"
    assert office.set_aside() == []


@pytest.mark.parametrize("stop", ["hold", "flag-payment"])
def test_stopped_orders_in_front_do_not_keep_others_from_expiring(fresh_office: Office, stop: str) -> None:
    office = fresh_office
    stopped = [placed_to_expire(office) for _ in range(AT_ONCE + 1)]
    for order_id in stopped:
        office.do(f"orders/{stop}", order_id)
    other = placed_to_expire(office)
    office.clock_runs_ahead = 2 * MINUTES
    expire_all(office)
    assert office.order(other).status == "Canceled"
    assert office.set_aside() == []
    assert office.order(stopped[0]).status != "Canceled"


def test_a_held_order_expires_as_soon_as_it_is_released(fresh_office: Office) -> None:
    office = fresh_office
    order_id = placed_to_expire(office)
    expiry = office.expiry()
    office.do("orders/hold", order_id)
    office.clock_runs_ahead = 2 * MINUTES
    assert not expiry.step()
    later = placed_to_expire(office)
    office.clock_runs_ahead = 4 * MINUTES
    expiry.step()
    assert office.order(later).status == "Canceled"
    office.do("orders/release", order_id)
    expiry.step()
    assert office.order(order_id).status == "Canceled"


def test_an_order_whose_authorization_was_voided_expires_again(fresh_office: Office) -> None:
    office = fresh_office
    order_id = office.place(method="card_authorize", expires_at=office.now() + MINUTES)
    office.do("orders/authorize-payment", order_id, amount=Decimal("29.97"), provider_reference="a")
    office.do("orders/void-payment", order_id, amount=Decimal("29.97"), provider_reference="a")
    office.clock_runs_ahead = 2 * MINUTES
    expire_all(office)
    assert office.order(order_id).status == "Canceled"


def test_deadlines_that_are_refused_are_walked_past_and_looked_at_again(fresh_office: Office) -> None:
    """As a log has them in which an order was held while its deadline still stood."""
    office = fresh_office
    orders = [placed_to_expire(office) for _ in range(AT_ONCE + 20)]
    office.clock_runs_ahead = 2 * MINUTES
    refused = set(orders[:AT_ONCE])
    expiry = office.expiry()
    desk = expiry._desk
    execute = desk.execute

    def refusing(command: Any) -> Any:
        if str(command.target) in refused:
            raise Refusal("order_on_hold", "held")
        return execute(command)

    desk.execute = refusing  # type: ignore[method-assign]
    while expiry.step():
        pass
    assert {str(office.order(order_id).status) for order_id in orders[AT_ONCE:]} == {"Canceled"}
    refused.clear()
    expiry._again_at = 0.0
    while expiry.step():
        pass
    assert {str(office.order(order_id).status) for order_id in orders} == {"Canceled"}


def test_a_gateway_request_without_an_answer_waits_and_the_others_are_asked(
    fresh_office: Office, fresh_database: Database
) -> None:
    office = fresh_office
    asked = [authorized(office, DOWN) for _ in range(2)]
    sick, well = authorized(office), authorized(office)
    for order_id in [*asked, sick, well]:
        office.do("orders/invoices", order_id, lines="all_remaining")
    spoiled = Spoiled(fresh_database.owner_url, sick)
    requests = office.requests()
    requests.step()
    assert office.order(well).state.captured == 10000
    assert sorted(row.order_id or UUID(int=0) for row in office.set_aside()) == sorted(map(UUID, [*asked, sick]))
    spoiled.repair()
    office.retry("gateway")
    office.requests().step()
    assert {office.order(order_id).state.captured for order_id in asked} == {10094}
    assert office.order(sick).state.captured == 10000
    assert office.set_aside() == []
    assert office.log.claims("work", "", 10) == []


class Failing:
    """A gateway with a fault of its own for one order."""

    def __init__(self, office: Office, order_id: str) -> None:
        self._gateway = office.gateway
        self._order_id = UUID(order_id)

    def ask(self, request: GatewayRequest) -> Approved | Declined:
        if request.order_id == self._order_id:
            raise ZeroDivisionError("4111 1111 1111 1111")
        return self._gateway.ask(request)


def test_what_fails_for_a_reason_nobody_foresaw_is_told_without_what_it_said(fresh_office: Office) -> None:
    office = fresh_office
    sick, well = authorized(office), authorized(office)
    for order_id in (sick, well):
        office.do("orders/invoices", order_id, lines="all_remaining")
    office.requests(Failing(office, sick)).step()
    assert office.order(well).state.captured == 10000
    [row] = office.set_aside()
    assert row.error.startswith("ZeroDivisionError in test_setting_aside.py, line ")


def test_a_database_that_is_away_sets_nothing_aside(fresh_office: Office) -> None:
    office = fresh_office
    batch_id = create(office, [paid(office)])
    office.do("batches/process", batch_id)
    batches = office.batches()

    def away(command: Any) -> Any:
        raise Refusal("log_unavailable", "away")

    batches._desk.execute = away  # type: ignore[method-assign]
    with pytest.raises(LogUnavailable):
        batches.step()
    assert office.set_aside() == []
    assert results(office, batch_id) == [("pending", None)]


def refund(office: Office, settle: Any, **more: Any) -> tuple[str, Any]:
    """Ask for the whole money of a paid order back, online; its id and the answer."""
    order_id = office.place(lines=[line(quantity=1, unit_price="10.92")], method="card_authorize")
    office.do("orders/capture-payment", order_id, amount=Decimal("10.92"), provider_reference="c-1")
    desk = office.desk(settle)
    return order_id, office.do(
        "orders/refund-payment", order_id, desk=desk, amount=Decimal("10.92"), mode="online", **more
    )


@pytest.mark.parametrize(
    "failure",
    [LogUnavailable("gone"), GatewayUnavailable("gone"), Refusal("not_found", "gone"), RuntimeError("gone")],
    ids=lambda failure: type(failure).__name__,
)
def test_what_fails_after_a_command_was_recorded_leaves_its_answer(office: Office, failure: Exception) -> None:
    def settle(order_id: UUID) -> None:
        raise failure

    order_id, answer = refund(office, settle)
    assert answer["events"] == ["PaymentRefundRequested"]
    with pytest.raises(Refusal) as again:
        office.do("orders/refund-payment", order_id, amount=Decimal("10.92"), mode="online")
    assert again.value.code == "refund_exceeds_uninvoiced_payment"
    office.requests().step()
    assert office.order(order_id).state.returned == 1092
    assert [m["kind"] for m in office.gateway.movements()] == ["refund"]


def test_a_repeat_whose_first_answer_cannot_be_read_is_unknown_and_not_refused(
    office: Office, database: Database
) -> None:
    order_id, first = refund(office, None, key="r-1")
    desk = office.desk()
    office_log = desk._log
    read = office_log.answer_of

    def unreadable(partition_id: UUID, command_id: UUID) -> Any:
        raise Unreadable(partition_id, 1, ValueError())

    office_log.answer_of = unreadable  # type: ignore[method-assign]
    try:
        with pytest.raises(Refusal) as unknown:
            office.do("orders/refund-payment", order_id, desk=desk, amount=Decimal("10.92"), mode="online", key="r-1")
    finally:
        office_log.answer_of = read  # type: ignore[method-assign]
    assert unknown.value.code == "outcome_unknown"
    assert office.do("orders/refund-payment", order_id, amount=Decimal("10.92"), mode="online", key="r-1") == first
