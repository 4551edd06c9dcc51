"""Every refusal of the workflow's command table, produced over HTTP: its code, its status, and that nothing changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.trade import MUG, Trade, booking, dispatching, refunding, units
from tests.web.edge import ADDRESS
from tests.web.live import another_order

Json = dict[str, Any]

# Section 5 of the workflow; erasing a customer's data comes later.
CODES = {
    "empty_order": 422,
    "totals_mismatch": 422,
    "duplicate_external_reference": 409,
    "duplicate_order_number": 409,
    "reorder_not_allowed": 409,
    "order_not_editable": 409,
    "address_locked": 409,
    "hold_not_available": 409,
    "not_on_hold": 409,
    "nothing_to_cancel": 409,
    "order_on_hold": 409,
    "payment_present": 409,
    "amount_exceeds_due": 409,
    "order_canceled": 409,
    "not_under_review": 409,
    "refund_exceeds_uninvoiced_payment": 409,
    "nothing_to_invoice": 409,
    "quantity_exceeds_uninvoiced": 409,
    "item_not_in_order": 422,
    "capture_mode_not_allowed": 409,
    "payment_required": 409,
    "invoice_not_open": 409,
    "void_not_available": 409,
    "refund_exceeds_paid": 409,
    "shipping_refund_exceeds": 409,
    "quantity_exceeds_invoiced": 409,
    "disposition_mismatch": 409,
    "nothing_to_ship": 409,
    "quantity_exceeds_unshipped": 409,
    "items_not_packed": 422,
    "package_overweight": 422,
    "virtual_only": 409,
    "tracking_number_required": 422,
    "already_dispatched": 409,
    "quantity_exceeds_shipped": 409,
    "unknown_tracking": 404,
    "order_in_other_batch": 409,
    "batch_not_open": 409,
    "ready_at_too_soon": 422,
    "shipment_not_ready": 409,
    "mixed_carrier": 409,
    "mixed_location": 409,
    "already_on_dispatch": 409,
    "dispatch_not_open": 409,
    "idempotency_key_reused": 422,
    "version_mismatch": 412,
    "provider_reference_reused": 422,
    "id_in_use": 409,
    "not_found": 404,
}

# What a case leads to: the path under /commands, the body, and headers.
Asked = tuple[str, Json] | tuple[str, Json, dict[str, Any]]
CASES: list[tuple[str, Callable[[Trade], Asked]]] = []


def refused(code: str) -> Callable[[Callable[[Trade], Asked]], Callable[[Trade], Asked]]:
    """The decorated journey ends in a request that is refused with this code."""

    def add(case: Callable[[Trade], Asked]) -> Callable[[Trade], Asked]:
        CASES.append((code, case))
        return case

    return add


def canceled(trade: Trade) -> str:
    order = trade.place("bank_transfer")
    trade.post(f"orders/{order}/cancel")
    return order


def held(trade: Trade) -> str:
    order = trade.place()
    trade.post(f"orders/{order}/hold")
    return order


def scheduled(trade: Trade) -> tuple[Json, Json]:
    shipment = trade.book(trade.place())
    return shipment, trade.dispatch(shipment)


@refused("empty_order")
def an_order_of_nothing(trade: Trade) -> Asked:
    return "orders", another_order(lines=[])


@refused("totals_mismatch")
def a_total_that_is_a_cent_off(trade: Trade) -> Asked:
    return "orders", another_order(expected_grand_total="43.02")


@refused("duplicate_external_reference")
def a_reference_of_another_order(trade: Trade) -> Asked:
    reference = f"cart-{uuid4()}"
    trade.place(external_reference=reference)
    return "orders", another_order(external_reference=reference)


@refused("duplicate_order_number")
def a_number_of_another_order(trade: Trade) -> Asked:
    number = f"#{uuid4()}"
    trade.place(order_number=number)
    return "orders", another_order(order_number=number)


@refused("id_in_use")
def an_id_that_is_taken(trade: Trade) -> Asked:
    return "orders", another_order(order_id=trade.place())


@refused("reorder_not_allowed")
def ordering_a_held_order_again(trade: Trade) -> Asked:
    return f"orders/{held(trade)}/reorder", {}


@refused("order_not_editable")
def amending_an_invoiced_order(trade: Trade) -> Asked:
    order = trade.place()
    trade.invoice(order)
    return f"orders/{order}/amend", {"lines": [MUG]}


@refused("address_locked")
def moving_a_booked_order(trade: Trade) -> Asked:
    order = trade.place()
    trade.book(order)
    return f"orders/{order}/change-address", {"shipping_address": ADDRESS}


@refused("address_locked")
def billing_a_canceled_order_elsewhere(trade: Trade) -> Asked:
    return f"orders/{canceled(trade)}/change-address", {"billing_address": ADDRESS}


@refused("hold_not_available")
def holding_a_held_order(trade: Trade) -> Asked:
    return f"orders/{held(trade)}/hold", {}


@refused("not_on_hold")
def releasing_what_is_not_held(trade: Trade) -> Asked:
    return f"orders/{trade.place()}/release", {}


@refused("nothing_to_cancel")
def canceling_twice(trade: Trade) -> Asked:
    return f"orders/{canceled(trade)}/cancel", {}


@refused("order_on_hold")
def canceling_a_held_order(trade: Trade) -> Asked:
    return f"orders/{held(trade)}/cancel", {}


@refused("order_on_hold")
def invoicing_a_held_order(trade: Trade) -> Asked:
    return f"orders/{held(trade)}/invoices", {"lines": "all_remaining"}


@refused("order_on_hold")
def shipping_a_held_order(trade: Trade) -> Asked:
    return f"orders/{held(trade)}/shipments", booking()


@refused("payment_present")
def expiring_a_paid_order(trade: Trade) -> Asked:
    order = trade.place("card_capture", expires_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    trade.capture(order, "1.00")
    return f"orders/{order}/expire", {}


@refused("amount_exceeds_due")
def authorizing_too_much(trade: Trade) -> Asked:
    body = {"amount": "36.87", "provider_reference": "auth"}
    return f"orders/{trade.place('card_authorize')}/authorize-payment", body


@refused("order_canceled")
def authorizing_for_a_canceled_order(trade: Trade) -> Asked:
    return f"orders/{canceled(trade)}/authorize-payment", {"amount": "1.00", "provider_reference": "auth"}


@refused("provider_reference_reused")
def a_reference_with_another_amount(trade: Trade) -> Asked:
    order = trade.place("bank_transfer")
    trade.post(f"orders/{order}/capture-payment", {"amount": "1.00", "provider_reference": "p"})
    return f"orders/{order}/capture-payment", {"amount": "2.00", "provider_reference": "p"}


@refused("not_under_review")
def accepting_what_is_not_reviewed(trade: Trade) -> Asked:
    return f"orders/{trade.place()}/accept-payment", {}


@refused("not_under_review")
def denying_what_is_not_reviewed(trade: Trade) -> Asked:
    return f"orders/{trade.place()}/deny-payment", {}


@refused("refund_exceeds_uninvoiced_payment")
def giving_back_what_an_invoice_holds(trade: Trade) -> Asked:
    order = trade.place("card_capture")
    trade.capture(order, "36.86")
    return f"orders/{order}/refund-payment", {"amount": "0.01"}


@refused("nothing_to_invoice")
def invoicing_twice(trade: Trade) -> Asked:
    order = trade.place()
    trade.invoice(order)
    return f"orders/{order}/invoices", {"lines": "all_remaining"}


@refused("quantity_exceeds_uninvoiced")
def invoicing_too_many(trade: Trade) -> Asked:
    return f"orders/{trade.place()}/invoices", {"lines": units(4)}


@refused("item_not_in_order")
def invoicing_what_was_not_ordered(trade: Trade) -> Asked:
    return f"orders/{trade.place()}/invoices", {"lines": units(1, "2")}


@refused("capture_mode_not_allowed")
def a_transfer_through_the_gateway(trade: Trade) -> Asked:
    return f"orders/{trade.place('bank_transfer')}/invoices", {"lines": "all_remaining", "capture": "online"}


@refused("payment_required")
def invoicing_a_card_that_paid_nothing(trade: Trade) -> Asked:
    return f"orders/{trade.place('card_authorize')}/invoices", {"lines": "all_remaining", "capture": "online"}


@refused("payment_required")
def shipping_before_the_transfer_came(trade: Trade) -> Asked:
    return f"orders/{trade.place('bank_transfer')}/shipments", booking()


@refused("invoice_not_open")
def capturing_a_paid_invoice(trade: Trade) -> Asked:
    return f"invoices/{trade.invoice(trade.place())['invoice_id']}/capture", {}


@refused("invoice_not_open")
def canceling_a_paid_invoice(trade: Trade) -> Asked:
    return f"invoices/{trade.invoice(trade.place())['invoice_id']}/cancel", {}


@refused("void_not_available")
def voiding_what_no_gateway_took(trade: Trade) -> Asked:
    return f"invoices/{trade.invoice(trade.place())['invoice_id']}/void", {}


@refused("refund_exceeds_paid")
def refunding_more_than_was_paid(trade: Trade) -> Asked:
    invoice = trade.invoice(trade.place())
    return f"invoices/{invoice['invoice_id']}/refund", refunding(3, "unshipped", adjustment_refund="0.01")


@refused("shipping_refund_exceeds")
def refunding_more_than_the_delivery_was(trade: Trade) -> Asked:
    invoice = trade.invoice(trade.place(shipping={"amount": "5.00"}))
    return f"invoices/{invoice['invoice_id']}/refund", {"lines": [], "shipping": "5.01"}


@refused("quantity_exceeds_invoiced")
def refunding_more_than_was_invoiced(trade: Trade) -> Asked:
    invoice = trade.invoice(trade.place(), units(1))
    return f"invoices/{invoice['invoice_id']}/refund", refunding(2, "unshipped")


@refused("disposition_mismatch")
def refunding_as_shipped_what_never_left(trade: Trade) -> Asked:
    invoice = trade.invoice(trade.place())
    return f"invoices/{invoice['invoice_id']}/refund", refunding(1, "shipped")


@refused("nothing_to_ship")
def shipping_twice(trade: Trade) -> Asked:
    order = trade.place()
    trade.book(order)
    return f"orders/{order}/shipments", booking()


@refused("quantity_exceeds_unshipped")
def shipping_too_many(trade: Trade) -> Asked:
    return f"orders/{trade.place()}/shipments", booking(4)


@refused("items_not_packed")
def leaving_a_unit_unpacked(trade: Trade) -> Asked:
    packages = [{"weight_grams": 1, "contents": units(2)}]
    return f"orders/{trade.place()}/shipments", booking(3, packages=packages)


@refused("items_not_packed")
def packing_into_no_package(trade: Trade) -> Asked:
    return f"orders/{trade.place()}/shipments", booking(3, packages=[])


@refused("package_overweight")
def packing_too_much(trade: Trade) -> Asked:
    packages = [{"weight_grams": 11, "max_weight_grams": 10, "contents": units(3)}]
    return f"orders/{trade.place()}/shipments", booking(3, packages=packages)


@refused("virtual_only")
def shipping_a_download(trade: Trade) -> Asked:
    return f"orders/{trade.place('cash_on_delivery', MUG | {'shippable': False})}/shipments", booking()


@refused("tracking_number_required")
def a_parcel_without_a_number(trade: Trade) -> Asked:
    shipment = trade.book(trade.place())
    return f"shipments/{shipment['shipment_id']}/add-tracking", {"carrier": "ups", "tracking_number": ""}


@refused("already_dispatched")
def canceling_what_has_left(trade: Trade) -> Asked:
    shipment, dispatch = scheduled(trade)
    trade.post(f"dispatches/{dispatch['dispatch_id']}/close")
    return f"shipments/{shipment['shipment_id']}/cancel", {}


@refused("quantity_exceeds_shipped")
def taking_back_what_never_left(trade: Trade) -> Asked:
    return f"shipments/{trade.book(trade.place())['shipment_id']}/return", {"lines": "all_remaining"}


@refused("order_on_hold")
def dispatching_the_parcel_of_a_held_order(trade: Trade) -> Asked:
    order = trade.place()
    shipment = trade.book(order)
    trade.post(f"orders/{order}/hold")
    return "dispatches", dispatching(shipment)


@refused("order_on_hold")
def closing_a_dispatch_of_a_held_order_alone(trade: Trade) -> Asked:
    order = trade.place()
    dispatch = trade.dispatch(trade.book(order))
    trade.post(f"orders/{order}/hold")
    return f"dispatches/{dispatch['dispatch_id']}/close", {}


SCAN = {"carrier": "ups", "tracking_number": "nobody's", "status": "delivered", "occurred_at": "2026-01-01T00:00:00Z"}


@refused("unknown_tracking")
def a_scan_of_nobodys_parcel(trade: Trade) -> Asked:
    return "tracking-events", SCAN


@refused("unknown_tracking")
def a_scan_of_another_shipments_parcel(trade: Trade) -> Asked:
    return f"shipments/{trade.book(trade.place())['shipment_id']}/tracking-events", SCAN


def batch_of(*orders: str) -> Json:
    return {"origin": "main", "carrier": "ups", "service": "Standard", "orders": list(orders)}


@refused("order_in_other_batch")
def an_order_in_two_batches(trade: Trade) -> Asked:
    order = trade.place()
    trade.post("batches", batch_of(order))
    return "batches", batch_of(order)


@refused("batch_not_open")
def processing_a_canceled_batch(trade: Trade) -> Asked:
    batch = trade.post("batches", batch_of(trade.place()))
    trade.post(f"batches/{batch['batch_id']}/cancel")
    return f"batches/{batch['batch_id']}/process", {}


@refused("batch_not_open")
def changing_a_started_batch(trade: Trade) -> Asked:
    order = trade.place()
    batch = trade.post("batches", batch_of(order))
    trade.post(f"batches/{batch['batch_id']}/process")
    return f"batches/{batch['batch_id']}/entries", {"order_id": order, "remove": True}


@refused("ready_at_too_soon")
def a_carrier_without_notice(trade: Trade) -> Asked:
    soon = (datetime.now(UTC) + timedelta(minutes=29)).isoformat()
    return "dispatches", dispatching(trade.book(trade.place()), ready_at=soon)


@refused("shipment_not_ready")
def dispatching_a_canceled_shipment(trade: Trade) -> Asked:
    shipment = trade.book(trade.place())
    trade.post(f"shipments/{shipment['shipment_id']}/cancel")
    return "dispatches", dispatching(shipment)


@refused("mixed_carrier")
def another_carriers_shipment(trade: Trade) -> Asked:
    return "dispatches", dispatching(trade.book(trade.place(), carrier="dhl"))


@refused("mixed_location")
def a_shipment_that_lies_elsewhere(trade: Trade) -> Asked:
    return "dispatches", dispatching(trade.book(trade.place()), location="elsewhere")


@refused("already_on_dispatch")
def a_shipment_on_two_dispatches(trade: Trade) -> Asked:
    shipment, _ = scheduled(trade)
    return "dispatches", dispatching(shipment)


@refused("dispatch_not_open")
def closing_a_canceled_dispatch(trade: Trade) -> Asked:
    _, dispatch = scheduled(trade)
    trade.post(f"dispatches/{dispatch['dispatch_id']}/cancel")
    return f"dispatches/{dispatch['dispatch_id']}/close", {}


@refused("dispatch_not_open")
def canceling_a_closed_dispatch(trade: Trade) -> Asked:
    _, dispatch = scheduled(trade)
    trade.post(f"dispatches/{dispatch['dispatch_id']}/close")
    return f"dispatches/{dispatch['dispatch_id']}/cancel", {}


@refused("version_mismatch")
def an_order_that_has_moved_on(trade: Trade) -> Asked:
    return f"orders/{held(trade)}/release", {}, {"If_Match": '"1"'}


@refused("idempotency_key_reused")
def a_key_for_another_request(trade: Trade) -> Asked:
    order = trade.place()
    key: dict[str, Any] = {"Idempotency_Key": str(uuid4())}
    assert trade.site.post(f"orders/{order}/hold", {}, **key).status_code == 200
    return f"orders/{order}/release", {}, key


@refused("not_found")
def an_order_that_does_not_exist(trade: Trade) -> Asked:
    return f"orders/{uuid4()}/hold", {}


def test_every_refusal_of_the_command_table_has_a_case() -> None:
    assert {code for code, _ in CASES} == set(CODES)


@pytest.mark.parametrize(("code", "case"), CASES, ids=[f"{code}-{case.__name__}" for code, case in CASES])
def test_a_refusal_says_why_and_changes_nothing(trade: Trade, code: str, case: Callable[[Trade], Asked]) -> None:
    path, body, *headers = case(trade)
    before = trade.site.shop.events()
    response = trade.site.post(path, body, **(headers[0] if headers else {}))
    problem = response.get_json()
    assert (problem["code"], response.status_code) == (code, CODES[code]), problem
    assert response.content_type == "application/problem+json"
    assert problem["detail"]
    assert trade.site.shop.events() == before


def test_a_refusal_names_the_commands_that_are_allowed(trade: Trade) -> None:
    order = held(trade)
    problem = trade.site.post(f"orders/{order}/invoices", {"lines": "all_remaining"}).get_json()
    assert problem["allowed_commands"] == trade.order(order)["allowed_commands"]
    assert "release" in problem["allowed_commands"]
