"""Asking a payment gateway: whatever is lost or killed in between, it has one effect."""

import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from domain.refusals import Refusal
from tests.application.conftest import Office
from tests.support.orders import line
from tests.support.postgres import Database

NORMAL, DECLINED, LOST, DOWN = "100.00", "100.91", "100.93", "100.94"


def authorized(office: Office, amount: str = NORMAL) -> str:
    """An order of that amount whose money a card promised."""
    order_id = office.place(method="card_authorize", lines=[line(quantity=1, unit_price=amount)])
    office.do("orders/authorize-payment", order_id, amount=Decimal(amount), provider_reference="a-1")
    return order_id


def test_an_online_invoice_is_paid_by_the_gateway(office: Office) -> None:
    desk = office.desk(office.requests().settle)
    order_id = authorized(office)
    first = office.do("orders/invoices", order_id, desk=desk, key=order_id, lines="all_remaining")
    assert first["events"][-1] == "InvoicePaid"
    assert office.do("orders/invoices", order_id, desk=desk, key=order_id, lines="all_remaining") == first
    assert [movement["kind"] for movement in office.gateway.movements()] == ["capture"]


def test_a_declined_capture_leaves_the_invoice_open(office: Office) -> None:
    desk = office.desk(office.requests().settle)
    order_id = authorized(office, DECLINED)
    answer = office.do("orders/invoices", order_id, desk=desk, lines="all_remaining")
    assert answer["events"][-1] == "PaymentFailed"
    assert office.gateway.movements() == []
    office.do("invoices/cancel", answer["invoice_id"])


@pytest.mark.parametrize("amount", [LOST, DOWN])
def test_a_lost_answer_is_asked_for_again(office: Office, amount: str) -> None:
    desk = office.desk(office.requests().settle)
    order_id = authorized(office, amount)
    answer = office.do("orders/invoices", order_id, desk=desk, key=order_id, lines="all_remaining")
    assert "InvoicePaid" not in answer["events"]
    with pytest.raises(Refusal, match="has not answered"):
        office.do("invoices/capture", answer["invoice_id"])
    office.requests().step()
    assert office.order(order_id).state.captured == 10000 + int(amount[-2:])
    assert len(office.gateway.movements()) == 1
    assert office.log.claims("work", "", 10) == []


@pytest.mark.parametrize("moment", ["before asking", "after asking"])
@pytest.mark.parametrize("command", ["capture", "refund"])
def test_a_process_killed_at_any_step_has_one_effect(
    office: Office, database: Database, tmp_path: Path, moment: str, command: str
) -> None:
    order_id = authorized(office)
    if command == "refund":
        office.do("orders/capture-payment", order_id, amount=Decimal(NORMAL), provider_reference="c-1")
    script = Path(__file__).with_name("killed_command.py")
    arguments = [order_id, command, moment, str(tmp_path / "gateway.json"), database.app_url]
    ended = subprocess.run([sys.executable, str(script), *arguments], check=False, cwd=Path.cwd())
    assert ended.returncode == -signal.SIGKILL
    assert len(office.log.claims("work", "gateway:", 10)) == 1
    for _ in range(2):
        office.requests().step()
    state = office.order(order_id).state
    assert (state.captured, state.returned) == (10000, 10000 if command == "refund" else 0)
    assert [movement["amount"] for movement in office.gateway.movements()] == [10000]
    assert office.log.claims("work", "", 10) == []


def test_a_refund_that_the_gateway_declines_leaves_the_money_to_be_given_back(office: Office) -> None:
    desk = office.desk(office.requests().settle)
    order_id = office.place(lines=[line(quantity=1, unit_price=DECLINED)], method="card_authorize")
    office.do("orders/capture-payment", order_id, amount=Decimal(DECLINED), provider_reference="c-1")
    answer = office.do("orders/refund-payment", order_id, desk=desk, amount=Decimal(DECLINED), mode="online")
    assert answer["events"] == ["PaymentRefundRequested", "PaymentFailed"]
    assert office.order(order_id).state.uninvoiced_money == 10091
    office.do("orders/refund-payment", order_id, amount=Decimal(DECLINED))


def test_without_a_gateway_nothing_is_recorded(office: Office) -> None:
    order_id = authorized(office)
    with pytest.raises(Refusal) as refused:
        office.do("orders/invoices", order_id, desk=office.desk(has_gateway=False), lines="all_remaining")
    assert refused.value.code == "gateway_not_configured"
    assert office.order(order_id).version == 2
