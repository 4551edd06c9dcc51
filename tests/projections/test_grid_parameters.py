"""What can be asked of the grid, and how it is written."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.orders_grid.columns import MATCHES
from projections.orders_grid.parameters import PARAMETERS, parse_grid_query
from projections.orders_grid.query import GridQuery
from projections.paging.query import Count, Cursor, InvalidParameterError, Range, Sort

ORDER_ID = UUID(int=7)


def test_without_parameters_the_newest_orders_come_first() -> None:
    query = parse_grid_query({})
    assert query == GridQuery()
    assert (query.sort, query.limit, query.count) == (Sort("purchased_at", descending=True), 50, Count.NONE)


def test_a_choice_may_name_several_values() -> None:
    query = parse_grid_query({"status": ["Pending", "Processing"], "store": ["main"]})
    assert query.choices == {"status": ("Pending", "Processing"), "store": ("main",)}


def test_a_day_as_upper_end_means_all_of_that_day() -> None:
    query = parse_grid_query({"purchased_from": ["2026-01-01"], "purchased_to": ["2026-01-31"]})
    assert query.times == {
        "purchased_at": Range(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC))
    }


def test_a_time_is_taken_with_its_offset() -> None:
    query = parse_grid_query({"updated_to": ["2026-01-31T12:00:00+02:00"]})
    assert query.times == {"updated_at": Range(None, datetime(2026, 1, 31, 10, tzinfo=UTC))}


def test_numbers_have_two_open_ends() -> None:
    query = parse_grid_query({"grand_total_min": ["-1.50"], "item_count_max": ["3"]})
    assert query.numbers == {"grand_total": Range(Decimal("-1.50")), "item_count": Range(None, Decimal(3))}


def test_texts_keywords_and_the_rest_are_taken_as_they_are() -> None:
    query = parse_grid_query(
        {
            "q": ["silva porto"],
            "customer_email": ["Ana@example.com"],
            "sort": ["grand_total"],
            "limit": ["200"],
            "count": ["exact"],
            "min_position": ["57"],
        }
    )
    assert query.keywords == "silva porto"
    assert query.texts == {"customer_email": "Ana@example.com"}
    assert (query.sort, query.limit, query.count) == (Sort("grand_total", descending=False), 200, Count.EXACT)
    assert query.min_position == 57


@pytest.mark.parametrize("column", MATCHES)
def test_every_column_has_a_filter_and_can_be_sorted_by(column: str) -> None:
    stem = column.removesuffix("_at")
    assert PARAMETERS & {column, f"{stem}_from", f"{column}_min"}
    assert parse_grid_query({"sort": [f"-{column}"]}).sort == Sort(column, descending=True)


@given(value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), back=st.booleans())
def test_a_cursor_comes_back_as_it_was(value: str, back: bool) -> None:
    cursor = Cursor("bill_to_name", value, ORDER_ID, backward=back)
    assert parse_grid_query({"sort": ["bill_to_name"], "cursor": [cursor.token()]}).cursor == cursor


def test_only_an_amount_can_be_missing_at_a_cursor() -> None:
    cursor = Cursor("base_grand_total", None, ORDER_ID)
    assert parse_grid_query({"sort": ["base_grand_total"], "cursor": [cursor.token()]}).cursor == cursor
    for column in ("purchased_at", "bill_to_name", "order_number", "store"):
        forged = Cursor(column, None, ORDER_ID)
        with pytest.raises(InvalidParameterError):
            parse_grid_query({"sort": [column], "cursor": [forged.token()]})


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("-purchased_at", Cursor("purchased_at", "2026-01-31T12:00:00Z", ORDER_ID)),
        ("-purchased_at", Cursor("-purchased_at", "yesterday", ORDER_ID)),
        ("grand_total", Cursor("grand_total", "1; DROP TABLE", ORDER_ID)),
        ("bill_to_name", Cursor("bill_to_name", "\0", ORDER_ID)),
    ],
)
def test_a_cursor_of_another_list_is_refused(sort: str, cursor: Cursor) -> None:
    with pytest.raises(InvalidParameterError) as refused:
        parse_grid_query({"sort": [sort], "cursor": [cursor.token()]})
    assert refused.value.name == "cursor"


@given(token=st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_cursor(token: str) -> None:
    with pytest.raises(InvalidParameterError):
        parse_grid_query({"cursor": [token]})
