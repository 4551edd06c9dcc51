"""A read model whose shape changed is folded anew by its projection, which nobody has to tell."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from migrations import FOLDER, migrate
from projections.catalogue import READ_MODELS
from tests.projections.shop import open_shop, table
from tests.support.postgres import Database, TestServer


@pytest.fixture
def old(postgres: TestServer, tmp_path: Path) -> Iterator[Database]:
    """A database as it was before the shapes of today."""
    for file in sorted(FOLDER.glob("00*")):
        if file.name < "0009":
            (shutil.copytree if file.is_dir() else shutil.copy)(file, tmp_path / file.name)
    with postgres.empty_database() as database:
        migrate(database.owner_url, tmp_path)
        yield database


def test_rows_of_an_old_shape_give_way_to_new_ones(old: Database) -> None:
    with psycopg.connect(old.projector_url, autocommit=True) as connection:
        for model in READ_MODELS:
            connection.execute(
                "INSERT INTO read.positions (projection, slice, position, counts) "
                """SELECT %s, generate_series(0, 15), 99, '{"Pending": 7}'""",
                [model.name],
            )
        connection.execute("CREATE TABLE read.orders_grid_old (LIKE read.orders_grid)")
        connection.execute("INSERT INTO read.positions (projection, slice, position) VALUES ('orders_grid_old', 0, 99)")
    migrate(old.owner_url)
    with open_shop(old) as shop:
        order = shop.place(external_reference="cart-1")
        shop.follow()
        assert table(old, "orders_grid").keys() == {str(order)}
        assert shop.queries.status_counts() == {"Pending": 1}
    with psycopg.connect(old.owner_url) as connection:
        kept = connection.execute("SELECT DISTINCT projection FROM read.positions WHERE projection LIKE '%\\_old'")
        assert kept.fetchall() == []
        assert connection.execute("SELECT to_regclass('read.orders_grid_old')").fetchone() == (None,)
