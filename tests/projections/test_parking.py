"""Parked orders: one that cannot be folded waits visibly, the others flow, and a retry shows it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.order_events import OrderHeld
from projections.catalogue import READ_MODELS
from projections.engine import positions
from projections.engine.connecting import connect
from projections.engine.decoder import Decoder
from projections.engine.follower import Follower
from projections.engine.parking import parked
from projections.orders_grid.read_model import ORDERS_GRID
from projections.orders_grid.rows import ROW, rows
from tests.projections.shop import CODEC, KEYRING, Shop, catch_up, following, table


class Poisoned(Exception):
    """What the fold raises on a poisoned order."""


@contextmanager
def poisoned(shop: Shop, order: UUID) -> Iterator[Follower]:
    """A grid that fails on the holding of one order."""

    def fold(state: Any, row: Any, event: Any) -> None:
        if row.topic == OrderHeld.TOPIC and state.order_id == order:
            raise Poisoned("no such thing\0")
        ORDERS_GRID.fold(state, row, event)

    model = replace(ORDERS_GRID, fold=fold)
    with connect(shop.database.projector_url) as connection:
        yield Follower(connection, model, Decoder.of(model, CODEC, KEYRING))


@pytest.fixture
def stuck(shop: Shop) -> tuple[Shop, UUID, UUID]:
    """A shop with an order that is parked after its first event, and another that is not."""
    sick, well = shop.place(method="cash_on_delivery"), shop.place(method="cash_on_delivery")
    shop.follow()
    shop.do("orders/hold", sick)
    shop.do("orders/hold", well)
    with poisoned(shop, sick) as follower:
        catch_up(follower)
    return shop, sick, well


def status_of(shop: Shop, order: UUID) -> str:
    with psycopg.connect(shop.database.app_url) as connection:
        row = connection.execute("SELECT status FROM read.orders_grid WHERE order_id = %s", [order]).fetchone()
    return str(row[0]) if row else "absent"


def test_a_poisoned_order_is_parked_with_its_error_and_the_others_flow(stuck: tuple[Shop, UUID, UUID]) -> None:
    shop, sick, well = stuck
    with connect(shop.database.projector_url) as connection:
        (waiting,) = parked(connection)
    assert (waiting.projection, waiting.partition_id, waiting.position) == ("orders_grid", sick, 3)
    assert waiting.error == "Poisoned: no such thing\\0"
    assert status_of(shop, sick) == "Pending"
    assert status_of(shop, well) == "On Hold"


def test_later_events_of_a_parked_order_wait(stuck: tuple[Shop, UUID, UUID]) -> None:
    shop, sick, _ = stuck
    shop.do("orders/release", sick)
    shop.do("orders/cancel", sick)
    shop.follow()
    assert status_of(shop, sick) == "Pending"


def test_a_retry_folds_the_whole_order_again(stuck: tuple[Shop, UUID, UUID]) -> None:
    shop, sick, _ = stuck
    shop.do("orders/release", sick)
    shop.do("orders/cancel", sick)
    with following(shop.database, "orders_grid") as follower:
        catch_up(follower)
        assert follower.retry(sick) is None
        assert parked(follower._connection) == []
    assert status_of(shop, sick) == "Canceled"
    assert shop.queries.status_counts() == {"Canceled": 1, "On Hold": 1}
    shop.do("orders/comment", sick, text="mended")
    shop.follow()
    assert status_of(shop, sick) == "Canceled"


def test_a_retry_that_fails_is_counted(stuck: tuple[Shop, UUID, UUID]) -> None:
    shop, sick, _ = stuck
    with poisoned(shop, sick) as follower:
        assert str(follower.retry(sick)) == "Poisoned: no such thing\\0"
        (waiting,) = parked(follower._connection, "orders_grid")
    assert waiting.attempts == 2


def test_who_waits_for_an_event_of_a_parked_order_is_told_so(stuck: tuple[Shop, UUID, UUID]) -> None:
    shop, sick, _ = stuck
    with connect(shop.database.projector_url) as connection:
        with pytest.raises(positions.Parked) as refusal:
            positions.wait_for(connection, "orders_grid", 3)
        assert refusal.value.partition_id == sick
        assert refusal.value.code == "order_parked"
        assert positions.wait_for(connection, "orders_grid", 4) == 4


def test_a_row_that_the_database_refuses_parks_its_order_only(shop: Shop) -> None:
    sick, well = shop.place(), shop.place()

    def one_wrong(state: Any) -> Any:
        for row in rows(state):
            wrong = ["much" if name == "grand_total" else value for name, value in zip(ROW, row, strict=True)]
            yield wrong if state.order_id == sick else row

    model = replace(ORDERS_GRID, rows=one_wrong)
    with following(shop.database, "orders_grid"), connect(shop.database.projector_url) as connection:
        catch_up(Follower(connection, model, Decoder.of(model, CODEC, KEYRING)))
        (waiting,) = parked(connection)
    assert waiting.partition_id == sick
    assert waiting.error.startswith("InvalidTextRepresentation")
    assert list(table(shop.database, "orders_grid")) == [str(well)]
    assert shop.queries.status_counts() == {"Pending": 1}


def test_an_event_that_nobody_knows_is_not_skipped(shop: Shop) -> None:
    order = shop.place()
    with psycopg.connect(shop.database.owner_url) as connection:
        connection.execute(
            "INSERT INTO log.events SELECT 2, stream_id, 2, partition_id, order_id, aggregate, 'order.abducted', 1, "
            "'{}', NULL, NULL, NULL, recorded_at, occurred_at, actor_type, actor_id, command_id, correlation_id, NULL "
            "FROM log.events WHERE position = 1"
        )
    shop.follow()
    with connect(shop.database.projector_url) as connection:
        expected = {(model.name, order) for model in READ_MODELS}
        assert {(each.projection, each.partition_id) for each in parked(connection)} == expected
