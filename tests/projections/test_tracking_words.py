"""What the customer reads of an order: words of its own for what concerns the desk alone."""

from decimal import Decimal

import pytest

from domain.status import Status
from projections.orders.tracking import status_for_customer
from tests.support.orders import Case, order_body


def test_a_review_is_told_as_a_check_of_the_payment() -> None:
    case = Case(order_body())
    case.do("orders/flag-payment")
    assert (case.status, status_for_customer(case.state)) == ("Payment Review", "We are checking your payment")


def test_a_suspicion_is_not_told() -> None:
    case = Case(order_body())
    case.do("orders/capture-payment", amount=Decimal("999.00"), provider_reference="p")
    assert (case.status, status_for_customer(case.state)) == ("Suspected Fraud", "We are checking your payment")


@pytest.mark.parametrize(("method", "status"), [("bank_transfer", "Pending"), ("hosted_checkout", "Pending Payment")])
def test_a_hold_does_not_show(method: str, status: str) -> None:
    case = Case(order_body(method=method))
    case.do("orders/hold")
    assert (case.status, status_for_customer(case.state)) == ("On Hold", status)


def test_every_other_status_is_told_as_it_is() -> None:
    case = Case(order_body(method="cash_on_delivery"))
    assert status_for_customer(case.state) == Status.PENDING
    case.do("orders/cancel")
    assert status_for_customer(case.state) == Status.CANCELED
