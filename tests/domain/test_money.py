"""What is owed, held and due, and what that lets happen: the cases in which money went back, came twice or came first.

F is an order of 4 x 10.00 without tax and delivery.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.credit_memo import CreditMemoIssued
from domain.dispatch import stopped_by
from domain.invoice import InvoiceIssued
from domain.lifecycle import allowed_commands
from domain.order import AlreadyReported
from domain.order_events import OrderPlaced
from domain.payment_events import PaymentRefundRequested
from domain.refusals import Refusal
from domain.shipment_events import ShipmentBooked
from domain.status import payment_status
from tests.support.orders import Case, line, order_body, packed


def four(method: str, **more: Any) -> Case:
    """The order F."""
    return Case(order_body(line(quantity=4, unit_price="10.00"), method=method, **more))


def pair(method: str) -> Case:
    """2 x 10.00 and a delivery charge of 5.00."""
    return Case(order_body(line(quantity=2, unit_price="10.00"), method=method, shipping={"amount": Decimal("5.00")}))


def units(quantity: int) -> list[dict[str, Any]]:
    return [{"line_id": "1", "quantity": quantity}]


def capture(case: Case, amount: str, reference: str, **more: Any) -> list[str]:
    return case.do("orders/capture-payment", amount=Decimal(amount), provider_reference=reference, **more)


def authorize(case: Case, amount: str, reference: str) -> list[str]:
    return case.do("orders/authorize-payment", amount=Decimal(amount), provider_reference=reference)


def send_back(case: Case, amount: str, **more: Any) -> list[str]:
    return case.do("orders/refund-payment", amount=Decimal(amount), **more)


def refund(case: Case, invoice: UUID, quantity: int, disposition: str = "unshipped", **more: Any) -> list[str]:
    lines = [unit | {"disposition": disposition} for unit in units(quantity)] if quantity else []
    return case.do("invoices/refund", target=invoice, lines=lines, **more)


def refusal(case: Case, command: str, **body: Any) -> str:
    with pytest.raises(Refusal) as refused:
        case.do(command, **body)
    list(case.work.collect_events())
    return refused.value.code


def books(case: Case) -> tuple[int, int, int]:
    """What was captured, what is held and what is due, in minor units."""
    return case.state.captured, case.state.held, case.state.due


def axes(case: Case) -> tuple[str, str]:
    return case.status, payment_status(case.state)


@pytest.mark.parametrize("method", ["hosted_checkout", "card_capture", "bank_transfer", "card_authorize"])
def test_a_capture_is_recorded_whatever_went_back_before(method: str) -> None:
    case = four(method)
    capture(case, "20.00", "a")
    send_back(case, "10.00")
    assert capture(case, "20.00", "b") == ["PaymentCaptured"]
    assert books(case) == (4000, 3000, 1000)
    assert axes(case) == ("Processing", "partially_paid")


@pytest.mark.parametrize("method", ["bank_transfer", "check_money_order", "card_authorize"])
def test_nothing_ships_for_money_that_went_back(method: str) -> None:
    case = four(method)
    capture(case, "40.00", "a")
    send_back(case, "40.00")
    assert (books(case)[2], payment_status(case.state)) == (4000, "refunded")
    assert refusal(case, "orders/shipments", **packed(("1", 4))) == "payment_required"


def test_a_credit_memo_does_not_pay_for_the_rest() -> None:
    case = four("bank_transfer")
    capture(case, "20.00", "a")
    case.do("orders/invoices", lines=units(2))
    refund(case, case.last_id(InvoiceIssued), 2)
    assert books(case) == (2000, 0, 2000)
    assert refusal(case, "orders/shipments", **packed(("1", 2))) == "payment_required"


@pytest.mark.parametrize("method", ["hosted_checkout", "bank_transfer"])
def test_a_second_payment_after_the_first_went_back_is_no_fraud(method: str) -> None:
    case = four(method)
    capture(case, "30.00", "a")
    send_back(case, "30.00")
    capture(case, "40.00", "b")
    assert (axes(case), case.state.due) == (("Processing", "paid"), 0)


def test_accepting_is_refused_while_there_is_nothing_to_accept() -> None:
    case = four("bank_transfer")
    case.do("orders/flag-payment")
    assert refusal(case, "orders/accept-payment") == "nothing_received"
    capture(case, "1.00", "a")
    case.do("orders/accept-payment")
    assert (case.state.due, case.state.waived) == (0, 3900)
    send_back(case, "1.00")
    assert (case.state.due, refusal(case, "orders/shipments", **packed(("1", 4)))) == (100, "payment_required")


def test_accepting_money_that_went_back_meanwhile_is_refused() -> None:
    case = four("bank_transfer")
    capture(case, "40.00", "a")
    case.do("orders/flag-payment")
    send_back(case, "40.00")
    assert refusal(case, "orders/accept-payment") == "nothing_received"


def test_accepting_a_small_authorization_covers_nothing() -> None:
    case = four("card_authorize")
    authorize(case, "5.00", "A")
    case.do("orders/flag-payment")
    case.do("orders/accept-payment")
    assert (case.state.authorized, case.state.waived, case.state.due) == (500, 0, 4000)
    assert refusal(case, "orders/shipments", **packed(("1", 4))) == "payment_required"


@pytest.mark.parametrize("canceled", [1, 3])
def test_what_is_canceled_ends_what_was_waived_first(canceled: int) -> None:
    case = four("bank_transfer")
    capture(case, "10.00", "a")
    case.do("orders/flag-payment")
    case.do("orders/accept-payment")
    case.do("orders/cancel", lines=units(canceled))
    assert (case.state.due, case.state.over) == (0, 0)
    send_back(case, "10.00")
    assert case.state.due == 1000
    assert refusal(case, "orders/shipments", **packed(("1", 1))) == "payment_required"


def test_a_waiver_lets_nothing_leave_once_its_money_is_gone() -> None:
    case = four("bank_transfer")
    capture(case, "20.00", "a")
    case.do("orders/invoices", lines=units(2))
    case.do("orders/flag-payment")
    case.do("orders/accept-payment")
    refund(case, case.last_id(InvoiceIssued), 2)
    assert (case.state.held, case.state.due) == (0, 0)
    assert refusal(case, "orders/shipments", **packed(("1", 2))) == "payment_required"
    case.do("orders/cancel")
    assert axes(case) == ("Closed", "refunded")


def test_an_amended_order_is_owed_in_full_whatever_was_waived_before() -> None:
    case = four("bank_transfer")
    capture(case, "10.00", "a")
    case.do("orders/flag-payment")
    case.do("orders/accept-payment")
    send_back(case, "10.00")
    case.do("orders/amend", lines=order_body(line(quantity=10, unit_price="10.00"))["lines"])
    assert case.state.due == 10000


def test_a_waiver_leaves_what_is_authorized_to_be_captured() -> None:
    case = four("card_authorize")
    capture(case, "5.00", "c")
    authorize(case, "30.00", "A")
    case.do("orders/flag-payment")
    case.do("orders/accept-payment")
    assert (case.state.waived, case.state.due, case.state.authorized) == (500, 3000, 3000)
    case.do("orders/invoices", lines="all_remaining")
    assert next(iter(case.state.intents.values())).amount == 3000


def test_foreign_money_goes_back_in_its_currency_and_takes_its_waiver_along() -> None:
    case = four("bank_transfer")
    capture(case, "50.00", "u", currency="USD")
    assert (axes(case)[0], case.state.due) == ("Suspected Fraud", 4000)
    case.do("orders/accept-payment")
    assert (axes(case)[1], case.state.due) == ("paid", 0)
    send_back(case, "25.00", currency="USD")
    assert case.state.due == 2000
    assert refusal(case, "orders/refund-payment", amount=Decimal("25.01"), currency="USD") == (
        "refund_exceeds_uninvoiced_payment"
    )
    send_back(case, "25.00", currency="USD")
    assert case.state.due == 4000


def test_an_invoice_that_a_waiver_settled_asks_again_once_its_money_went_back() -> None:
    case = four("bank_transfer")
    capture(case, "50.00", "u", currency="USD")
    case.do("orders/accept-payment")
    case.do("orders/invoices", lines="all_remaining")
    send_back(case, "50.00", currency="USD")
    assert (case.state.due, [part.rest for part in case.state.invoices.values()]) == (4000, [4000])
    assert refusal(case, "orders/shipments", **packed(("1", 4))) == "payment_required"
    capture(case, "40.00", "e")
    assert (case.state.due, case.state.open_invoices, case.state.uninvoiced_money) == (0, False, 0)
    refund(case, case.last_id(InvoiceIssued), 4)


def test_a_hold_is_released_though_the_money_is_gone() -> None:
    case = four("hosted_checkout")
    case.do("orders/hold")
    capture(case, "40.00", "a")
    send_back(case, "40.00")
    assert case.do("orders/release") == ["OrderReleased"]
    case.do("orders/cancel")
    assert axes(case) == ("Canceled", "refunded")


def test_a_note_brings_no_canceled_unit_back() -> None:
    case = Case(order_body(line(quantity=3, unit_price="10.00")))
    case.do("orders/cancel", lines=units(1))
    case.do("orders/amend", note="Ring twice")
    assert (case.state.lines["1"].canceled, case.state.due) == (1, 2000)
    case.do("orders/amend", shipping={"amount": Decimal("4.00")})
    assert (case.state.lines["1"].canceled, case.state.due) == (1, 2400)
    case.do("orders/amend", lines=order_body(line(quantity=3, unit_price="10.00"))["lines"])
    assert (case.state.lines["1"].canceled, case.state.due) == (0, 3400)


def test_a_note_leaves_an_authorization_that_covers_a_part() -> None:
    case = four("card_authorize")
    authorize(case, "30.00", "A")
    case.do("orders/amend", note="Ring twice")
    assert case.state.authorized == 3000


def test_a_void_names_its_authorization() -> None:
    case = four("card_authorize")
    authorize(case, "40.00", "A2")
    case.do("orders/void-payment", provider_reference="A1-old")
    assert case.state.authorized == 4000
    case.do("orders/void-payment")
    assert axes(case) == ("Pending", "voided")
    assert refusal(case, "orders/void-payment") == "nothing_to_void"


def test_a_void_that_came_first_ends_its_authorization() -> None:
    case = four("card_authorize")
    case.do("orders/void-payment", provider_reference="A1")
    authorize(case, "40.00", "A1")
    assert (case.state.authorized, payment_status(case.state)) == (0, "voided")
    assert refusal(case, "orders/shipments", **packed(("1", 4))) == "payment_required"
    with pytest.raises(AlreadyReported):
        case.do("orders/void-payment", provider_reference="A1")


def test_a_charge_that_no_invoice_can_take_is_given_up_or_invoiced_alone() -> None:
    alone: list[tuple[str, dict[str, Any], int]] = [
        ("orders/cancel", {}, 1000),
        ("orders/invoices", {"lines": "all_remaining"}, 1500),
    ]
    for command, body, expected in alone:
        case = pair("purchase_order")
        case.do("orders/invoices", lines=units(1))
        first = case.last_id(InvoiceIssued)
        case.do("orders/invoices", lines=units(1))
        case.do("invoices/cancel", target=first)
        case.do("orders/cancel", lines=units(1))
        assert (case.state.due, case.state.charge_alone) == (1500, True)
        assert case.status == "Processing"
        case.do(command, **body)
        open_sums = sum(part.rest for part in case.state.invoices.values())
        assert (case.state.due, open_sums) == (expected, expected)


def test_a_voided_invoice_leaves_the_paid_unit_of_another_to_be_shipped() -> None:
    case = pair("card_authorize")
    authorize(case, "25.00", "A")
    case.do("orders/invoices", lines=units(1), capture="online")
    case.answer()
    first = case.last_id(InvoiceIssued)
    case.do("orders/invoices", lines=units(1), capture="online")
    case.answer()
    case.do("invoices/void", target=first)
    case.answer()
    assert refusal(case, "orders/shipments", **packed(("1", 2))) == "payment_required"
    case.do("orders/shipments", **packed(("1", 1)))
    case.do("orders/cancel")
    assert (case.state.due, case.status) == (0, "Complete")


def test_all_that_remains_is_refused_where_only_a_part_is_paid() -> None:
    case = four("bank_transfer")
    case.do("orders/invoices", lines=units(1))
    assert refusal(case, "orders/shipments", lines="all_remaining", carrier="ups") == "payment_required"
    case.do("orders/shipments", **packed(("1", 1)))


def test_units_named_twice_do_not_slip_past_what_is_paid() -> None:
    case = four("card_authorize")
    authorize(case, "20.00", "A")
    case.do("orders/invoices", lines=units(2), capture="offline")
    twice = [{"line_id": "1", "quantity": 2}, {"line_id": "1", "quantity": 1}]
    package = {"weight_grams": 900, "contents": twice}
    code = refusal(case, "orders/shipments", lines=twice, carrier="ups", packages=[package])
    assert code == "payment_required"


def test_an_order_whose_whole_money_went_back_by_adjustment_is_closed() -> None:
    case = four("bank_transfer")
    capture(case, "40.00", "a")
    case.do("orders/invoices", lines="all_remaining")
    refund(case, case.last_id(InvoiceIssued), 0, adjustment_refund=Decimal("40.00"))
    assert axes(case) == ("Closed", "refunded")
    assert refusal(case, "orders/shipments", **packed(("1", 4))) == "nothing_to_ship"


def test_a_goodwill_on_what_was_shipped_takes_no_units_of_another_invoice() -> None:
    case = four("bank_transfer")
    capture(case, "40.00", "a")
    case.do("orders/invoices", lines=units(2))
    first = case.last_id(InvoiceIssued)
    case.do("orders/invoices", lines=units(2))
    case.do("orders/shipments", **packed(("1", 2)))
    refund(case, first, 0, adjustment_refund=Decimal("20.00"))
    assert case.state.lines["1"].to_ship == 2
    case.do("orders/shipments", **packed(("1", 2)))


def test_a_parcel_refused_at_the_door_ends_with_its_order() -> None:
    case = four("cash_on_delivery")
    case.do("orders/shipments", **packed(("1", 4), package={"tracking_number": "1Z"}))
    shipment = case.last_id(ShipmentBooked)
    for minutes, status in enumerate(("in_transit", "return_to_sender")):
        assert refusal(case, "orders/cancel") == "nothing_to_cancel"
        at = case.now + timedelta(minutes=minutes)
        scan = {"carrier": "ups", "tracking_number": "1Z", "status": status, "occurred_at": at}
        case.do("shipments/tracking-events", target=shipment, **scan)
    assert case.do("orders/cancel") == ["ItemsReturned", "OrderCanceled", "UnitsReturned"]
    assert (axes(case), case.state.due) == (("Canceled", "none"), 0)


@pytest.mark.parametrize(("method", "invoiced"), [("hosted_checkout", True), ("bank_transfer", False)])
def test_a_denied_payment_ships_nothing(method: str, invoiced: bool) -> None:
    case = four(method)
    capture(case, "40.00", "a")
    case.do("orders/flag-payment")
    case.do("orders/deny-payment")
    assert "shipments" not in allowed_commands(case.state, case.now)
    assert refusal(case, "orders/shipments", **packed(("1", 4))) == "nothing_to_ship"
    assert (case.state.due, case.state.uninvoiced_money) == (0, 4000)
    send_back(case, "40.00")
    assert axes(case) == ("Closed" if invoiced else "Canceled", "refunded")


def test_a_denied_account_is_withdrawn() -> None:
    case = four("purchase_order")
    case.do("orders/invoices", lines="all_remaining")
    case.do("orders/flag-payment")
    case.do("orders/deny-payment")
    assert (axes(case), case.state.due) == (("Canceled", "none"), 0)


def test_a_denied_order_keeps_the_parcels_that_no_carrier_has() -> None:
    case = four("hosted_checkout")
    capture(case, "40.00", "a")
    case.do("orders/shipments", **packed(("1", 3)))
    case.do("orders/flag-payment")
    happened = case.do("orders/deny-payment")
    assert "ShipmentCanceled" in happened
    assert (case.state.anything_booked, case.state.uninvoiced_money) == (False, 4000)


def test_what_left_before_the_denial_stays_sold() -> None:
    case = four("hosted_checkout")
    capture(case, "40.00", "a")
    case.do("orders/shipments", **packed(("1", 1), package={"tracking_number": "1Z"}))
    scan = {"carrier": "ups", "tracking_number": "1Z", "status": "picked_up", "occurred_at": case.now}
    case.do("shipments/tracking-events", target=case.last_id(ShipmentBooked), **scan)
    case.do("orders/flag-payment")
    case.do("orders/deny-payment")
    assert (case.state.lines["1"].booked, case.state.uninvoiced_money, case.state.due) == (1, 3000, 0)
    assert axes(case) == ("Complete", "partially_refunded")


def test_a_cancellation_can_complete_the_payment() -> None:
    case = four("hosted_checkout")
    capture(case, "20.00", "a")
    assert "InvoiceIssued" in case.do("orders/cancel", lines=units(2))
    assert axes(case) == ("Processing", "paid")


@pytest.mark.parametrize("method", ["purchase_order", "card_authorize", "cash_on_delivery"])
def test_money_settles_open_invoices_the_oldest_first(method: str) -> None:
    case = four(method)
    case.do("orders/invoices", lines=units(2), capture="none")
    case.do("orders/invoices", lines=units(2), capture="none")
    capture(case, "30.00", "a")
    assert [part.rest for part in case.state.invoices.values()] == [0, 1000]
    capture(case, "10.00", "b")
    assert (payment_status(case.state), case.state.open_invoices) == ("paid", False)
    assert refusal(case, "orders/refund-payment", amount=Decimal("0.01")) == "refund_exceeds_uninvoiced_payment"


def test_an_invoice_on_account_stays_open_unless_told_otherwise() -> None:
    case = four("purchase_order")
    assert case.do("orders/invoices", lines="all_remaining") == ["ItemsInvoiced", "InvoiceIssued"]
    assert case.do("invoices/capture", target=case.last_id(InvoiceIssued)) == [
        "PaymentCaptured", "InvoiceSettled", "InvoicePaid",
    ]  # fmt: skip


def test_the_provider_may_report_a_capture_before_the_gateway_answers() -> None:
    for first in ("report", "answer"):
        case = Case(order_body(line(quantity=1, unit_price="10.92"), method="card_authorize"))
        authorize(case, "10.92", "pi")
        case.do("orders/invoices", lines="all_remaining", capture="online")
        reference = f"gw-{int(next(iter(case.state.intents)).replace('-', ''), 16)}"
        if first == "report":
            capture(case, "10.92", reference)
            assert case.answer() == ["PaymentRequestSettled"]
        else:
            case.answer()
            with pytest.raises(AlreadyReported):
                capture(case, "10.92", reference)
        assert (books(case), case.state.over) == ((1092, 1092, 0), 0)
        assert not case.state.open_invoices
        case.do("invoices/void", target=case.last_id(InvoiceIssued))


def test_a_capture_in_the_back_office_is_reported_once_more_and_can_be_given_back() -> None:
    case = four("card_authorize")
    authorize(case, "40.00", "pi")
    case.do("orders/invoices", lines="all_remaining", capture="offline")
    assert case.state.authorized == 0
    with pytest.raises(AlreadyReported):
        capture(case, "40.00", "pi")
    refund(case, case.last_id(InvoiceIssued), 4, mode="online")
    case.answer()
    assert axes(case) == ("Closed", "refunded")


def test_a_refund_by_the_gateway_goes_against_the_capture_it_came_from() -> None:
    case = four("card_authorize")
    capture(case, "15.00", "first")
    capture(case, "25.00", "second")
    send_back(case, "20.00", mode="online")
    asked = [event for event in case.events if isinstance(event, PaymentRefundRequested)]
    assert [(event.capture_reference, event.amount) for event in asked] == [("first", 1500), ("second", 500)]
    assert (case.state.due, case.state.refunding) == (2000, 2000)
    case.answer()
    case.answer(approved=False)
    assert books(case) == (4000, 2500, 1500)


@pytest.mark.parametrize("method", ["bank_transfer", "cash_on_delivery"])
def test_the_gateway_gives_back_only_what_it_took(method: str) -> None:
    case = four(method)
    capture(case, "40.00", "a")
    assert refusal(case, "orders/refund-payment", amount=Decimal("40.00"), mode="online") == "refund_mode_not_allowed"
    case.do("orders/invoices", lines="all_remaining")
    whole = {"target": case.last_id(InvoiceIssued), "lines": "all_remaining", "mode": "online"}
    assert refusal(case, "invoices/refund", **whole) == "refund_mode_not_allowed"


def test_a_declined_refund_keeps_the_order_open_until_the_money_went_back() -> None:
    case = four("hosted_checkout")
    capture(case, "40.00", "a")
    refund(case, case.last_id(InvoiceIssued), 4, mode="online")
    case.answer(approved=False)
    assert (case.status, case.state.unsettled) == ("Complete", True)
    send_back(case, "40.00")
    assert (axes(case), case.state.unsettled) == (("Closed", "refunded"), False)


def test_an_order_is_not_closed_while_an_invoice_is_open() -> None:
    case = pair("purchase_order")
    case.do("orders/invoices", lines=units(1), capture="offline")
    paid = case.last_id(InvoiceIssued)
    case.do("orders/invoices", lines=units(1))
    case.do("orders/shipments", **packed(("1", 2)))
    refund(case, paid, 1, "shipped", shipping=Decimal("5.00"))
    assert (axes(case), case.state.due) == (("Complete", "refunded"), 1000)


def test_an_overpayment_that_went_back_leaves_the_order_paid() -> None:
    case = four("bank_transfer")
    capture(case, "50.00", "a")
    assert (case.status, case.state.over) == ("Suspected Fraud", 1000)
    case.do("orders/accept-payment")
    send_back(case, "10.00")
    assert (axes(case), case.state.over) == (("Processing", "paid"), 0)


def test_too_much_for_what_left_already_raises_no_suspicion() -> None:
    case = four("bank_transfer")
    case.do("orders/invoices", lines="all_remaining")
    case.do("orders/shipments", **packed(("1", 4)))
    capture(case, "40.00", "twice")
    assert (axes(case), case.state.over) == (("Complete", "paid"), 4000)


def test_a_suspected_fraud_stays_one_when_somebody_flags_it_too() -> None:
    case = four("bank_transfer")
    capture(case, "50.00", "a")
    case.do("orders/flag-payment")
    assert case.status == "Suspected Fraud"


def test_a_reorder_has_a_deadline_and_the_live_units() -> None:
    case = four("hosted_checkout")
    case.do("orders/cancel", lines=units(1))
    assert [each.quantity for each in case.work.order.basket.live_lines(case.state)] == [3]
    case.do("orders/cancel")
    assert [each.quantity for each in case.work.order.basket.live_lines(case.state)] == [4]


def test_a_deadline_lies_ahead() -> None:
    late = four("hosted_checkout").now
    assert refusal(Case(), "orders", **order_body(expires_at=late - timedelta(days=1))) == "expires_at_in_past"


def test_expiry_names_the_reason() -> None:
    case = four("bank_transfer")
    assert refusal(case, "orders/expire") == "expiry_not_due"
    capture(case, "1.00", "a")
    assert refusal(case, "orders/expire") == "payment_present"
    case.do("orders/hold")
    assert refusal(case, "orders/expire") == "order_on_hold"


def test_what_an_authorization_is_not_needed_for_is_given_up_with_the_last_invoice() -> None:
    case = Case(order_body(line(quantity=5, unit_price="10.00"), method="card_authorize"))
    authorize(case, "50.00", "A")
    case.do("orders/amend", lines=order_body(line(quantity=3, unit_price="10.00"))["lines"])
    case.do("orders/invoices", lines="all_remaining")
    case.answer()
    assert (case.state.authorized, axes(case)) == (0, ("Processing", "paid"))


def test_a_voided_invoice_leaves_the_order_as_unpaid_as_before() -> None:
    case = four("card_authorize")
    authorize(case, "40.00", "A")
    case.do("orders/invoices", lines="all_remaining")
    case.answer()
    case.do("invoices/void", target=case.last_id(InvoiceIssued))
    case.answer()
    assert axes(case) == ("Pending", "voided")
    case.do("orders/amend", note="again")


def test_a_paid_invoice_is_corrected_and_issued_anew() -> None:
    case = four("bank_transfer")
    capture(case, "40.00", "a")
    case.do("orders/invoices", lines="all_remaining")
    first = case.last_id(InvoiceIssued)
    assert case.do("invoices/correct", target=first) == ["InvoiceWithdrawn", "InvoiceCorrected", "CreditMemoIssued"]
    memo = next(event for event in case.events if isinstance(event, CreditMemoIssued))
    assert (memo.cancels, memo.grand_total, case.state.credited) == (True, 4000, 0)
    assert (axes(case), books(case)) == (("Processing", "paid"), (4000, 4000, 0))
    case.do("orders/invoices", lines="all_remaining")
    assert refusal(case, "invoices/correct", target=first) == "invoice_not_correctable"


def test_an_invoice_of_which_something_was_refunded_is_not_corrected() -> None:
    case = Case(order_body(line(quantity=1, unit_price="0.00"), line("2", 1, "5.00")))
    case.do("orders/invoices", lines="all_remaining")
    refund(case, case.last_id(InvoiceIssued), 1)
    assert refusal(case, "invoices/correct", target=case.last_id(InvoiceIssued)) == "invoice_not_correctable"


def test_gross_prices_are_what_is_divided() -> None:
    body = order_body(line(quantity=2, unit_price="10.05", tax_rate="0.19"), prices_include_tax=True)
    case = Case(body)
    case.do("orders/invoices", lines=units(1))
    case.do("orders/invoices", lines=units(1))
    totals = [event.grand_total for event in case.events if isinstance(event, InvoiceIssued)]
    assert totals == [1005, 1005]


def test_subtotal_and_discount_of_gross_prices_are_net() -> None:
    each = line(quantity=10, unit_price="23.90", tax_rate="0.20", discount="59.75")
    case = Case(order_body(each, prices_include_tax=True))
    (priced,) = next(event.lines for event in case.events if isinstance(event, OrderPlaced))
    assert (priced.subtotal, priced.discount, priced.tax) == (19917, 4980, 2988)
    assert case.state.grand_total == 17925


def test_a_tax_without_its_rate_has_none() -> None:
    case = Case(order_body(line(quantity=1, unit_price="10.00", tax_amount="1.23")))
    (priced,) = next(event.lines for event in case.events if isinstance(event, OrderPlaced))
    assert (priced.tax_rate, priced.tax) == (None, 123)


def test_an_adjustment_contains_its_taxes_in_the_proportion_of_the_invoice() -> None:
    lines = (line(quantity=1, unit_price="10.00", tax_rate="0.23"), line("2", 1, "10.00", tax_rate="0.07"))
    case = Case(order_body(*lines))
    case.do("orders/invoices", lines="all_remaining")
    refund(case, case.last_id(InvoiceIssued), 0, adjustment_refund=Decimal("10.00"))
    memo = next(event for event in case.events if isinstance(event, CreditMemoIssued))
    assert [(part.tax_rate, part.net, part.tax) for part in memo.adjustment_taxes] == [
        ("0.23", 435, 100),
        ("0.07", 435, 30),
    ]
    assert sum(part.net + part.tax for part in memo.adjustment_taxes) == 1000


def test_a_fee_keeps_its_taxes_too() -> None:
    case = Case(order_body(line(quantity=1, unit_price="100.00", tax_rate="0.20")))
    case.do("orders/invoices", lines="all_remaining")
    case.do("orders/shipments", **packed(("1", 1)))
    refund(case, case.last_id(InvoiceIssued), 1, "shipped", adjustment_fee=Decimal("12.00"))
    memo = next(event for event in case.events if isinstance(event, CreditMemoIssued))
    assert [(part.net, part.tax) for part in memo.fee_taxes] == [(1000, 200)]
    assert memo.grand_total == 10800


def test_an_order_in_the_base_currency_has_rate_one() -> None:
    def rate(**more: Any) -> str | None:
        case = four("bank_transfer", **more)
        return next(event.base_rate for event in case.events if isinstance(event, OrderPlaced))

    assert (rate(), rate(base_rate=Decimal("1.00"))) == ("1", "1")
    assert (rate(currency="USD"), rate(currency="USD", base_rate=Decimal("0.9"))) == (None, "0.9")
    assert refusal(Case(), "orders", **order_body(base_rate=Decimal(2))) == "invalid_base_rate"


def test_a_free_order_that_is_canceled_was_never_paid() -> None:
    case = Case(order_body(line(quantity=1, unit_price="0.00")))
    case.do("orders/cancel")
    assert axes(case) == ("Canceled", "none")


@pytest.mark.parametrize("method", ["hosted_checkout", "card_capture", "bank_transfer"])
def test_invoices_are_offered_only_where_one_can_be_issued(method: str) -> None:
    case = four(method)
    offered = "invoices" in allowed_commands(case.state, case.now)
    assert offered is (method == "bank_transfer")
    capture(case, "10.00", "a")
    assert "invoices" in allowed_commands(case.state, case.now)
    case.do("orders/invoices", lines=units(1))


@pytest.mark.parametrize("back", [{"quantity": 4, "disposition": "shipped"}, {"quantity": 0}])
def test_a_parcel_whose_order_was_refunded_stays_here(back: dict[str, Any]) -> None:
    case = four("bank_transfer")
    capture(case, "40.00", "a")
    case.do("orders/invoices", lines="all_remaining")
    case.do("orders/shipments", **packed(("1", 4)))
    assert stopped_by(case.state) is None
    more = {} if back["quantity"] else {"adjustment_refund": Decimal("40.00")}
    refund(case, case.last_id(InvoiceIssued), back["quantity"], **more, disposition=back.get("disposition", "shipped"))
    assert (case.status, stopped_by(case.state)) == ("Closed", "order_closed")
