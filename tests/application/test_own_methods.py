"""A merchant's own payment method: data, and kept with the orders that were placed with it."""

from decimal import Decimal

import pytest

from domain.payment_methods import Capture, PaymentMethod, ShipWhen
from domain.refusals import Refusal
from tests.application.conftest import Office
from tests.support.orders import order_body, packed

LAYAWAY = PaymentMethod("layaway", (Capture.OFFLINE, Capture.NONE), ShipWhen.CAPTURED)


def test_an_order_keeps_the_rules_of_its_method_when_the_merchant_drops_it(office: Office) -> None:
    desk = office.desk(payment_methods={"layaway": LAYAWAY})
    placed = office.do("orders", desk=desk, **order_body(method="layaway"))
    order_id = placed["order_id"]
    with pytest.raises(Refusal) as unpaid:
        office.do("orders/shipments", order_id, **packed(("1", 3)))
    assert unpaid.value.code == "payment_required"
    office.do("orders/invoices", order_id, lines="all_remaining", capture="none")
    office.do("orders/capture-payment", order_id, amount=Decimal("29.97"), provider_reference="p")
    assert office.do("orders/shipments", order_id, **packed(("1", 3)))["status"] == "Complete"


def test_a_method_that_nobody_configured_is_unknown(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        office.place(method="layaway")
    assert refused.value.code == "unknown_payment_method"
