"""A command above a limit takes effect once, by two persons, whatever happens in between."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from adapters.identifiers import new_id
from application.catalogue import COMMANDS
from application.closing import HISTORY
from application.command import Actor, Answer, Cause, Command
from application.desk import Desk
from application.holding import HOLDABLE, HoldingRules, Limits, given_back
from application.kept_commands import require_as_approved, typed_body
from domain import refunding
from domain.approval import Approval, ApprovalRequested
from domain.credit_memo import CreditMemo
from domain.order import Order
from domain.payment_events import PaymentFailed, PaymentRefundRequested
from domain.refusals import Refusal
from domain.requests import RefundRequest
from domain.status import Status
from tests.application.conftest import Office
from tests.support.orders import value_of

ANA, BEN, SHOP = Actor("admin", "ana"), Actor("admin", "ben"), Actor("integrator", "shop")
RULES = HoldingRules(
    always=frozenset({"orders/accept-payment", "customers/erase", "orders/cancel"}),
    refunds_above=Limits({"EUR": Decimal("10.00")}),
)


@pytest.fixture
def desk(office: Office) -> Desk:
    """A desk that wants a second person for refunds of more than 10.00 EUR in all."""
    return office.desk(holding=RULES)


def paid(office: Office, **more: Any) -> tuple[str, str]:
    """An order of three units at 9.99 and its paid invoice."""
    order_id = office.place(**more)
    return order_id, str(office.do("orders/invoices", order_id, lines="all_remaining")["invoice_id"])


def units(quantity: int) -> list[dict[str, Any]]:
    return [{"line_id": "1", "quantity": quantity, "disposition": "unshipped"}]


def refund(office: Office, desk: Desk, invoice_id: str, quantity: int = 2, **more: Any) -> Answer:
    return office.do("invoices/refund", invoice_id, desk=desk, lines=units(quantity), **{"actor": SHOP} | more)


def decide(office: Office, desk: Desk, verb: str, approval_id: str, actor: Actor = ANA, **more: Any) -> Answer:
    return office.do(f"approvals/{verb}", approval_id, desk=desk, actor=actor, **more)


def approval(office: Office, approval_id: str) -> Approval:
    return office.log.load_approval(UUID(approval_id)).work.document(Approval, UUID(approval_id))


def returned(office: Office, order_id: str) -> int:
    return office.order(order_id).state.returned


def code_of(run: Any) -> str:
    with pytest.raises(Refusal) as refused:
        run()
    return refused.value.code


def test_a_refund_below_the_limit_waits_for_nobody(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    assert refund(office, desk, invoice_id, 1)["credit_memo_number"]
    assert returned(office, order_id) == 999


def test_a_refund_above_the_limit_changes_nothing_until_somebody_else_agrees(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    version = office.order(order_id).version
    asked = refund(office, desk, invoice_id)
    assert (asked["status"], asked["code"], asked["events"]) == (
        "requested",
        "approval_required",
        ["ApprovalRequested"],
    )
    assert (asked["version"], office.order(order_id).version, returned(office, order_id)) == (version, version, 0)
    done = decide(office, desk, "approve", asked["approval_id"])
    assert done["status"] == "executed"
    assert done["credit_memo_number"]
    assert done["events"][0] == "ApprovalGranted"
    assert {"ItemsRefunded", "CreditMemoIssued", "ApprovalExecuted"} <= set(done["events"])
    assert returned(office, order_id) == 1998


def test_it_is_done_as_its_callers_own_because_of_who_approved_it(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    decide(office, desk, "approve", approval_id)
    rows = office.reader.read_partition(UUID(order_id)).events
    granted = next(row for row in rows if row.topic == "approval.granted")
    memo = next(row for row in rows if row.topic == "credit_memo.issued")
    executed = next(row for row in rows if row.topic == "approval.executed")
    assert (granted.actor_type, granted.actor_id) == ("admin", "ana")
    assert (memo.actor_type, memo.actor_id, memo.causation_id) == ("integrator", "shop", granted.command_id)
    assert executed.command_id == memo.command_id
    assert approval(office, approval_id).state.status == "executed"


def test_a_sum_is_not_brought_below_the_limit_by_splitting_it(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    assert "credit_memo_id" in refund(office, desk, invoice_id, 1)
    second = refund(office, desk, invoice_id, 1)
    assert second["code"] == "approval_required"
    asked = approval(office, second["approval_id"]).requested
    assert (asked.amount, asked.altogether, asked.currency) == (999, 1998, "EUR")
    assert returned(office, order_id) == 999


def test_the_ways_by_which_money_goes_back_share_the_limit(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    office.do("orders/capture-payment", order_id, amount=Decimal("9.00"), provider_reference="twice")
    assert "order_id" in office.do("orders/refund-payment", order_id, desk=desk, actor=SHOP, amount=Decimal("9.00"))
    assert refund(office, desk, invoice_id, 1)["code"] == "approval_required"


def test_who_corrects_an_invoice_first_does_not_get_past_it(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    office.do("invoices/correct", invoice_id, desk=desk, actor=SHOP)
    answer = office.do("orders/refund-payment", order_id, desk=desk, actor=SHOP, amount=Decimal("29.97"))
    assert answer["code"] == "approval_required"
    assert returned(office, order_id) == 0


def test_split_refunds_that_meet_do_not_get_past_it_either(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda n: office.do(
                    "invoices/refund", invoice_id, desk=desk, actor=SHOP, adjustment_refund=Decimal(f"4.{n:02}")
                ),
                range(8),
            )
        )
    assert returned(office, order_id) <= 1000
    assert sum("credit_memo_id" in answer for answer in answers) == 2


def test_nobody_approves_what_he_asked_for_himself(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id, actor=ANA)["approval_id"]
    assert code_of(lambda: decide(office, desk, "approve", approval_id, ANA)) == "own_approval"
    assert returned(office, order_id) == 0
    assert decide(office, desk, "approve", approval_id, BEN)["status"] == "executed"


@pytest.mark.parametrize(
    "actor", [SHOP, Actor("process", "approvals"), Actor("gateway", "stripe"), Actor(HISTORY, "ana")]
)
def test_programs_processes_and_bringers_of_history_do_not_approve(office: Office, desk: Desk, actor: Actor) -> None:
    _, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id, actor=BEN)["approval_id"]
    for verb in ("approve", "reject"):
        assert code_of(partial(decide, office, desk, verb, approval_id, actor)) == "forbidden"


def test_who_has_no_right_to_the_command_does_not_decide_about_it(office: Office) -> None:
    desk = office.desk(holding=RULES, rights={"invoices/refund": ("integrator",)})
    _, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    for verb in ("approve", "reject"):
        assert code_of(partial(decide, office, desk, verb, approval_id)) == "forbidden"


def test_what_was_rejected_or_withdrawn_is_over(office: Office, desk: Desk) -> None:
    for verb, actor, status in (("reject", ANA, "rejected"), ("withdraw", SHOP, "withdrawn")):
        order_id, invoice_id = paid(office)
        approval_id = refund(office, desk, invoice_id)["approval_id"]
        assert decide(office, desk, verb, approval_id, actor)["status"] == status
        assert code_of(partial(decide, office, desk, "approve", approval_id)) == "approval_not_open"
        assert returned(office, order_id) == 0


def test_only_who_asked_takes_it_back(office: Office, desk: Desk) -> None:
    _, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    assert code_of(lambda: decide(office, desk, "withdraw", approval_id, ANA)) == "not_own_approval"


def test_who_repeats_a_request_gets_its_first_answer(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    first = refund(office, desk, invoice_id, key="r-1")
    assert refund(office, desk, invoice_id, key="r-1") == first
    decide(office, desk, "approve", first["approval_id"], key="a-1")
    again = refund(office, desk, invoice_id, key="r-1")
    assert (again["approval_id"], again["status"]) == (first["approval_id"], "requested")
    assert returned(office, order_id) == 1998


def test_who_repeats_an_approval_gets_its_first_answer(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    first = decide(office, desk, "approve", approval_id, key="a-2")
    again = decide(office, desk, "approve", approval_id, key="a-2")
    assert again == first
    assert first["status"] == "executed"
    assert returned(office, order_id) == 1998


def test_the_same_is_not_asked_for_twice_at_once(office: Office, desk: Desk) -> None:
    _, invoice_id = paid(office)
    first = refund(office, desk, invoice_id)
    with pytest.raises(Refusal) as refused:
        refund(office, desk, invoice_id)
    assert refused.value.code == "approval_pending"
    assert refused.value.facts == {"approval_id": first["approval_id"]}
    decide(office, desk, "reject", first["approval_id"])
    assert refund(office, desk, invoice_id)["status"] == "requested"


def test_so_many_wait_for_one_order_and_no_more(office: Office, desk: Desk) -> None:
    _, invoice_id = paid(office)
    for cents in range(20):
        office.do("invoices/refund", invoice_id, desk=desk, actor=SHOP, adjustment_refund=Decimal(f"11.{cents:02}"))
    assert code_of(lambda: refund(office, desk, invoice_id)) == "too_many_approvals"


def test_of_many_who_approve_at_once_one_does_and_it_is_done_once(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    start = threading.Barrier(8)

    def approve(number: int) -> str:
        start.wait()
        try:
            return str(decide(office, desk, "approve", approval_id, Actor("admin", f"person-{number}"))["status"])
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(approve, range(8)))
    assert outcomes == ["approval_not_open"] * 7 + ["executed"]
    assert returned(office, order_id) == 1998


def test_an_order_that_went_on_refuses_and_that_is_what_is_recorded(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id, 3)["approval_id"]
    office.do("invoices/refund", invoice_id, lines=units(1))
    answer = decide(office, desk, "approve", approval_id, expected_version=office.order(order_id).version)
    assert (answer["status"], answer["code"]) == ("refused", "quantity_exceeds_invoiced")
    assert approval(office, approval_id).state.status == "refused"
    assert returned(office, order_id) == 999


def test_what_is_wrong_is_refused_at_once_and_waits_for_nobody(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    assert code_of(lambda: refund(office, desk, invoice_id, 4)) == "quantity_exceeds_invoiced"
    assert {row.aggregate for row in office.reader.read_partition(UUID(order_id)).events} == {"order", "invoice"}


class Killed(BaseException):
    """What stands for a crash: nothing that the program expects."""


def test_what_was_approved_is_done_after_a_crash_too(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]

    class DiesBetween(Desk):
        def carry_out(self, approval_id: UUID) -> None:
            raise Killed

    dying = DiesBetween(office.log, desk._outside)
    with pytest.raises(Killed):
        decide(office, dying, "approve", approval_id, key="a-3")
    assert (approval(office, approval_id).state.status, returned(office, order_id)) == ("approved", 0)
    process = office.approvals(desk)
    process.step()
    process.step()
    assert (approval(office, approval_id).state.status, returned(office, order_id)) == ("executed", 1998)
    assert decide(office, desk, "approve", approval_id, key="a-3")["status"] == "executed"
    assert returned(office, order_id) == 1998


def test_a_process_and_a_server_that_carry_out_at_once_do_it_once(office: Office, desk: Desk) -> None:
    class DiesBetween(Desk):
        def carry_out(self, approval_id: UUID) -> None:
            raise Killed

    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    with pytest.raises(Killed):
        decide(office, DiesBetween(office.log, desk._outside), "approve", approval_id)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: desk.carry_out(UUID(approval_id)), range(6)))
    assert returned(office, order_id) == 1998


def test_nobody_decides_what_is_overdue_and_it_expires_by_itself(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    process = office.approvals(desk)
    process.step()
    assert approval(office, approval_id).state.status == "requested"
    office.clock_runs_ahead = timedelta(hours=73)
    assert code_of(lambda: decide(office, desk, "approve", approval_id)) == "approval_not_open"
    process.step()
    assert (approval(office, approval_id).state.status, returned(office, order_id)) == ("expired", 0)
    assert not [claim for claim in office.log.claims("approval", "", 100) if approval_id in claim.key]


def test_accepting_a_review_is_worth_its_whole_order(office: Office, desk: Desk) -> None:
    order_id = office.place()
    office.do("orders/capture-payment", order_id, amount=Decimal("9.00"), provider_reference="p")
    office.do("orders/flag-payment", order_id)
    asked = office.do("orders/accept-payment", order_id, desk=desk, actor=SHOP)
    found = approval(office, asked["approval_id"]).requested
    assert (found.amount, found.currency) == (2997, "EUR")
    assert office.order(order_id).status == "Payment Review"
    assert decide(office, desk, "approve", asked["approval_id"])["order_status"] == "Processing"


def test_more_than_was_approved_is_never_done(office: Office) -> None:
    order_id, invoice_id = paid(office)
    snapshot = office.log.load_root(Order, UUID(order_id))
    memo = snapshot.work.new(CreditMemo, UUID(int=7))
    request = RefundRequest(adjustment_refund=Decimal("9.00"))
    invoice = snapshot.work.invoice(UUID(invoice_id))
    refunding.refund(snapshot.work.order, invoice, memo, request, office.now(), intent_id=UUID(int=8))
    asked = ApprovalRequested(command="invoices/refund", amount=900, altogether=900, currency="EUR")
    require_as_approved(snapshot.work, asked)
    for other in (replace(asked, amount=899), replace(asked, currency="USD")):
        assert code_of(partial(require_as_approved, snapshot.work, other)) == "exceeds_approved"


def test_history_above_a_limit_is_refused_not_held_up(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    assert code_of(lambda: refund(office, desk, invoice_id, actor=Actor(HISTORY, "ana"))) == "approval_required"
    assert returned(office, order_id) == 0


def test_what_a_gateway_or_a_process_does_is_never_held_up(office: Office, desk: Desk) -> None:
    order_id, _ = paid(office)
    office.do("orders/capture-payment", order_id, amount=Decimal("50.00"), provider_reference="more")
    report = {"amount": Decimal("50.00"), "provider_reference": "back"}
    answer = office.do("orders/refund-payment", order_id, desk=desk, actor=Actor("gateway", "stripe"), **report)
    assert answer["events"]
    assert "approval_id" not in answer


def test_nothing_waits_where_nothing_is_configured(office: Office) -> None:
    order_id, invoice_id = paid(office)
    assert "credit_memo_id" in refund(office, office.desk(), invoice_id, 3)
    assert returned(office, order_id) == 2997


def test_what_waits_is_decided_after_the_rule_is_gone_too(office: Office, desk: Desk) -> None:
    order_id, invoice_id = paid(office)
    approval_id = refund(office, desk, invoice_id)["approval_id"]
    assert decide(office, office.desk(), "approve", approval_id)["status"] == "executed"
    assert returned(office, order_id) == 1998


def test_a_limit_for_all_other_currencies_and_none_at_all(office: Office) -> None:
    assert Limits({"EUR": Decimal(10)}).exceeded(1, "USD")
    assert not Limits({"EUR": Decimal(10)}, Decimal(5)).exceeded(500, "USD")
    assert Limits({"EUR": Decimal(10)}, Decimal(5)).exceeded(6, "JPY")
    assert not Limits({"EUR": Decimal(10)}).exceeded(1000, "EUR")


def test_a_refund_that_a_gateway_declined_does_not_count(office: Office) -> None:
    asked = PaymentRefundRequested(intent_id=UUID(int=1), amount=500, currency="EUR")
    assert given_back([asked], "EUR") == {"EUR": 500}
    assert given_back([asked, PaymentFailed(intent_id=UUID(int=1))], "EUR") == {"EUR": 0}
    assert given_back([asked, PaymentFailed(provider_reference="x")], "EUR") == {"EUR": 500}


def test_an_erasure_waits_and_is_done_by_a_second_person(office: Office, desk: Desk) -> None:
    order_id = office.place(customer={"id": "c-erased-1", "name": "Zebulon Quast"})
    office.do("orders/cancel", order_id)
    body = {"reason": "asked by letter", "waive_retention": True}
    command = replace(_erasure(body), customer_id="c-erased-1")
    asked = desk.execute(command)
    assert (asked["code"], asked["status"], asked["version"]) == ("approval_required", "requested", 0)
    assert office.log.load_approval(UUID(asked["approval_id"])).work.root.NAME == "customer"


def _erasure(body: dict[str, Any]) -> Command:
    return Command(
        name="customers/erase",
        target=None,
        body=value_of("customers/erase", body),
        cause=Cause(actor=BEN, correlation_id=new_id(), reason=body["reason"]),
    )


def test_what_can_be_held_is_a_command() -> None:
    assert set(COMMANDS) >= HOLDABLE


def test_what_changed_since_it_was_asked_for_is_approved_by_who_saw_that(office: Office, desk: Desk) -> None:
    order_id = office.place(payment={"method": "bank_transfer"})
    asked = office.do("orders/cancel", order_id, desk=desk, actor=SHOP)
    seen = office.order(order_id).version
    office.do("orders/hold", order_id)
    now = office.order(order_id).version
    assert code_of(lambda: decide(office, desk, "approve", asked["approval_id"])) == "approval_outdated"
    assert code_of(lambda: decide(office, desk, "approve", asked["approval_id"], expected_version=seen)) == (
        "version_mismatch"
    )
    assert approval(office, asked["approval_id"]).state.status == "requested"
    office.do("orders/release", order_id)
    now = office.order(order_id).version
    done = decide(office, desk, "approve", asked["approval_id"], expected_version=now)
    assert (done["status"], office.order(order_id).status) == ("executed", Status.CANCELED)


def test_what_changes_between_approving_and_doing_is_not_done(office: Office, desk: Desk) -> None:
    class DyingDesk(Desk):
        def carry_out(self, approval_id: UUID) -> None:
            raise ConnectionError(approval_id)

    order_id = office.place(payment={"method": "bank_transfer"})
    dying = DyingDesk(office.log, desk._outside)
    asked = office.do("orders/cancel", order_id, desk=dying, actor=SHOP)
    assert decide(office, dying, "approve", asked["approval_id"])["status"] == "approved"
    office.do("orders/hold", order_id)
    office.do("orders/release", order_id)
    desk.carry_out(UUID(asked["approval_id"]))
    found = approval(office, asked["approval_id"])
    assert found.state.refused is not None
    assert (found.state.refused.code, office.order(order_id).status) == ("approval_outdated", Status.PENDING)


def test_a_request_that_its_command_no_longer_understands_is_refused_and_waits_no_more() -> None:
    for name in ("orders/cancel", "orders/gone-with-an-upgrade"):
        assert code_of(lambda name=name: typed_body(name, {"lines": 17})) == "approval_unreadable"
