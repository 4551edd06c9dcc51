"""Read models forget who was erased: what a worker remembers, what is parked, and the edition kept to go back to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from projections.catalogue import READ_MODELS, read_model
from projections.engine.connecting import connect
from projections.engine.editions import NEXT, create
from projections.engine.parking import Unfoldable, park
from projections.engine.rebuild import rebuild, rollback, verify
from tests.projections.shop import CODEC, KEYRING, Shop, catch_up, following, open_shop
from tests.support.postgres import Database

NAME = "Zenobia Quartermain"
ADDRESS = {"name": NAME, "street": ["Rua Nova 1"], "city": "Porto", "postcode": "4000-001", "country": "PT"}
NAMES = [model.name for model in READ_MODELS]


@pytest.fixture
def shop(fresh_database: Database) -> Iterator[Shop]:
    with open_shop(fresh_database) as shop:
        yield shop


def parts() -> Any:
    """What the processes of a rebuild need."""
    return CODEC, KEYRING


def named_order(shop: Shop) -> UUID:
    """An order with a document of its own, about to be settled."""
    customer = {"id": "c-1", "name": NAME, "email": "zenobia@example.com"}
    order = shop.place(customer=customer, billing_address=ADDRESS, shipping_address=ADDRESS)
    shop.do("orders/comment", order, text=f"{NAME} called", visible=True)
    return order


def shown(database: Database, table: str) -> str:
    with psycopg.connect(database.projector_url) as connection:
        rows = connection.execute(f"SELECT t::text FROM read.{table} t".encode()).fetchall()
    return "\n".join(row for (row,) in rows)


def require_equal(database: Database, name: str) -> None:
    """Following came to what a fresh fold comes to."""
    with verify(database.projector_url, parts, read_model, name, processes=1) as comparison:
        assert list(comparison.differences()) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_worker_remembers_is_forgotten(shop: Shop, name: str) -> None:
    with following(shop.database, name) as follower:
        order = named_order(shop)
        catch_up(follower)
        shop.do("orders/cancel", order)
        catch_up(follower)
        shop.erase("c-1")
        catch_up(follower)
        assert NAME.split(maxsplit=1)[0].lower() not in shown(shop.database, name).lower()
        shop.do("orders/comment", order, text="Somebody else called", visible=True)
        catch_up(follower)
        assert NAME.split(maxsplit=1)[0].lower() not in shown(shop.database, name).lower()
    require_equal(shop.database, name)


@pytest.mark.parametrize("name", NAMES)
def test_the_edition_to_go_back_to_and_one_nobody_finished_forget_too(shop: Shop, name: str) -> None:
    order = named_order(shop)
    shop.do("orders/cancel", order)
    shop.follow()
    rebuild(shop.database.projector_url, parts, read_model, name, processes=1)
    with connect(shop.database.projector_url) as connection:
        create(connection, name, f"{name}{NEXT}")
    shop.erase("c-1")
    shop.follow()
    assert NAME.split(maxsplit=1)[0].lower() not in shown(shop.database, f"{name}_old").lower()
    with connect(shop.database.projector_url) as connection:
        assert connection.execute("SELECT to_regclass(%s)", [f"read.{name}{NEXT}"]).fetchone() == (None,)
    rollback(shop.database.projector_url, parts, read_model(name))
    require_equal(shop.database, name)


def test_a_rebuild_that_overtakes_the_live_edition_keeps_nothing_of_it(shop: Shop) -> None:
    order = named_order(shop)
    shop.do("orders/cancel", order)
    shop.follow()
    shop.erase("c-1")
    rebuild(shop.database.projector_url, parts, read_model, "orders_grid", processes=1)
    for table in ("orders_grid", "orders_grid_old"):
        assert NAME.split(maxsplit=1)[0].lower() not in shown(shop.database, table).lower()
    require_equal(shop.database, "orders_grid")


def test_an_order_that_waits_for_a_repair_is_forgotten(shop: Shop) -> None:
    order = named_order(shop)
    shop.do("orders/cancel", order)
    shop.follow()
    with connect(shop.database.projector_url) as connection:
        park(connection, "orders_grid", order, Unfoldable(1, f"nobody knows {NAME}"))
    shop.erase("c-1")
    shop.follow()
    assert NAME.split(maxsplit=1)[0].lower() not in shown(shop.database, "orders_grid").lower()
    assert shown(shop.database, "parked") == ""
    require_equal(shop.database, "orders_grid")
