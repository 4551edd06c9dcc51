"""Rebuilding beside the running read model, going back, and verifying against the log."""

import threading
from collections.abc import Iterable
from itertools import pairwise
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from psycopg import sql

from domain.events import Event
from domain.order_events import OrderPlaced
from eventstore.codec import Codec
from eventstore.personal_data import Cipher, Keyring
from projections.catalogue import READ_MODELS, read_model
from projections.engine import decoder, editions
from projections.engine.connecting import connect
from projections.engine.lag import lags
from projections.engine.parking import parked
from projections.engine.rebuild import Progress, RebuildError, Rebuilt, rebuild, rollback, verify
from projections.engine.refold import stretches_of
from projections.engine.runner import run_projections
from projections.engine.shapes import Shape
from projections.orders_grid.query import GridQuery
from tests.projections.shop import CODEC, KEYRING, Shop, catch_up, following, table
from tests.support.orders import line, order_body


def parts() -> tuple[Codec, Keyring]:
    return CODEC, KEYRING


def rebuilt(shop: Shop, name: str = "orders_grid", **options: Any) -> Rebuilt:
    return rebuild(shop.database.projector_url, parts, read_model, name, **options)


def trade(shop: Shop, orders: int) -> None:
    for number in range(orders):
        order = shop.place(line(quantity=1 + number % 3), method="cash_on_delivery")
        if number % 3 == 0:
            shop.do("orders/hold", order)


def execute(shop: Shop, statement: str) -> None:
    with psycopg.connect(shop.database.projector_url, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize("name", ["orders_grid", "tracking", "documents"])
def test_a_rebuild_makes_the_same_rows(shop: Shop, name: str) -> None:
    trade(shop, 9)
    shop.follow()
    before = table(shop.database, name)
    result = rebuilt(shop, name)
    assert table(shop.database, name) == before
    assert (result.before, result.swapped, result.first_differences) == (result.after, True, [])
    assert result.events == shop.events()


def test_a_rebuilt_read_model_has_its_indexes_its_counts_and_its_readers(shop: Shop) -> None:
    trade(shop, 6)
    shop.follow()
    names = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'read' AND tablename = 'orders_grid' ORDER BY 1"
    )
    with connect(shop.database.projector_url) as connection:
        before = connection.execute(names).fetchall()
        options = connection.execute("SELECT reloptions FROM pg_class WHERE relname = 'orders_grid'").fetchone()
        rebuilt(shop)
        rebuilt(shop)
        assert connection.execute(names).fetchall() == before
        assert connection.execute("SELECT reloptions FROM pg_class WHERE relname = 'orders_grid'").fetchone() == options
    assert shop.queries.status_counts() == {"On Hold": 2, "Pending": 4}
    trade(shop, 1)
    shop.follow()
    assert shop.queries.status_counts() == {"On Hold": 3, "Pending": 4}


def test_a_rebuild_mends_what_was_wrong_and_says_what_it_was(shop: Shop) -> None:
    trade(shop, 5)
    shop.follow()
    execute(shop, "UPDATE read.orders_grid SET currency = 'USD' WHERE order_number = '000000002'")
    execute(shop, "DELETE FROM read.orders_grid WHERE order_number = '000000004'")
    result = rebuilt(shop)
    told = {each.key: each.columns for each in result.first_differences}
    assert told[str(shop.orders[1])] == {"currency": ("USD", "EUR")}
    assert told[str(shop.orders[3])]["order_number"] == (None, "000000004")
    assert (result.before.rows, result.after.rows) == (4, 5)
    assert rebuilt(shop).first_differences == []


def test_a_rollback_brings_the_old_edition_back_up_to_date(shop: Shop) -> None:
    trade(shop, 4)
    shop.follow()
    execute(shop, "UPDATE read.orders_grid SET store = 'old edition'")
    rebuilt(shop)
    trade(shop, 3)
    shop.follow()
    rollback(shop.database.projector_url, parts, read_model("orders_grid"))
    rows = table(shop.database, "orders_grid")
    assert len(rows) == 7
    assert sum("old edition" in row for row in rows.values()) == 4
    rollback(shop.database.projector_url, parts, read_model("orders_grid"))
    assert not any("old edition" in row for row in table(shop.database, "orders_grid").values())


def test_there_is_no_rollback_before_a_rebuild(shop: Shop) -> None:
    with pytest.raises(RebuildError, match="no earlier edition"):
        rollback(shop.database.projector_url, parts, read_model("orders_grid"))


def test_a_rebuild_that_is_not_accepted_leaves_everything_as_it_was(shop: Shop) -> None:
    trade(shop, 3)
    shop.follow()
    result = rebuilt(shop, accept=lambda *_: False)
    assert not result.swapped
    with connect(shop.database.projector_url) as connection:
        assert not editions.exists(connection, "orders_grid_next")
        assert {name for (name,) in connection.execute("SELECT projection FROM read.positions").fetchall()} == {
            "orders_grid",
            "tracking",
            "documents",
            "approvals",
        }


def test_indexes_that_cannot_be_built_end_the_rebuild(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for one of the connections is not left waiting."""

    def wrong(*_: Any) -> list[list[sql.Composed]]:
        return [[sql.SQL("CREATE INDEX ON read.nowhere (nothing)").format()] for _ in range(8)]

    trade(shop, 1)
    with monkeypatch.context() as patched:
        patched.setattr("projections.engine.editions.index_statements", wrong)
        with pytest.raises(psycopg.errors.UndefinedTable):
            rebuilt(shop)
    assert rebuilt(shop).swapped


def test_only_one_rebuild_at_a_time(shop: Shop) -> None:
    def another(_: Progress) -> None:
        with pytest.raises(RebuildError, match="Another rebuild"):
            rebuilt(shop)

    trade(shop, 1)
    assert rebuilt(shop, watch=another).rows == 1


def test_a_swap_waits_for_a_vacuum_without_keeping_readers_waiting(shop: Shop) -> None:
    """ANALYZE, VACUUM and CREATE INDEX CONCURRENTLY hold this lock, for longer than a swap may stop the readers."""
    trade(shop, 3)
    shop.follow()
    holding, reads = psycopg.connect(shop.database.projector_url), []

    def in_the_way(progress: Progress) -> None:
        if progress.stage == "swap" and progress.done == 0:
            holding.execute("LOCK TABLE read.orders_grid_next IN SHARE UPDATE EXCLUSIVE MODE")
            reading.start()

    def read() -> None:
        for _ in range(10):
            began = monotonic()
            shop.queries.grid_page(GridQuery())
            reads.append(monotonic() - began)
            sleep(0.1)
        holding.close()

    reading = threading.Thread(target=read)
    result = rebuilt(shop, watch=in_the_way)
    reading.join()
    assert result.swapped
    assert (len(reads), max(reads) < 0.5) == (10, True)


def test_a_vacuum_that_does_not_end_is_said(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.rebuild.VACUUM_TIMEOUT_MS", 50)
    trade(shop, 1)
    with psycopg.connect(shop.database.projector_url) as holding:
        holding.execute("LOCK TABLE read.orders_grid IN SHARE UPDATE EXCLUSIVE MODE")
        with pytest.raises(RebuildError, match="run it again when that has ended"):
            rebuilt(shop)
    assert rebuilt(shop).swapped


def test_what_cannot_be_folded_is_parked_in_the_new_edition(shop: Shop) -> None:
    order = shop.place()
    with psycopg.connect(shop.database.owner_url) as connection:
        connection.execute(
            "INSERT INTO log.events SELECT 2, stream_id, 2, partition_id, order_id, aggregate, 'order.abducted', 1, "
            "'{}', NULL, NULL, NULL, recorded_at, occurred_at, actor_type, actor_id, command_id, correlation_id, NULL "
            "FROM log.events WHERE position = 1"
        )
    result = rebuilt(shop)
    assert (result.rows, result.parked) == (0, 1)
    with connect(shop.database.projector_url) as connection:
        (waiting,) = parked(connection)
    assert (waiting.projection, waiting.partition_id, waiting.position) == ("orders_grid", order, 2)


def test_a_row_that_the_database_refuses_parks_its_order_only(shop: Shop) -> None:
    trade(shop, 4)
    execute(shop, "ALTER TABLE read.orders_grid ADD CONSTRAINT odd CHECK (order_number <> '000000002')")
    result = rebuilt(shop)
    assert (result.rows, result.parked) == (3, 1)
    assert shop.orders[1] not in table(shop.database, "orders_grid")


def test_reads_and_commands_go_on_during_a_rebuild(shop: Shop) -> None:
    trade(shop, 5)
    stop, closing = threading.Event(), threading.Event()
    failures: list[Exception] = []

    def go_on() -> None:
        while not closing.is_set():
            try:
                position = shop.do("orders", **order_body())["position"]
                shop.queries.grid_page(GridQuery(min_position=position))
            except Exception as error:  # noqa: BLE001  (whatever went wrong, the test shows it)
                failures.append(error)

    projections = threading.Thread(
        target=run_projections, args=(shop.database.projector_url, KEYRING, CODEC, READ_MODELS), kwargs={"stop": stop}
    )
    trading = threading.Thread(target=go_on)
    projections.start()
    trading.start()
    try:
        results = [rebuilt(shop) for _ in range(2)]
    finally:
        closing.set()
        trading.join()
        stop.set()
        projections.join()
    shop.follow()
    assert failures == []
    assert [result.first_differences for result in results] == [[], []]
    assert len(table(shop.database, "orders_grid")) == sum(shop.queries.status_counts().values())
    with verify(shop.database.projector_url, parts, read_model, "orders_grid") as comparison:
        assert comparison.equal


def test_verifying_names_every_difference(shop: Shop) -> None:
    trade(shop, 8)
    shop.follow()
    with verify(shop.database.projector_url, parts, read_model, "orders_grid") as comparison:
        assert comparison.equal
        assert list(comparison.differences()) == []
    execute(shop, "UPDATE read.orders_grid SET total_due = total_due + 1 WHERE status = 'Pending'")
    with verify(shop.database.projector_url, parts, read_model, "orders_grid") as comparison:
        assert not comparison.equal
        told = list(comparison.differences())
    assert len(told) == 5
    assert {name for each in told for name in each.columns} == {"total_due"}
    assert str(told[0]) == f"{told[0].key}: total_due differs"


class WithoutReference(Shape):
    """A shape that was written without one of the fields of its event: what stands there is the default."""

    def event(self, row: Any, cipher: Cipher | None) -> Any:
        event = super().event(row, cipher)
        event.external_reference = None
        return event


def without_reference(event_classes: Iterable[type[Event]]) -> dict[str, Shape]:
    """The shapes of these classes, of which that of placed orders has no reference."""
    return {each.TOPIC: (WithoutReference if each is OrderPlaced else Shape)(each) for each in event_classes}


def test_verifying_finds_a_shape_that_leaves_a_field_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "shapes", without_reference)
    named = shop.place(line(), external_reference="cart-7")
    shop.place(line())
    shop.follow()
    with verify(shop.database.projector_url, parts, read_model, "orders_grid") as comparison:
        assert not comparison.equal
        told = list(comparison.differences())
    assert [each.key for each in told] == [str(named)]
    assert told[0].columns["external_reference"] == ("", "cart-7")


def test_ranges_cover_every_partition_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.refold.EVENTS_PER_STRETCH", 3)
    trade(shop, 10)
    with connect(shop.database.projector_url) as connection:
        spans = stretches_of(connection, shop.events())
    assert len(spans) > 2
    assert (spans[0].first.int, spans[-1].last.int) == (0, 2**128 - 1)
    assert all(before.last.int + 1 == after.first.int for before, after in pairwise(spans))


def test_the_lag_is_what_is_still_to_be_folded(shop: Shop) -> None:
    trade(shop, 3)
    with following(shop.database, "orders_grid", events_max=1) as follower:
        follower.step()
        (lag,) = lags(follower._connection, ["orders_grid"])
        assert (lag.position, lag.events, lag.parked) == (1, shop.events() - 1, 0)
        assert 0 < lag.seconds < 60
        catch_up(follower)
        (lag,) = lags(follower._connection, ["orders_grid"])
        assert (lag.events, lag.seconds) == (0, 0)
