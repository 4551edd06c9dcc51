"""The past as it was answered: 200 random lives, details and grid recorded on the way and asked again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest

from projections.audit.trail import LogTrail
from projections.order_history.actors import Actors
from projections.orders.past import PastOrders
from projections.orders.points import Point
from projections.orders.queries import read_pool
from projections.orders.telling import OrderTeller
from projections.orders_grid.parameters import parse_grid_query
from projections.orders_grid.past import PastGrid, SortedRuns
from tests.projections.shop import CODEC, KEYRING, Shop, following
from tests.projections.shop import catch_up as take_in
from tests.projections.test_past import Life, live, plain
from tests.support.orders import line

ORDERS = 200
QUESTIONS: tuple[dict[str, list[str]], ...] = (
    {},
    {"sort": ["purchased_at"], "status": ["Processing", "Pending"]},
    {"sort": ["-grand_total"], "grand_total_min": ["10"]},
    {"sort": ["bill_to_name"], "q": ["Ana"]},
    {"sort": ["-order_number"], "store": ["main"]},
    {"sort": ["status"], "payment_status": ["paid", "none"]},
    {"sort": ["updated_at"], "total_paid_min": ["0.01"]},
    {"sort": ["-total_due"], "billing_address": ["Town"]},
)


@dataclass
class Recorded:
    """What was answered: by position the grid's items for each question, and the lives with their details."""

    lives: list[Life]
    grids: dict[int, list[list[Any]]] = field(default_factory=dict)


def grid_now(shop: Shop, question: dict[str, list[str]]) -> tuple[int, list[Any]]:
    items: list[Any] = []
    asked = {**question, "limit": ["200"]}
    while True:
        page = shop.queries.grid_page(parse_grid_query(asked))
        items += msgspec.json.decode(b"[" + page.items + b"]")
        if page.next is None:
            return page.position, items
        asked["cursor"] = [page.next.token()]


@pytest.fixture(scope="module")
def recorded(busy_shop: Shop) -> Recorded:
    random = Random(20261127)
    found = Recorded([])
    with following(busy_shop.database, "orders_grid") as follower:
        for number in range(ORDERS):
            method = random.choice(("bank_transfer", "cash_on_delivery", "purchase_order"))
            life = Life(busy_shop.place(line("1", random.randint(2, 6), "5.00"), method=method))
            found.lives.append(life)
            live(busy_shop, life, random, 2)
            live(busy_shop, random.choice(found.lives), random, 2)
            if number % 40 == 39:
                take_in(follower)
                answers = [grid_now(busy_shop, question) for question in QUESTIONS]
                found.grids[answers[0][0]] = [items for _, items in answers]
    assert sum(len(life.answers) for life in found.lives) > ORDERS
    return found


@pytest.fixture(scope="module")
def grid(busy_shop: Shop) -> Iterator[PastGrid]:
    with read_pool(busy_shop.database.app_url, max_size=1) as pool:
        yield PastGrid(pool, CODEC, KEYRING)


def test_as_of_any_moment_each_order_is_what_was_answered_then(busy_shop: Shop, recorded: Recorded) -> None:
    with read_pool(busy_shop.database.app_url, max_size=1) as pool:
        actors = Actors(pool)
        trail = LogTrail(busy_shop.reader, CODEC, KEYRING, actors)
        past = PastOrders(busy_shop.reader, OrderTeller(CODEC, KEYRING, actors), trail.listed)
        for life in recorded.lives:
            for moment, answered in life.answers:
                assert plain(past.order_at(life.order, Point(moment=moment))) == answered


def test_the_grid_of_a_past_position_is_what_was_answered_then(grid: PastGrid, recorded: Recorded) -> None:
    assert len(recorded.grids) == ORDERS / 40
    for position, answers in recorded.grids.items():
        for question, answered in zip(QUESTIONS, answers, strict=True):
            with grid.rows(parse_grid_query(question), position) as rows:
                assert [msgspec.json.decode(item) for item in rows.items()] == answered, question
                assert (rows.count, rows.failed) == (len(answered), 0)


def test_a_limit_takes_the_first(grid: PastGrid, recorded: Recorded) -> None:
    position, answers = max(recorded.grids.items())
    with grid.rows(parse_grid_query({}), position, 7) as rows:
        assert [msgspec.json.decode(item) for item in rows.items()] == answers[0][:7]


@pytest.mark.parametrize("descending", [True, False])
def test_any_number_of_rows_is_sorted_in_runs(descending: bool) -> None:
    random = Random(3)
    entries = [
        ((Decimal(random.choice(["-Infinity", "1.50", "2", "10"])), UUID(int=random.getrandbits(128))), f"ä{number}")
        for number in range(5_000)
    ]
    runs = SortedRuns([Decimal, UUID], descending=descending, run_bytes=700)
    for key, text in entries:
        runs.add(key, text)
    expected = [text.encode() for _, text in sorted(entries, reverse=descending)]
    assert list(runs.read()) == expected
    runs.close()
