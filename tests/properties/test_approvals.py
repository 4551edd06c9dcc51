"""Whatever people, programs and the worker do in whatever order: above the limit nothing goes back but by two.

What is looked at is the log alone: each event by which money goes back, with the command that recorded it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from application.command import Actor
from application.desk import Desk
from application.holding import HoldingRules, Limits, given_back
from application.unit_of_work import EVENT_CLASSES
from domain.approval import ApprovalExecuted, ApprovalGranted, ApprovalRequested
from domain.refusals import Refusal
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.records import RecordedEvent
from tests.application.conftest import Office, open_office
from tests.support.postgres import Database

LIMIT = 1200
RULES = HoldingRules(always=frozenset({"orders/cancel"}), refunds_above=Limits({"EUR": Decimal("12.00")}))
WHO = (Actor("admin", "ana"), Actor("admin", "ben"), Actor("integrator", "shop"), Actor("import", "ana"))
STEPS = 40


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    with open_office(database.app_url, tmp_path / "gateway.json") as office:
        yield office


class DeafDesk(Desk):
    """A desk that dies between an approval and what follows, as often as not."""

    chance = Random(0)

    def carry_out(self, approval_id: UUID) -> None:
        if self.chance.random() < 0.5:
            raise ConnectionError
        super().carry_out(approval_id)


def random_step(random: Random, office: Office, desk: Desk, order_id: str, invoices: list[str]) -> None:
    """Something that somebody does, allowed or not."""
    who, amount = random.choice(WHO), Decimal(random.randrange(1, 1500)).scaleb(-2)
    waiting = [row.stream_id for row in approvals_of(office, order_id) if row.topic == ApprovalRequested.TOPIC]
    match random.randrange(8):
        case 0 | 1:
            office.do(
                "invoices/refund", random.choice(invoices), desk=desk, actor=who, adjustment_refund=amount,
                mode=random.choice(["offline", "offline", "online"]),
            )  # fmt: skip
        case 2:
            office.do("orders/refund-payment", order_id, desk=desk, actor=who, amount=amount)
        case 3:
            office.do("invoices/correct", random.choice(invoices), desk=desk, actor=who)
            issued = office.do("orders/invoices", order_id, desk=desk, actor=who, lines="all_remaining")
            invoices.append(str(issued["invoice_id"]))
        case 4 | 5 if waiting:
            verb = random.choice(["approve", "approve", "approve", "reject", "withdraw"])
            seen = office.order(order_id).version if random.random() < 0.9 else None
            office.do(f"approvals/{verb}", random.choice(waiting), desk=desk, actor=who, expected_version=seen)
        case 6:
            office.do("orders/capture-payment", order_id, desk=desk, amount=amount, provider_reference=str(amount))
        case 7:
            office.approvals(office.desk(holding=RULES)).step()


def approvals_of(office: Office, order_id: str) -> list[RecordedEvent]:
    return [row for row in office.reader.read_partition(UUID(order_id)).events if row.aggregate == "approval"]


@pytest.mark.parametrize("seed", range(6))
def test_above_the_limit_nothing_goes_back_but_by_two(office: Office, seed: int) -> None:
    random = Random(f"approvals-{seed}")
    desk = DeafDesk(office.log, office.desk(holding=RULES)._outside)
    order_id = office.place(lines=[{"line_id": "1", "sku": "A", "quantity": 9, "unit_price": Decimal("9.99")}])
    invoices = [str(office.do("orders/invoices", order_id, lines="all_remaining")["invoice_id"])]
    for _ in range(STEPS):
        try:
            random_step(random, office, desk, order_id, invoices)
        except Refusal:
            continue
        if random.random() < 0.05:
            office.clock_runs_ahead += timedelta(hours=30)
    held, alone = judged(office, order_id)
    assert alone == []
    if seed == 4:
        assert held > 0, "this seed is to see something approved"


def judged(office: Office, order_id: str) -> tuple[int, list[UUID]]:
    """How many commands above the limit were done by two, and those that were not."""
    partition = office.reader.read_partition(UUID(order_id))
    codec, cipher = Codec(EVENT_CLASSES), Keyring(bytes(range(32))).cipher(UUID(order_id), partition.data_key)
    events = [(row, codec.decode(row, cipher)) for row in partition.events]
    asked = {row.stream_id: event for row, event in events if isinstance(event, ApprovalRequested)}
    granted = {row.stream_id: event for row, event in events if isinstance(event, ApprovalGranted)}
    by_two = {}
    for row, event in events:
        if isinstance(event, ApprovalExecuted):
            request, grant = asked[row.stream_id], granted[row.stream_id]
            assert row.command_id not in by_two
            assert (row.actor_id, event.approved_by) == (request.requested_by, grant.decided_by)
            by_two[row.command_id] = grant.decided_by != request.requested_by and grant.role == "admin"
    assert len({row.stream_id for row, event in events if isinstance(event, ApprovalExecuted)}) == len(by_two)
    held, alone = 0, []
    commands = list(dict.fromkeys(row.command_id for row, _ in events))
    so_far = []
    for command_id in commands:
        own = [event for row, event in events if row.command_id == command_id]
        so_far += own
        if given_back(own, "EUR").get("EUR", 0) > 0 and given_back(so_far, "EUR")["EUR"] > LIMIT:
            held += 1
            if not by_two.get(command_id):
                alone.append(command_id)
    return held, alone
