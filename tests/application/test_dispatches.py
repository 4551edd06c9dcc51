"""Dispatches: what a carrier collects at a place, each shipment once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from application.command import Actor
from domain.dispatch import Dispatch
from domain.refusals import Refusal
from tests.application.conftest import Office
from tests.support.orders import packed
from tests.support.postgres import Database
from tests.support.spoiling import Spoiled


@pytest.fixture
def office(fresh_office: Office) -> Office:
    """What is ready for pickup is counted: nothing may lie around."""
    return fresh_office


def booked(office: Office, **more: Any) -> UUID:
    order_id = office.place(method="cash_on_delivery")
    return UUID(office.do("orders/shipments", order_id, **packed(("1", 3), **more))["shipment_id"])


def schedule(office: Office, shipments: Any, **more: Any) -> dict[str, Any]:
    ready_at = office.now() + timedelta(minutes=more.pop("minutes", 45))
    body = {"carrier": "ups", "location": "main", "ready_at": ready_at, "shipments": shipments} | more
    return office.do("dispatches", **body)


def code(office: Office, shipments: Any, **more: Any) -> str:
    with pytest.raises(Refusal) as refused:
        schedule(office, shipments, **more)
    return refused.value.code


def test_a_closed_dispatch_hands_over_every_shipment(office: Office) -> None:
    shipments = [booked(office), booked(office)]
    dispatch = schedule(office, "all_ready")
    closed = office.do("dispatches/close", dispatch["dispatch_id"])
    assert (closed["status"], closed["manifest_number"]) == ("closed", "000000001")
    with pytest.raises(Refusal) as refused:
        office.do("shipments/cancel", shipments[0])
    assert refused.value.code == "already_dispatched"
    with pytest.raises(Refusal) as again:
        office.do("dispatches/close", dispatch["dispatch_id"])
    assert again.value.code == "dispatch_not_open"
    assert code(office, shipments) == "shipment_not_ready"


def test_a_shipment_is_on_one_dispatch(office: Office) -> None:
    shipment = booked(office)
    dispatch = schedule(office, [shipment])
    assert code(office, [shipment]) == "already_on_dispatch"
    assert code(office, "all_ready") == "shipment_not_ready"
    office.do("dispatches/cancel", dispatch["dispatch_id"])
    schedule(office, "all_ready")


def test_what_does_not_fit_is_refused(office: Office) -> None:
    shipment = booked(office)
    other = booked(office, carrier="dhl")
    assert code(office, [shipment], minutes=29) == "ready_at_too_soon"
    assert code(office, [shipment, other]) == "mixed_carrier"
    assert code(office, [shipment], location="elsewhere") == "mixed_location"
    assert code(office, [UUID(int=5)]) == "not_found"


def test_a_shipment_canceled_meanwhile_stays_out_of_the_manifest(office: Office) -> None:
    canceled, left = booked(office), booked(office)
    dispatch = schedule(office, [canceled, left])
    office.do("shipments/cancel", canceled)
    assert office.do("dispatches/close", dispatch["dispatch_id"])["status"] == "closed"


def test_a_parcel_that_a_carrier_took_is_no_longer_ready(office: Office) -> None:
    shipment = booked(office, package={"tracking_number": "1Z"})
    scan: dict[str, Any] = {
        "carrier": "ups",
        "tracking_number": "1Z",
        "status": "picked_up",
        "occurred_at": office.now(),
    }
    office.do("tracking-events", **scan)
    assert code(office, "all_ready") == "shipment_not_ready"
    assert code(office, [shipment]) == "shipment_not_ready"


def test_a_number_of_several_shipments_is_ambiguous(office: Office) -> None:
    for _ in range(2):
        booked(office, package={"tracking_number": "1Z"})
    scan: dict[str, Any] = {"carrier": "ups", "tracking_number": "1Z", "status": "picked_up"}
    with pytest.raises(Refusal) as refused:
        office.do("tracking-events", **scan)
    assert refused.value.code == "ambiguous_tracking"
    assert len(refused.value.facts["candidates"]) == 2


def test_unpaid_orders_end_at_their_deadline(office: Office) -> None:
    unpaid = office.place(method="hosted_checkout")
    paid = office.place(method="hosted_checkout")
    office.do("orders/capture-payment", paid, amount=Decimal("29.97"), provider_reference="p")
    office.expiry().step()
    assert office.order(unpaid).status == "Pending Payment"
    office.clock_runs_ahead = timedelta(hours=9)
    office.expiry().step()
    assert (office.order(unpaid).status, office.order(paid).status) == ("Canceled", "Processing")
    assert office.log.claims("deadline", "", 10) == []


def test_an_order_is_placed_again(office: Office) -> None:
    source = office.place()
    office.do("orders/change-address", source, shipping_address={"country": "ES"})
    again = office.do("orders/reorder", source)
    placed = office.log.load_root(type(office.order(source)), UUID(again["order_id"])).work.events[0]
    assert (placed.reorder_of, placed.shipping_address) == (UUID(source), {"country": "ES"})  # type: ignore[attr-defined]
    office.do("orders/hold", source)
    with pytest.raises(Refusal) as refused:
        office.do("orders/reorder", source)
    assert refused.value.code == "reorder_not_allowed"


def test_a_customer_orders_only_its_own_again(office: Office) -> None:
    source = office.place()
    own = office.do("orders/reorder", source, actor=Actor("customer", "key", "c-1"))
    assert own["events"] == ["OrderPlaced"]
    with pytest.raises(Refusal) as refused:
        office.do("orders/reorder", source, actor=Actor("customer", "key", "c-2"))
    assert refused.value.code == "not_found"


def order_of(office: Office, shipment: UUID) -> UUID:
    return office.reader.partitions_of([shipment])[shipment]


def stop(office: Office, shipment: UUID, how: str) -> UUID:
    """Hold the order of a shipment, or put its payment under review."""
    order_id = order_of(office, shipment)
    office.do(how, order_id)
    return order_id


STOPS = [("orders/hold", "order_on_hold"), ("orders/flag-payment", "payment_under_review")]


@pytest.mark.parametrize(("how", "reason"), STOPS)
def test_a_stopped_order_keeps_its_parcels_from_a_dispatch(office: Office, how: str, reason: str) -> None:
    stopped, free = booked(office), booked(office)
    stop(office, stopped, how)
    assert code(office, [free, stopped]) == reason
    dispatch = schedule(office, "all_ready")
    assert office.do("dispatches/close", dispatch["dispatch_id"])["status"] == "closed"
    assert code(office, [free]) == "shipment_not_ready"
    assert code(office, "all_ready") == "shipment_not_ready"
    office.do("shipments/cancel", stopped)


@pytest.mark.parametrize(("how", "reason"), STOPS)
def test_an_order_stopped_meanwhile_stays_out_of_the_manifest_and_is_ready_again(
    office: Office, how: str, reason: str
) -> None:
    stopped, free = booked(office), booked(office)
    dispatch = schedule(office, [stopped, free])["dispatch_id"]
    order_id = stop(office, stopped, how)
    closed = office.do("dispatches/close", dispatch, key="close")
    assert closed["withheld"] == [{"shipment_id": str(stopped), "code": reason}]
    assert office.do("dispatches/close", dispatch, key="close") == closed
    office.do("orders/release" if how == "orders/hold" else "orders/deny-payment", order_id)
    if how == "orders/hold":
        schedule(office, "all_ready")


def test_a_dispatch_of_stopped_orders_alone_is_not_closed(office: Office) -> None:
    stopped = booked(office)
    dispatch = schedule(office, [stopped])["dispatch_id"]
    order_id = stop(office, stopped, "orders/hold")
    with pytest.raises(Refusal, match="on hold") as refused:
        office.do("dispatches/close", dispatch)
    assert refused.value.code == "order_on_hold"
    office.do("orders/release", order_id)
    assert office.do("dispatches/close", dispatch)["status"] == "closed"


def test_what_a_carrier_took_already_stands_on_the_manifest_though_its_order_is_stopped(office: Office) -> None:
    taken = booked(office, package={"tracking_number": "A1"})
    dispatch = schedule(office, [taken])["dispatch_id"]
    scan = {"carrier": "ups", "tracking_number": "A1", "status": "picked_up"}
    office.do("tracking-events", **scan)  # type: ignore[arg-type]
    stop(office, taken, "orders/hold")
    assert "withheld" not in office.do("dispatches/close", dispatch)


def test_a_repeated_close_is_answered_as_at_first(office: Office) -> None:
    shipments = [booked(office) for _ in range(3)]
    dispatch = schedule(office, shipments)["dispatch_id"]
    first = office.do("dispatches/close", dispatch, key="once")
    assert first["position"] == office.reader.head()
    assert office.do("dispatches/close", dispatch, key="once") == first
    booked(office)
    assert office.do("dispatches/close", dispatch, key="once") == first


def test_two_shipments_of_one_order_leave_together(office: Office) -> None:
    order_id = office.place(method="cash_on_delivery")
    for quantity in (1, 2):
        office.do("orders/shipments", order_id, **packed(("1", quantity)))
    dispatch = schedule(office, "all_ready")["dispatch_id"]
    office.do("dispatches/close", dispatch)
    assert office.order(order_id).state.lines["1"].booked == 3


def test_what_came_back_before_the_dispatch_closed_is_not_on_its_manifest(office: Office) -> None:
    returned, left = booked(office, package={"tracking_number": "A1"}), booked(office)
    dispatch = schedule(office, [returned, left])["dispatch_id"]
    scan = {"carrier": "ups", "tracking_number": "A1", "status": "return_to_sender"}
    office.do("tracking-events", **scan)  # type: ignore[arg-type]
    office.do("shipments/return", returned, lines="all_remaining")
    office.do("dispatches/close", dispatch)
    events = office.log.load_root(Dispatch, UUID(dispatch)).work.dispatch.state
    assert events.shipments == (left,)


def test_an_order_that_cannot_be_read_holds_up_no_dispatch(office: Office, fresh_database: Database) -> None:
    sick, well = booked(office), booked(office)
    spoiled = Spoiled(fresh_database.owner_url, str(order_of(office, sick)))
    dispatch = schedule(office, "all_ready")["dispatch_id"]
    spoiled.repair()
    both = schedule(office, "all_ready")["dispatch_id"]
    office.do("dispatches/cancel", dispatch)
    office.do("dispatches/cancel", both)
    dispatch = schedule(office, [sick, well])["dispatch_id"]
    spoiled = Spoiled(fresh_database.owner_url, str(order_of(office, sick)))
    closed = office.do("dispatches/close", dispatch)
    assert closed["withheld"] == [{"shipment_id": str(sick), "code": "order_unreadable"}]
    spoiled.repair()
    schedule(office, [sick])


def test_a_dispatch_of_an_order_that_cannot_be_read_is_called_off(office: Office, fresh_database: Database) -> None:
    sick = booked(office)
    dispatch = schedule(office, [sick])["dispatch_id"]
    spoiled = Spoiled(fresh_database.owner_url, str(order_of(office, sick)))
    with pytest.raises(Refusal) as refused:
        office.do("dispatches/close", dispatch)
    assert refused.value.code == "order_unreadable"
    office.do("dispatches/cancel", dispatch)
    spoiled.repair()
    schedule(office, [sick])


def test_what_was_booked_for_money_that_went_back_stays_here_until_it_is_paid_again(office: Office) -> None:
    order_id = office.place()
    money = Decimal("29.97")
    office.do("orders/capture-payment", order_id, amount=money, provider_reference="first")
    shipment = UUID(office.do("orders/shipments", order_id, **packed(("1", 3)))["shipment_id"])
    office.do("orders/refund-payment", order_id, amount=money)
    assert code(office, [shipment]) == "payment_required"
    assert code(office, "all_ready") == "shipment_not_ready"
    office.do("orders/capture-payment", order_id, amount=money, provider_reference="second")
    schedule(office, "all_ready")


def test_what_a_paid_invoice_covers_leaves_though_the_rest_is_unpaid(office: Office) -> None:
    order_id = office.place()
    two: list[dict[str, Any]] = [{"line_id": "1", "quantity": 2}]
    office.do("orders/invoices", order_id, lines=two)
    office.do("orders/shipments", order_id, **packed(("1", 2)))
    schedule(office, "all_ready")
