"""Charges beside the goods and their delivery: billed with the first invoice, given back exactly, or given up."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain import invoicing, reviews
from domain.canceling import cancel
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice
from domain.lifecycle import allowed_commands
from domain.order import Order
from domain.order_events import OrderPlaced
from domain.order_values import Charge, OrderLine, ShippingCharge
from domain.requests import ALL_REMAINING, InvoiceRequest
from domain.status import Status
from domain.values import ChargeShare, Units

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDER, INVOICE, SECOND, MEMO, INTENT = (UUID(int=number) for number in range(1, 6))
WRAP = Charge(charge_id="wrap", name="Gift wrap", kind="wrap", amount=300, tax_rate="0.2", tax=60)
TIP = Charge(charge_id="tip", name="Tip", kind="tip", amount=250, tax_rate=None)


@pytest.fixture
def order() -> Order:
    """Two mugs of 10.00, delivery 5.00, a gift wrap of 3.00 with 0.60 tax, and a tip of 2.50."""
    placed = Order(ORDER)
    line = OrderLine(line_id="1", sku="MUG", quantity=2, unit_price=1000, subtotal=2000)
    placed.trigger(
        OrderPlaced(
            occurred_at=AT,
            store="main",
            currency="EUR",
            payment_method="purchase_order",
            lines=(line,),
            shipping=ShippingCharge(amount=500),
            charges=(WRAP, TIP),
        )
    )
    return placed


def invoiced(order: Order, quantity: int, invoice_id: UUID = INVOICE) -> Invoice:
    invoice = Invoice(invoice_id)
    request = InvoiceRequest(lines=(Units("1", quantity),) if quantity else ALL_REMAINING, capture="offline")
    invoicing.issue(order, invoice, request, AT, intent_id=INTENT)
    return invoice


def test_charges_are_part_of_what_is_owed(order: Order) -> None:
    assert order.state.grand_total == 2000 + 500 + 360 + 250
    assert order.state.due == order.state.grand_total


def test_the_first_invoice_takes_all_charges(order: Order) -> None:
    first, second = invoiced(order, 1), invoiced(order, 1, SECOND)
    assert first.state.charges == (ChargeShare("wrap", 300, 60), ChargeShare("tip", 250, 0))
    assert (first.state.grand_total, second.state.grand_total) == (1000 + 500 + 360 + 250, 1000)
    assert order.state.due == 0


def test_a_corrected_invoice_gives_its_charges_back_exactly(order: Order) -> None:
    invoice = invoiced(order, 1)
    memo = CreditMemo(MEMO)
    invoicing.correct(order, invoice, memo, AT)
    assert order.state.charges_worth == 500 + 360 + 250
    again = invoiced(order, 2, SECOND)
    assert again.state.charges == invoice.state.charges


def test_charges_that_no_invoice_holds_can_be_invoiced_alone(order: Order) -> None:
    cancel(order, (), [Units("1", 1)], AT)
    invoice = invoiced(order, 1)
    invoicing.correct(order, invoice, CreditMemo(MEMO), AT)
    cancel(order, (), [Units("1", 1)], AT)
    assert order.state.charges_worth == 0  # the last unit gives them up
    assert order.status is Status.CANCELED


def test_a_canceled_order_asks_for_no_charge(order: Order) -> None:
    cancel(order, (), None, AT)
    assert (order.state.due, order.state.owed, order.status) == (0, 0, Status.CANCELED)
    assert "invoices" not in allowed_commands(order.state, AT)


def test_new_lines_ask_for_charges_that_stay(order: Order) -> None:
    line = OrderLine(line_id="2", sku="CUP", quantity=1, unit_price=700, subtotal=700)
    order.amend((line,), None, None, AT)
    assert order.state.due == 700 + 500 + 360 + 250


def test_a_denied_payment_credits_the_charges_of_what_never_left(order: Order) -> None:
    invoice = invoiced(order, 1)
    reviews.flag(order, AT)
    memo = CreditMemo(MEMO)
    reviews.deny(order, [invoice], lambda: memo, AT)
    assert not any(charge.total for charge in invoice.state.charges_left.values())
    assert memo.state.grand_total == invoice.state.grand_total
    assert (order.state.owed, order.state.charges_worth) == (0, 0)
