"""What left and came back: the units are the order's again, and nothing is invented to end them."""

from typing import Any
from uuid import UUID

import pytest

from domain.invoice import InvoiceIssued
from domain.refusals import Refusal
from domain.shipment import Shipment
from domain.shipment_events import ShipmentBooked
from domain.status import fulfilment_status
from tests.support.orders import Case, line, order_body, packed


def shipped(case: Case, quantity: int = 3, **more: Any) -> UUID:
    """Book so many units and let the carrier take them along."""
    case.do("orders/shipments", **packed(("1", quantity), **more))
    shipment = case.last_id(ShipmentBooked)
    number = {"carrier": "ups", "tracking_number": f"N{shipment.int}"}
    case.do("shipments/add-tracking", target=shipment, **number)
    case.do("shipments/tracking-events", target=shipment, status="in_transit", **number)
    return shipment


def on_delivery() -> tuple[Case, UUID]:
    """An order paid for at the door, and its shipment on the way."""
    case = Case(order_body(method="cash_on_delivery"))
    return case, shipped(case)


def paid(quantity: int = 4) -> Case:
    case = Case(order_body(line(quantity=quantity, unit_price="10.00")))
    case.do("orders/invoices", lines="all_remaining")
    return case


def refund(case: Case, quantity: int, disposition: str) -> None:
    lines = [{"line_id": "1", "quantity": quantity, "disposition": disposition}]
    case.do("invoices/refund", target=case.last_id(InvoiceIssued), lines=lines)


def code(case: Case, command: str, target: UUID | None = None, **body: Any) -> str:
    with pytest.raises(Refusal) as refused:
        case.do(command, **({"target": target} if target else {}), **body)
    return refused.value.code


def fulfilment(case: Case) -> str:
    shipments = [each.state for each in case.work.aggregates.values() if isinstance(each, Shipment)]
    return fulfilment_status(case.state, shipments)


def units(quantity: int, **more: Any) -> list[dict[str, Any]]:
    return [{"line_id": "1", "quantity": quantity} | more]


def test_a_parcel_refused_at_the_door_ends_without_fiction() -> None:
    case, shipment = on_delivery()
    assert code(case, "orders/cancel") == "nothing_to_cancel"
    assert case.do("shipments/return", target=shipment, lines="all_remaining") == ["ItemsReturned", "UnitsReturned"]
    assert fulfilment(case) == "unfulfilled"
    case.do("orders/cancel")
    assert (case.status, case.state.captured, case.state.due) == ("Canceled", 0, 0)


def test_what_came_back_uninvoiced_is_canceled_and_the_rest_stays_due() -> None:
    case = Case(order_body(line(quantity=100, unit_price="1.00"), method="purchase_order"))
    shipment = shipped(case, 100)
    case.do("orders/invoices", lines=units(90), capture="none")
    case.do("shipments/return", target=shipment, lines=units(10))
    case.do("orders/cancel", lines=units(10))
    assert (case.status, case.state.due) == ("Complete", 9000)


def test_a_lost_parcel_is_sent_again() -> None:
    case, shipment = on_delivery()
    case.do("shipments/return", target=shipment, lines="all_remaining")
    again = shipped(case)
    assert again != shipment
    assert (fulfilment(case), case.state.lines["1"].to_ship) == ("dispatched", 0)


def test_only_units_that_are_out_come_back() -> None:
    case, shipment = on_delivery()
    assert code(case, "shipments/return", shipment, lines=units(4)) == "quantity_exceeds_shipped"
    assert code(case, "shipments/return", shipment, lines=units(2) + units(2)) == "quantity_exceeds_shipped"
    assert code(case, "shipments/return", shipment, lines=[{"line_id": "9", "quantity": 1}]) == "item_not_in_order"
    case.do("shipments/return", target=shipment, lines=units(2))
    assert fulfilment(case) == "partially_dispatched"
    assert code(case, "shipments/return", shipment, lines=units(2)) == "quantity_exceeds_shipped"
    case.do("shipments/return", target=shipment, lines="all_remaining")
    assert code(case, "shipments/return", shipment, lines="all_remaining") == "quantity_exceeds_shipped"
    assert case.state.lines["1"].to_ship == 3


def test_what_never_left_cannot_come_back() -> None:
    case = Case(order_body(method="cash_on_delivery"))
    case.do("orders/shipments", **packed(("1", 3)))
    shipment = case.last_id(ShipmentBooked)
    assert code(case, "shipments/return", shipment, lines="all_remaining") == "quantity_exceeds_shipped"
    case.do("shipments/cancel", target=shipment)
    assert code(case, "shipments/return", shipment, lines="all_remaining") == "shipment_canceled"


def test_a_returned_shipment_is_not_canceled_too() -> None:
    case, shipment = on_delivery()
    case.do("shipments/return", target=shipment, lines="all_remaining")
    assert case.work.shipment(shipment).state.state == "returned"
    assert code(case, "shipments/cancel", shipment) == "already_dispatched"


def test_a_package_that_stayed_is_canceled_once_the_other_came_back() -> None:
    case = Case(order_body(method="cash_on_delivery"))
    packages = [
        {"weight_grams": 9, "contents": units(1), "tracking_number": "A"},
        {"weight_grams": 9, "contents": units(2)},
    ]
    case.do("orders/shipments", lines=units(3), carrier="ups", packages=packages)
    shipment = case.last_id(ShipmentBooked)
    scan = {"carrier": "ups", "tracking_number": "A", "status": "picked_up"}
    case.do("shipments/tracking-events", target=shipment, **scan)
    assert code(case, "shipments/return", shipment, lines=units(2)) == "quantity_exceeds_shipped"
    assert code(case, "shipments/cancel", shipment) == "already_dispatched"
    case.do("shipments/return", target=shipment, lines="all_remaining")
    case.do("shipments/cancel", target=shipment)
    assert (case.state.lines["1"].booked, case.state.lines["1"].to_ship) == (0, 3)


def test_units_refunded_as_shipped_are_not_sent_again() -> None:
    case = paid()
    shipment = shipped(case, 4)
    refund(case, 1, "shipped")
    case.do("shipments/return", target=shipment, lines=units(2))
    counters = case.state.lines["1"]
    assert (counters.refunded_shipped, counters.refunded_unshipped, counters.to_ship) == (0, 1, 1)
    assert code(case, "orders/shipments", **packed(("1", 2))) == "quantity_exceeds_unshipped"
    assert case.status == "Processing"


def test_the_caller_may_know_that_the_refunded_unit_stayed() -> None:
    case = paid()
    shipment = shipped(case, 4)
    refund(case, 1, "shipped")
    assert code(case, "shipments/return", shipment, lines=units(2, refunded=2)) == "disposition_mismatch"
    assert code(case, "shipments/return", shipment, lines=units(4, refunded=0)) == "disposition_mismatch"
    case.do("shipments/return", target=shipment, lines=units(2, refunded=0))
    counters = case.state.lines["1"]
    assert (counters.refunded_shipped, counters.refunded_unshipped, counters.to_ship) == (1, 0, 2)


def test_what_came_back_paid_is_refunded_as_unshipped() -> None:
    case = paid()
    shipment = shipped(case, 4)
    case.do("shipments/return", target=shipment, lines=units(4))
    assert code_of_refund(case, "shipped") == "disposition_mismatch"
    refund(case, 4, "unshipped")
    assert (case.status, fulfilment(case), case.state.returned) == ("Closed", "unfulfilled", 4000)


def code_of_refund(case: Case, disposition: str) -> str:
    lines = [{"line_id": "1", "quantity": 1, "disposition": disposition}]
    return code(case, "invoices/refund", case.last_id(InvoiceIssued), lines=lines)


def test_parcels_on_their_way_back_are_taken_first_and_delivered_ones_last() -> None:
    case = Case(order_body(method="cash_on_delivery"))
    packages = [{"weight_grams": 9, "contents": units(1), "tracking_number": name} for name in "ABC"]
    case.do("orders/shipments", lines=units(3), carrier="ups", packages=packages)
    shipment = case.last_id(ShipmentBooked)
    for name, status in (("A", "delivered"), ("B", "in_transit"), ("C", "return_to_sender")):
        scan = {"carrier": "ups", "tracking_number": name, "status": status}
        case.do("shipments/tracking-events", target=shipment, **scan)
    parcels = case.work.shipment(shipment).state.packages
    back = []
    for _ in range(3):
        case.do("shipments/return", target=shipment, lines=units(1))
        back.append([name for name, parcel in parcels.items() if not parcel.units])
    assert back == [["3"], ["2", "3"], ["1", "2", "3"]]


def test_a_return_is_recorded_whatever_holds_the_order() -> None:
    case, shipment = on_delivery()
    case.do("orders/hold")
    case.do("shipments/return", target=shipment, lines=units(3), occurred_at=case.now)
    assert case.status == "On Hold"
    case.do("orders/release")
    assert case.do("orders/change-address", shipping_address={"country": "ES"}) == ["AddressChanged"]
    assert case.state.due == 2997
