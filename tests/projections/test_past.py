"""The past of an order: as of a moment it is what was answered then, and its changes lead from one point to another."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import jsonpatch
import msgspec
import pytest

from domain.refusals import Refusal
from projections.audit.trail import LogTrail
from projections.order_history.actors import Actors
from projections.orders.past import PastOrders
from projections.orders.points import NoSuchPointError, Point
from projections.orders.queries import read_pool
from projections.orders.telling import OrderTeller
from tests.projections.shop import CODEC, KEYRING, START, Shop
from tests.support.orders import ADDRESS, line, packed


@pytest.fixture(scope="module")
def past(busy_shop: Shop) -> Iterator[PastOrders]:
    with read_pool(busy_shop.database.app_url, max_size=1) as pool:
        actors = Actors(pool)
        trail = LogTrail(busy_shop.reader, CODEC, KEYRING, actors)
        yield PastOrders(busy_shop.reader, OrderTeller(CODEC, KEYRING, actors), trail.listed)


AMOUNTS = (Decimal(10), Decimal(5), Decimal(1))


def plain(shown: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(shown))


@dataclass
class Life:
    """One order and what was answered about it, by the moment of the answer."""

    order: UUID
    answers: list[tuple[datetime, Any]] = field(default_factory=list)
    documents: dict[str, list[UUID]] = field(default_factory=lambda: {"invoice": [], "shipment": []})


def steps(shop: Shop, life: Life, random: Random) -> dict[str, Any]:
    """What can be tried with an order; much of it is refused."""
    backdated = START + timedelta(seconds=shop.commands - random.randint(0, 40))
    some: dict[str, Any] = {"lines": [{"line_id": "1", "quantity": random.randint(1, 2)}]}
    invoice = random.choice(life.documents["invoice"] or [life.order])
    shipment = random.choice(life.documents["shipment"] or [life.order])
    return {
        "orders/capture-payment": {"provider_reference": f"p{random.random()}", "amount": random.choice(AMOUNTS)},
        "orders/invoices": random.choice([{"lines": "all_remaining"}, some]),
        "orders/shipments": packed(("1", 1), package={"tracking_number": "1Z1"}),
        "orders/cancel": some,
        "orders/hold": {"reason": "Ask Ana"},
        "orders/release": {},
        "orders/comment": {"text": "Called", "visible": False},
        "orders/amend": {"lines": [line("1", random.randint(1, 9), "1.00")], "note": "new"},
        "orders/change-address": {"billing_address": ADDRESS | {"city": f"Town {random.randint(0, 9)}"}},
        "invoices/capture": {"target": invoice},
        "invoices/cancel": {"target": invoice},
        "invoices/refund": {"target": invoice, "lines": [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]},
        "shipments/cancel": {"target": shipment},
        "shipments/tracking-events": {
            "target": shipment,
            "carrier": "ups",
            "tracking_number": "1Z1",
            "status": "in_transit",
            "occurred_at": backdated,
        },
    }


def live(shop: Shop, life: Life, random: Random, length: int) -> None:
    for _ in range(length):
        known = steps(shop, life, random)
        name = random.choice([*known, "orders/capture-payment", "orders/shipments", "orders/invoices"])
        body = dict(known[name])
        if random.random() < 0.3 and "occurred_at" not in body:
            body["occurred_at"] = START + timedelta(seconds=max(0, shop.commands - random.randint(0, 40)))
        try:
            answer = shop.do(name, body.pop("target", life.order), **body)
        except Refusal:
            continue
        for kind, ids in life.documents.items():
            ids.extend([UUID(answer[f"{kind}_id"])] if f"{kind}_id" in answer else [])
        # The moment of the last event stands in the answer itself: no clock of ours is compared with the database's.
        shown = plain(shop.queries.order_detail(life.order, reasons=True))
        life.answers.append((datetime.fromisoformat(shown["updated_at"]), shown))


@pytest.fixture(scope="module")
def lives(busy_shop: Shop) -> list[Life]:
    """Random lives, one after another and among each other."""
    random = Random(20261126)
    lives = []
    for method in ("bank_transfer", "cash_on_delivery", "purchase_order") * 3:
        order = busy_shop.place(line("1", random.randint(2, 6), "5.00"), method=method)
        lives.append(Life(order))
    for _ in range(8):
        for life in lives:
            live(busy_shop, life, random, 3)
    assert sum(len(life.answers) for life in lives) > 80
    assert all(any(life.documents[kind] for life in lives) for kind in ("invoice", "shipment"))
    return lives


def test_as_of_a_moment_an_order_is_what_was_answered_then(past: PastOrders, lives: list[Life]) -> None:
    for life in lives:
        for moment, answered in life.answers:
            assert plain(past.order_at(life.order, Point(moment=moment))) == answered


def test_a_version_is_what_was_answered_last_at_it(past: PastOrders, lives: list[Life]) -> None:
    for life in lives:
        by_version = {answered["version"]: answered for _, answered in life.answers}
        for version, answered in by_version.items():
            shown = plain(past.order_at(life.order, Point(version=version)))
            assert {**shown, "position": 0} == {**answered, "position": 0}


def test_the_changes_between_two_points_lead_from_one_to_the_other(past: PastOrders, lives: list[Life]) -> None:
    random = Random(7)
    for life in lives:
        (since, first), (until, last) = sorted(random.sample(life.answers, 2), key=lambda each: each[0])
        found = past.changes(life.order, Point(moment=since), Point(moment=until))
        assert found is not None
        state = compared(first)
        for change in found["changes"]:
            state = jsonpatch.apply_patch(state, change["operations"])
            assert since < datetime.fromisoformat(change["event"]["recorded_at"]) <= until
        assert state == compared(last)


def compared(answer: Any) -> Any:
    """An answer without what only tells where and by which events."""
    return {name: value for name, value in answer.items() if name not in {"position", "timeline", "timeline_before"}}


def test_by_what_had_happened_every_moment_can_be_shown(past: PastOrders, lives: list[Life]) -> None:
    for life in lives:
        last = plain(past.order_at(life.order, Point(moment=datetime.now(UTC), occurred=True)))
        assert compared(last) == compared(life.answers[-1][1])
        for entry in last["timeline"]:
            moment = max(datetime.fromisoformat(entry["occurred_at"]), datetime.fromisoformat(last["purchased_at"]))
            shown = past.order_at(life.order, Point(moment=moment, occurred=True))
            assert shown is not None
            assert shown["version"] <= last["version"]


def test_money_that_was_reported_late_was_there_before(busy_shop: Shop, past: PastOrders) -> None:
    order = busy_shop.place(line("1", 1, "5.00"))
    placed = START + timedelta(seconds=busy_shop.commands)
    busy_shop.do("orders/comment", order, text="Where is the money?", visible=False)
    known = plain(busy_shop.queries.order_detail(order))
    paid = placed + timedelta(milliseconds=100)
    busy_shop.do("orders/capture-payment", order, amount=Decimal(5), provider_reference="late", occurred_at=paid)
    then = datetime.fromisoformat(known["updated_at"])
    as_known = past.order_at(order, Point(moment=then))
    as_happened = past.order_at(order, Point(moment=paid, occurred=True))
    assert as_known is not None
    assert as_happened is not None
    assert (as_known["payment_status"], as_happened["payment_status"]) == ("none", "paid")
    assert as_happened["comments"] == []


def test_before_it_was_placed_and_beyond_its_versions_there_is_no_order(busy_shop: Shop, past: PastOrders) -> None:
    order = busy_shop.place()
    for point in (Point(moment=START - timedelta(days=400)), Point(version=2)):
        with pytest.raises(NoSuchPointError):
            past.order_at(order, point)
    assert past.order_at(UUID(int=5), Point(version=1)) is None
