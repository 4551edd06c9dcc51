"""Following the log: nothing is lost and nothing counted twice, whoever crashes and whoever joins."""

import random
from decimal import Decimal
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import psycopg
import pytest

from projections.engine import slices
from projections.engine.connecting import connect
from projections.engine.follower import Follower
from projections.engine.positions import Behind, wait_for
from tests.projections.shop import Shop, catch_up, following, scalar, start_again, table
from tests.support.orders import ADDRESS, line, packed
from tests.support.postgres import Database

COUNTED = (
    "SELECT sum(n::int) FROM read.positions, jsonb_each_text(counts) c (status, n) WHERE projection = 'orders_grid'"
)


def trade(shop: Shop, orders: int = 40, seed: int = 1) -> None:
    """A day in the shop: orders in all states, their events interleaved."""
    chance = random.Random(seed)
    for _ in range(orders):
        shop.place(line(quantity=2), method=chance.choice(["cash_on_delivery", "purchase_order"]))
    for _ in range(2 * orders):
        order = chance.choice(shop.orders)
        allowed = shop.queries.order_detail(order) or {}
        open_to = set(allowed["allowed_commands"])
        wanted = chance.choice(["invoices", "shipments", "hold", "release", "cancel", "comment"])
        if wanted in open_to:
            do(shop, order, wanted)


def do(shop: Shop, order: UUID, command: str) -> None:
    match command:
        case "invoices":
            shop.do("orders/invoices", order, lines="all_remaining")
        case "shipments":
            shop.do("orders/shipments", order, **packed(("1", 2)))
        case "comment":
            shop.do("orders/comment", order, text="hello", visible=True)
        case _:
            shop.do(f"orders/{command}", order)


@pytest.mark.parametrize("name", ["orders_grid", "tracking"])
def test_rebuilt_is_incremental(shop: Shop, name: str) -> None:
    with following(shop.database, name, events_max=7) as follower:
        for seed in range(3):
            trade(shop, 15, seed)
            catch_up(follower)
        step_by_step = table(shop.database, name)
        counts = scalar(follower._connection, COUNTED)
    start_again(shop.database, name)
    with following(shop.database, name) as follower:
        assert catch_up(follower) == shop.events()
        assert table(shop.database, name) == step_by_step
        assert scalar(follower._connection, COUNTED) == counts
    assert len(step_by_step) == len(shop.orders)


def test_what_lasts_of_a_row_is_made_anew_when_it_changes(shop: Shop) -> None:
    """A worker that remembers the order shows the same as one that folds it from its first event."""
    order = shop.place(line(quantity=2))
    changes: list[tuple[str, dict[str, Any]]] = [
        ("amend", {"lines": [line(quantity=3), line(quantity=1, line_id="2")]}),
        ("change-address", {"billing_address": ADDRESS | {"name": "Zoë Müller", "city": "Köln"}}),
        ("change-address", {"shipping_address": ADDRESS | {"street": ["Hauptstraße 12"]}}),
        ("capture-payment", {"amount": Decimal(1), "provider_reference": "p-1"}),
    ]
    with following(shop.database, "orders_grid") as follower:
        catch_up(follower)
        shown = table(shop.database, "orders_grid")
        for name, body in changes:
            shop.do(f"orders/{name}", order, **body)
            catch_up(follower)
            before, shown = shown, table(shop.database, "orders_grid")
            assert shown != before
    start_again(shop.database, "orders_grid")
    with following(shop.database, "orders_grid") as follower:
        catch_up(follower)
    assert table(shop.database, "orders_grid") == shown


def test_a_batch_holds_as_many_events_as_weigh_what_it_may(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.follower.EVENTS_AT_FIRST", 2)
    monkeypatch.setattr("projections.engine.follower.BYTES_MAX", 5_000)
    for _ in range(30):
        shop.place(line(quantity=2))
    rows = shop.reader.read_after(0, 100)
    each = sum(len(row.payload) + len(row.sealed or b"") for row in rows) // len(rows)
    with following(shop.database, "orders_grid") as follower:
        steps = [follower.step().events for _ in range(3)]
        assert steps[0] == 2
        assert all(abs(events - 5_000 // each) <= 1 for events in steps[1:])
        assert sum(steps) + catch_up(follower) == len(rows)


def test_what_was_forgotten_is_folded_again_from_the_log(shop: Shop) -> None:
    trade(shop, 10)
    with following(shop.database, "orders_grid", events_max=3) as follower:
        while True:
            step = follower.step()
            follower._folder.memory.clear()
            if not step.more:
                break
    forgetful = table(shop.database, "orders_grid")
    start_again(shop.database, "orders_grid")
    shop.follow()
    assert table(shop.database, "orders_grid") == forgetful


def test_a_batch_that_fails_has_not_happened(shop: Shop) -> None:
    trade(shop, 10)
    with following(shop.database, "orders_grid", events_max=10) as follower:
        follower.step()
        before = table(shop.database, "orders_grid")
        with pytest.raises(psycopg.OperationalError):
            crash_before_commit(shop.database, follower)
    assert table(shop.database, "orders_grid") == before
    shop.follow()
    assert len(table(shop.database, "orders_grid")) == 10


def crash_before_commit(database: Database, follower: Follower) -> None:
    """The connection is lost when rows are written and the position is not."""
    victim = follower._connection
    pid = victim.info.backend_pid
    with victim.transaction():
        follower._step(slices.SLICES)
        with psycopg.connect(database.projector_url, options="", autocommit=True) as assassin:
            assassin.execute("SELECT pg_terminate_backend(%s)", [pid])
        victim.execute("SELECT 1")


def test_an_idle_slice_advances_with_the_others(shop: Shop) -> None:
    shop.place()
    shop.follow()
    with connect(shop.database.projector_url) as connection:
        positions = {row[0] for row in connection.execute("SELECT position FROM read.positions").fetchall()}
    assert positions == {shop.events()}


def test_two_workers_share_the_slices(shop: Shop) -> None:
    trade(shop, 20)
    with (
        following(shop.database, "orders_grid") as one,
        following(shop.database, "orders_grid") as other,
        one._connection.transaction(),
    ):
        held = one._step(share=8).held
        step = other.step(share=16)
        assert (held, step.held) == (8, 8)
        assert other.step().events == 0
    assert len(table(shop.database, "orders_grid")) == 20


def test_a_worker_that_dies_frees_its_slices_at_once(shop: Shop) -> None:
    trade(shop, 5)
    with following(shop.database, "orders_grid") as survivor:
        victim = connect(shop.database.projector_url)
        victim.execute("BEGIN")
        assert len(slices.take(victim, "orders_grid", 16)) == 16
        assert survivor.step().held == 0
        victim.close()
        deadline = monotonic() + 1
        while not survivor.step().held and monotonic() < deadline:
            sleep(0.01)
    assert len(table(shop.database, "orders_grid")) == 5


def test_workers_know_how_many_they_are(shop: Shop) -> None:
    with connect(shop.database.projector_url) as one, connect(shop.database.projector_url) as other:
        slices.join(one, "orders_grid")
        assert slices.fair_share(one, "orders_grid") == 16
        slices.join(other, "orders_grid")
        slices.join(other, "tracking")
        assert slices.fair_share(one, "orders_grid") == 8
        assert slices.fair_share(one, "tracking") == 16


def test_memory_of_a_slice_that_another_worker_moved_is_not_trusted(shop: Shop) -> None:
    order = shop.place(method="cash_on_delivery")
    with following(shop.database, "orders_grid") as one, following(shop.database, "orders_grid") as other:
        catch_up(one)
        shop.do("orders/hold", order)
        catch_up(other)
        shop.do("orders/release", order)
        catch_up(one)
    (row,) = table(shop.database, "orders_grid").values()
    assert "Pending" in row


def test_reading_ones_own_write(shop: Shop) -> None:
    shop.place()
    with connect(shop.database.projector_url) as connection, following(shop.database, "orders_grid") as follower:
        with pytest.raises(Behind) as behind:
            wait_for(connection, "orders_grid", shop.events(), timeout_seconds=0.05)
        assert behind.value.position == 0
        catch_up(follower)
        assert wait_for(connection, "orders_grid", shop.events()) == shop.events()


def test_the_slices_in_sql_are_those_in_python(shop: Shop) -> None:
    with connect(shop.database.projector_url) as connection:
        for number in (0, 1, 15, 16, 255, 2**128 - 1, 0x1234_5678_9ABC_DEF0_1234_5678_9ABC_DEF7):
            partition_id = UUID(int=number)
            assert scalar(connection, "SELECT read.slice_of(%s)", partition_id) == slices.slice_of(partition_id)
