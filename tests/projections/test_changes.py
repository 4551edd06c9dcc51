"""Keeping up with a list by ``after=``: every change once, none missed, whatever the workers of the projection do."""

import json
import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from projections.documents import page as documents
from projections.documents.kinds import KINDS
from projections.documents.parameters import parse_document_query
from projections.engine.positions import PositionUnknown
from projections.orders_grid import read_model as grid
from projections.orders_grid.parameters import parse_grid_query
from projections.paging.query import GridPage, InvalidParameterError
from tests.projections.shop import Shop, catch_up, following, open_shop
from tests.support.orders import line
from tests.support.postgres import Database

Rows = list[dict[str, Any]]


def rows_of(page: GridPage) -> Rows:
    return list(json.loads(b"[" + page.items + b"]"))


class Poller:
    """A program that keeps up with the grid and goes on where the last answer ended."""

    def __init__(self, connection: psycopg.Connection[Any], limit: int = 3) -> None:
        self.connection = connection
        self.limit = limit
        self.after = 0
        self.told: list[tuple[str, int]] = []

    def poll(self) -> Rows:
        """One page."""
        query = parse_grid_query({"after": [str(self.after)], "limit": [str(self.limit)]})
        page = grid.page(self.connection, query)
        rows = rows_of(page)
        assert page.after is not None
        assert page.after >= self.after
        self.after = page.after
        self.told += [(row["order_id"], row["position"]) for row in rows]
        return rows

    def finish(self) -> None:
        while self.poll():
            pass


def test_every_change_is_told_once_while_the_slices_move_apart(fresh_database: Database) -> None:
    chance = random.Random(7)
    with (
        open_shop(fresh_database) as shop,
        following(fresh_database, "orders_grid", events_max=2) as follower,
        psycopg.connect(fresh_database.app_url, autocommit=True) as connection,
    ):
        poller = Poller(connection)
        for _ in range(60):
            if len(shop.orders) < 4 or chance.random() < 0.3:
                shop.place(line())
            else:
                shop.do("orders/comment", chance.choice(shop.orders), text="still here")
            if chance.random() < 0.5:
                follower.step(chance.randint(1, 5))  # only those of so many slices, and not all of them
            if chance.random() < 0.7:
                poller.poll()
        catch_up(follower)
        poller.finish()
        last = {str(order): last_position(fresh_database, order) for order in shop.orders}
    assert len(poller.told) == len(set(poller.told))
    assert {key: max(at for order, at in poller.told if order == key) for key in last} == last
    assert [at for _, at in poller.told] == sorted(at for _, at in poller.told)
    assert poller.after == max(last.values())


def last_position(database: Database, order_id: UUID) -> int:
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT max(position) FROM log.events WHERE partition_id = %s", [order_id]).fetchone()
    assert row
    return int(row[0])


def test_changes_of_one_position_stay_together(fresh_database: Database) -> None:
    with open_shop(fresh_database) as shop:
        order = shop.place(line(quantity=3), payment={"method": "purchase_order"})
        for _ in range(3):
            shop.do("orders/invoices", order, lines=[{"line_id": "1", "quantity": 1}])
        shop.do("orders/capture-payment", order, amount=Decimal("36.90"), provider_reference="t-1")
        shop.follow()
        with psycopg.connect(fresh_database.app_url, autocommit=True) as connection:
            query = parse_document_query(KINDS["invoices"], {"after": ["0"], "limit": ["1"]})
            told: Rows = []
            while rows := rows_of(page := documents.page(connection, query)):
                told += rows
                query = parse_document_query(KINDS["invoices"], {"after": [str(page.after)], "limit": ["1"]})
    assert len({row["invoice_id"] for row in told}) == len(told) == 3


def test_a_position_that_the_log_does_not_have_is_refused(shop: Shop, database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as connection, pytest.raises(PositionUnknown):
        grid.page(connection, parse_grid_query({"after": ["999999"]}))


@pytest.mark.parametrize("name", ["sort", "cursor"])
def test_another_order_or_place_is_refused(name: str) -> None:
    for parse in (parse_grid_query, lambda given: parse_document_query(KINDS["invoices"], given)):
        with pytest.raises(InvalidParameterError, match="after="):
            parse({"after": ["0"], name: ["-updated_at"]})


def test_who_keeps_up_is_told_what_waits_for_a_repair(fresh_database: Database) -> None:
    with open_shop(fresh_database) as shop, psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        order = shop.place(line())
        shop.follow()
        connection.execute(
            "INSERT INTO read.parked (projection, partition_id, position, error) VALUES ('orders_grid', %s, 1, 'x')",
            [order],
        )
        page = grid.page(connection, parse_grid_query({"after": ["0"]}))
    assert str(order) in page.warnings[0].message
