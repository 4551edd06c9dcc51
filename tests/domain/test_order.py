"""What an order allows, and how it says no."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.invoice import InvoiceIssued
from domain.lifecycle import LIFECYCLE, allowed_commands
from domain.order import AlreadyReported
from domain.order_events import OrderCanceled
from domain.payment_events import PaymentVoided
from domain.refusals import Refusal
from domain.shipment_events import ShipmentBooked
from domain.status import fulfilment_status, payment_status
from tests.support.orders import START, Case, line, order_body, packed


def refusal(case: Case, command: str, **body: Any) -> str:
    """The code with which a command is refused; the refusal must leave no trace."""
    before = list(case.events)
    with pytest.raises(Refusal) as refused:
        case.do(command, **body)
    assert [event for _, event in case.work.collect_events()] == []
    assert case.events == before
    return refused.value.code


def paid(method: str = "bank_transfer", **more: Any) -> Case:
    case = Case(order_body(method=method, **more))
    case.do("orders/capture-payment", amount=Decimal("29.97"), provider_reference="p-1")
    return case


def test_a_new_order_is_pending_and_unpaid() -> None:
    case = Case(order_body())
    assert case.status == "Pending"
    assert payment_status(case.state) == "none"
    assert fulfilment_status(case.state, []) == "unfulfilled"


def test_an_authorization_makes_it_processing() -> None:
    case = Case(order_body(method="card_authorize"))
    case.do("orders/authorize-payment", amount=Decimal("29.97"), provider_reference="a-1")
    assert (case.status, payment_status(case.state)) == ("Processing", "authorized")


def test_a_hosted_checkout_waits_for_its_payment() -> None:
    case = Case(order_body(method="hosted_checkout"))
    assert (case.status, payment_status(case.state)) == ("Pending Payment", "pending")


def test_a_capture_invoices_by_itself_where_the_method_does() -> None:
    case = Case(order_body(method="hosted_checkout"))
    happened = case.do("orders/capture-payment", amount=Decimal("29.97"), provider_reference="p-1")
    assert happened == ["PaymentCaptured", "ItemsInvoiced", "InvoiceIssued", "InvoicePaid"]
    assert (case.status, payment_status(case.state)) == ("Processing", "paid")


def test_an_automatic_invoice_waits_for_the_release() -> None:
    case = Case(order_body(method="card_capture"))
    case.do("orders/hold")
    assert case.do("orders/capture-payment", amount=Decimal("29.97"), provider_reference="p") == ["PaymentCaptured"]
    assert case.do("orders/release") == ["OrderReleased", "ItemsInvoiced", "InvoiceIssued", "InvoicePaid"]


def test_an_order_for_nothing_is_invoiced_at_once() -> None:
    case = Case(order_body(line(unit_price="0.00"), method="free"))
    assert case.status == "Processing"
    assert payment_status(case.state) == "paid"
    case.do("orders/shipments", **packed(("1", 3)))
    assert case.status == "Complete"


def test_free_is_only_for_orders_that_cost_nothing() -> None:
    assert refusal(Case(), "orders", **order_body(method="free")) == "payment_method_not_available"


def test_an_offline_invoice_is_the_receipt() -> None:
    case = Case(order_body())
    happened = case.do("orders/invoices", lines="all_remaining", capture="offline")
    assert happened == ["PaymentCaptured", "ItemsInvoiced", "InvoiceIssued", "InvoicePaid"]
    assert payment_status(case.state) == "paid"
    assert case.state.due == 0


def test_invoices_take_what_was_paid_before_they_ask_for_more() -> None:
    case = paid()
    assert case.do("orders/invoices", lines="all_remaining") == ["ItemsInvoiced", "InvoiceIssued", "InvoicePaid"]
    assert case.state.uninvoiced_money == 0


def test_partial_invoices_add_up_to_the_order() -> None:
    body = order_body(line(quantity=3, unit_price="3.33", tax_rate="0.07", discount="0.10"))
    case = Case(body)
    for _ in range(3):
        case.do("orders/invoices", lines=[{"line_id": "1", "quantity": 1}])
    issued = [event for event in case.events if isinstance(event, InvoiceIssued)]
    assert sum(event.grand_total for event in issued) == case.state.grand_total


def test_shipping_goes_on_the_first_invoice_and_comes_back_with_it() -> None:
    body = order_body(method="purchase_order", shipping={"amount": Decimal("5.00")})
    case = Case(body)
    one = [{"line_id": "1", "quantity": 1}]
    case.do("orders/invoices", lines=one, capture="none")
    first = case.last_id(InvoiceIssued)
    case.do("orders/invoices", lines=one, capture="none")
    totals = [event.shipping for event in case.events if isinstance(event, InvoiceIssued)]
    assert totals == [500, 0]
    case.do("invoices/cancel", target=first)
    assert case.state.shipping_open == 500
    assert case.state.lines["1"].to_invoice == 2


@pytest.mark.parametrize(
    ("method", "mode"),
    [("bank_transfer", "online"), ("bank_transfer", "none"), ("purchase_order", "online"), ("card_capture", "offline")],
)
def test_a_method_refuses_capture_modes_it_does_not_have(method: str, mode: str) -> None:
    case = Case(order_body(method=method))
    assert refusal(case, "orders/invoices", lines="all_remaining", capture=mode) == "capture_mode_not_allowed"


@pytest.mark.parametrize("method", ["card_capture", "hosted_checkout", "card_authorize"])
def test_an_unpaid_order_of_a_paying_method_is_not_invoiced(method: str) -> None:
    assert refusal(Case(order_body(method=method)), "orders/invoices", lines="all_remaining") == "payment_required"


def test_more_than_ordered_cannot_be_invoiced() -> None:
    case = Case(order_body())
    too_many = [{"line_id": "1", "quantity": 4}]
    assert refusal(case, "orders/invoices", lines=too_many) == "quantity_exceeds_uninvoiced"
    assert refusal(case, "orders/invoices", lines=[{"line_id": "9", "quantity": 1}]) == "item_not_in_order"
    case.do("orders/invoices", lines="all_remaining")
    assert refusal(case, "orders/invoices", lines="all_remaining") == "nothing_to_invoice"


def test_a_paid_invoice_is_not_open() -> None:
    case = Case(order_body())
    case.do("orders/invoices", lines="all_remaining")
    invoice = case.last_id(InvoiceIssued)
    assert refusal(case, "invoices/cancel", target=invoice) == "invoice_not_open"
    assert refusal(case, "invoices/capture", target=invoice) == "invoice_not_open"


def test_an_open_invoice_is_settled_by_its_capture() -> None:
    case = Case(order_body(method="purchase_order"))
    case.do("orders/invoices", lines="all_remaining", capture="none")
    happened = case.do("invoices/capture", target=case.last_id(InvoiceIssued))
    assert happened == ["PaymentCaptured", "InvoiceSettled", "InvoicePaid"]
    assert case.state.due == 0


@pytest.mark.parametrize(("amount", "cause"), [("30.00", "Suspected Fraud"), ("29.97", "Processing")])
def test_more_than_due_is_suspected(amount: str, cause: str) -> None:
    case = Case(order_body())
    case.do("orders/capture-payment", amount=Decimal(amount), provider_reference="p")
    assert case.status == cause


def test_another_currency_is_suspected_and_counts_for_nothing() -> None:
    case = Case(order_body())
    case.do("orders/capture-payment", amount=Decimal("29.97"), currency="USD", provider_reference="p")
    assert case.status == "Suspected Fraud"
    assert case.state.captured == 0


def test_an_accepted_shortfall_covers_the_order_and_stays_visible() -> None:
    case = Case(order_body())
    case.do("orders/capture-payment", amount=Decimal("29.95"), provider_reference="p")
    case.do("orders/flag-payment")
    assert case.status == "Payment Review"
    case.do("orders/accept-payment")
    assert case.do("orders/invoices", lines="all_remaining") == ["ItemsInvoiced", "InvoiceIssued", "InvoicePaid"]
    case.do("orders/shipments", **packed(("1", 3)))
    assert (case.status, payment_status(case.state)) == ("Complete", "paid")
    assert (case.state.due, case.state.waived) == (0, 2)


def test_a_denied_payment_cancels_what_is_not_shipped() -> None:
    case = paid()
    case.do("orders/flag-payment")
    assert case.do("orders/deny-payment") == ["PaymentReviewDenied", "OrderCanceled"]
    assert case.status == "Canceled"
    assert case.state.uninvoiced_money == 2997


def test_a_payment_for_a_canceled_order_is_recorded_as_late_and_can_go_back() -> None:
    case = Case(order_body())
    case.do("orders/cancel")
    assert case.do("orders/capture-payment", amount=Decimal("29.97"), provider_reference="p") == ["LatePaymentReceived"]
    assert case.status == "Canceled"
    assert refusal(case, "orders/refund-payment", amount=Decimal("29.98")) == "refund_exceeds_uninvoiced_payment"
    case.do("orders/refund-payment", amount=Decimal("29.97"))
    assert payment_status(case.state) == "refunded"


def test_a_provider_that_repeats_itself_changes_nothing() -> None:
    case = paid()
    with pytest.raises(AlreadyReported) as repeat:
        case.do("orders/capture-payment", amount=Decimal("29.97"), provider_reference="p-1")
    assert repeat.value.version == 2
    again = {"amount": Decimal("1.00"), "provider_reference": "p-1"}
    assert refusal(case, "orders/capture-payment", **again) == "provider_reference_reused"


def test_authorizations_stay_within_what_is_due() -> None:
    case = Case(order_body(method="card_authorize"))
    case.do("orders/authorize-payment", amount=Decimal("20.00"), provider_reference="a")
    more = {"amount": Decimal("9.98"), "provider_reference": "b"}
    assert refusal(case, "orders/authorize-payment", **more) == "amount_exceeds_due"


def test_a_canceled_order_cannot_be_authorized() -> None:
    case = Case(order_body(method="card_authorize"))
    case.do("orders/cancel")
    again = {"amount": Decimal("1.00"), "provider_reference": "b"}
    assert refusal(case, "orders/authorize-payment", **again) == "order_canceled"


def test_cancel_voids_an_authorization_that_nothing_needs() -> None:
    case = Case(order_body(method="card_authorize"))
    case.do("orders/authorize-payment", amount=Decimal("29.97"), provider_reference="a")
    assert case.do("orders/cancel") == ["OrderCanceled", "PaymentVoided"]
    assert payment_status(case.state) == "voided"
    assert isinstance(case.events[-1], PaymentVoided)


def test_cancel_takes_the_shipping_charge_only_when_nothing_is_left() -> None:
    case = Case(order_body(shipping={"amount": Decimal("5.00")}))
    case.do("orders/cancel", lines=[{"line_id": "1", "quantity": 2}])
    case.do("orders/cancel")
    assert [event.shipping for event in case.events if isinstance(event, OrderCanceled)] == [0, 500]
    assert (case.state.due, case.status) == (0, "Canceled")


def test_a_partly_invoiced_order_keeps_its_status_when_the_rest_is_canceled() -> None:
    case = Case(order_body())
    case.do("orders/invoices", lines=[{"line_id": "1", "quantity": 1}])
    case.do("orders/cancel")
    assert case.status == "Processing"
    assert refusal(case, "orders/cancel") == "nothing_to_cancel"


def test_hold_stops_and_release_restores() -> None:
    case = paid()
    case.do("orders/hold")
    assert case.status == "On Hold"
    for command, body in (("cancel", {}), ("invoices", {"lines": "all_remaining"}), ("shipments", packed(("1", 1)))):
        assert refusal(case, f"orders/{command}", **body) == "order_on_hold"
    assert refusal(case, "orders/hold") == "hold_not_available"
    case.do("orders/release")
    assert case.status == "Processing"
    assert refusal(case, "orders/release") == "not_on_hold"


def test_an_amended_order_keeps_its_id_and_counts_its_revision() -> None:
    case = Case(order_body())
    case.do("orders/amend", lines=[line("1", 1), line("2", 2)])
    assert (case.state.revision, case.state.grand_total) == (2, 2997)
    case.do("orders/invoices", lines=[{"line_id": "2", "quantity": 1}])
    assert refusal(case, "orders/amend", note="x") == "order_not_editable"


@pytest.mark.parametrize(("lines", "survives"), [([line("1", 1)], True), ([line("1", 4)], False)])
def test_an_authorization_survives_an_amendment_that_it_covers(lines: list[Any], survives: bool) -> None:
    case = Case(order_body(method="card_authorize"))
    case.do("orders/authorize-payment", amount=Decimal("29.97"), provider_reference="a")
    case.do("orders/amend", lines=lines)
    assert (case.state.authorized > 0) is survives


def test_addresses_lock_when_something_depends_on_them() -> None:
    case = paid()
    case.do("orders/change-address", shipping_address={"country": "ES"})
    case.do("orders/shipments", **packed(("1", 1)))
    assert refusal(case, "orders/change-address", shipping_address={"country": "PT"}) == "address_locked"
    case.do("orders/change-address", billing_address={"country": "ES"})


def test_an_unpaid_order_does_not_ship_unless_its_method_lets_it() -> None:
    assert refusal(Case(order_body()), "orders/shipments", **packed(("1", 3))) == "payment_required"
    case = Case(order_body(method="cash_on_delivery"))
    case.do("orders/shipments", **packed(("1", 3)))
    assert fulfilment_status(case.state, []) == "booked"


def test_every_unit_is_packed_exactly_once() -> None:
    case = paid()
    short = packed(("1", 2)) | {"lines": [{"line_id": "1", "quantity": 3}]}
    assert refusal(case, "orders/shipments", **short) == "items_not_packed"
    heavy = packed(("1", 3), package={"max_weight_grams": 899})
    assert refusal(case, "orders/shipments", **heavy) == "package_overweight"
    assert refusal(case, "orders/shipments", **packed(("1", 4))) == "quantity_exceeds_unshipped"
    case.do("orders/shipments", **packed(("1", 3)))
    assert refusal(case, "orders/shipments", **packed(("1", 1))) == "nothing_to_ship"


def test_goods_that_are_not_shipped_complete_with_their_invoice() -> None:
    case = Case(order_body(line(shippable=False)))
    case.do("orders/invoices", lines="all_remaining")
    assert case.status == "Complete"
    assert refusal(case, "orders/shipments", **packed(("1", 1))) == "virtual_only"


def test_a_canceled_shipment_gives_its_units_back() -> None:
    case = paid()
    case.do("orders/shipments", **packed(("1", 3)))
    shipment = case.last_id(ShipmentBooked)
    assert case.do("shipments/cancel", target=shipment) == ["AllocationCanceled", "ShipmentCanceled"]
    assert case.state.lines["1"].to_ship == 3
    case.do("orders/shipments", **packed(("1", 3)))


def scanned(*scans: tuple[str, int]) -> Case:
    case = paid()
    case.do("orders/shipments", **packed(("1", 3), package={"tracking_number": "1Z"}))
    for status, minutes in scans:
        at = START + timedelta(minutes=minutes)
        scan = {"carrier": "ups", "tracking_number": "1Z", "status": status, "occurred_at": at}
        case.do("shipments/tracking-events", target=case.last_id(ShipmentBooked), **scan)
    return case


@pytest.mark.parametrize(
    ("scans", "fulfilment"),
    [
        ([("pending", 1)], "booked"),
        ([("picked_up", 1)], "dispatched"),
        ([("picked_up", 1), ("delivered", 9)], "delivered"),
        ([("delivered", 9), ("in_transit", 5)], "delivered"),
        ([("delivered", 9), ("in_transit", 10)], "delivered"),
        ([("delivered", 9), ("return_to_sender", 10)], "dispatched"),
        ([("return_to_sender", 8), ("delivered", 9)], "delivered"),
    ],
)
def test_scans_come_in_any_order(scans: list[tuple[str, int]], fulfilment: str) -> None:
    case = scanned(*scans)
    shipment = case.work.shipment(case.last_id(ShipmentBooked))
    assert fulfilment_status(case.state, [shipment.state]) == fulfilment


def test_a_scan_of_an_unknown_number_and_a_repeated_one_are_told_apart() -> None:
    case = scanned(("picked_up", 1))
    shipment = case.last_id(ShipmentBooked)
    scan = {"carrier": "ups", "tracking_number": "1Z", "status": "picked_up"}
    with pytest.raises(AlreadyReported):
        case.do("shipments/tracking-events", target=shipment, **scan, occurred_at=START + timedelta(minutes=1))
    other = scan | {"tracking_number": "2Z", "occurred_at": START}
    assert refusal(case, "shipments/tracking-events", target=shipment, **other) == "unknown_tracking"


def test_a_shipment_that_left_is_not_canceled() -> None:
    case = scanned(("picked_up", 1))
    assert refusal(case, "shipments/cancel", target=case.last_id(ShipmentBooked)) == "already_dispatched"


def test_expiry_loses_against_a_payment() -> None:
    deadline = START + timedelta(minutes=10)
    case = Case(order_body(method="hosted_checkout", expires_at=deadline))
    case.do("orders/capture-payment", amount=Decimal("1.00"), provider_reference="p")
    case.now = deadline
    assert refusal(case, "orders/expire") == "payment_present"
    unpaid = Case(order_body(method="hosted_checkout", expires_at=deadline))
    unpaid.now = deadline
    assert unpaid.do("orders/expire") == ["OrderCanceled"]
    assert unpaid.status == "Canceled"
    early = Case(order_body(method="hosted_checkout", expires_at=START + timedelta(days=1)))
    assert refusal(early, "orders/expire") == "expiry_not_due"


@pytest.mark.parametrize("command", ["accept-payment", "deny-payment"])
def test_only_a_review_can_be_decided(command: str) -> None:
    assert refusal(paid(), f"orders/{command}") == "not_under_review"


def test_what_an_order_allows_is_named_by_path() -> None:
    case = paid()
    assert {"invoices", "shipments", "hold", "cancel"} <= set(allowed_commands(case.state, case.now))
    assert set(allowed_commands(case.state, case.now)) <= set(LIFECYCLE)
