"""The grid's columns: one list, from which the row, the item, the questions and the documentation are made."""

import msgspec

from projections.orders_grid.columns import COLUMNS, MATCHES
from projections.orders_grid.parameters import parse_grid_query
from projections.orders_grid.read_model import ORDERS_GRID
from tests.projections.shop import Shop
from web.openapi.answers import GRID_ROW


def test_an_item_shows_every_column_in_the_order_of_the_list(shop: Shop) -> None:
    shop.place()
    shop.follow()
    item = msgspec.json.decode(shop.queries.grid_page(parse_grid_query({})).items)
    assert list(item) == [column.name for column in COLUMNS]


def test_the_table_keeps_what_can_be_asked_for_and_nothing_unknown() -> None:
    kept = set(ORDERS_GRID.columns) - {"words", "item"}
    assert kept == {column.name for column in COLUMNS}
    assert kept >= MATCHES.keys()


def test_every_column_is_documented_with_what_stands_in_it() -> None:
    assert list(GRID_ROW["properties"]) == GRID_ROW["required"] == [column.name for column in COLUMNS]
    for column in COLUMNS:
        documented = GRID_ROW["properties"][column.name]
        assert documented["description"] == column.about, column.name
        assert (documented["type"] == ["string", "null"]) is column.nullable, column.name
