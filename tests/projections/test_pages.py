"""Pages of the grid: walked in any order, in both directions, they are the whole list and nothing twice."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from projections.orders_grid.columns import MATCHES, TIES
from projections.orders_grid.parameters import parse_grid_query
from projections.orders_grid.read_model import GRID
from projections.paging import reading
from projections.paging.filters import NO_AMOUNT
from projections.paging.letters import plain
from projections.paging.query import Cursor, GridPage, Match
from projections.paging.words import words
from tests.projections.shop import START, Shop, open_shop
from tests.support.orders import ADDRESS, line
from tests.support.postgres import Database

NAMES = ["Ana", "ana", "Zoë", "Ångström", "Иван", "", "Jürgen O’Brien", "山田太郎"]  # noqa: RUF001


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    """Orders with many ties in every column."""
    with open_shop(database) as shop:
        for number in range(23):
            name = NAMES[number % len(NAMES)]
            place(shop, number, name)
        for order in shop.orders[:6]:
            shop.do("orders/cancel", order)
        shop.follow()
        yield shop


def place(shop: Shop, number: int, name: str) -> None:
    shop.place(
        line(quantity=1 + number % 3),
        store=("main", "outlet")[number % 2],
        customer={"id": "c", "email": f"{name}@example.com", "name": name},
        billing_address=ADDRESS | {"name": name},
        base_rate=Decimal(1) if number % 4 else Decimal("1.5"),
        **({"occurred_at": START.replace(hour=number % 3)} if number % 5 else {}),
    )


def page(shop: Shop, cursor: Cursor | None, **parameters: str) -> tuple[list[dict[str, Any]], GridPage]:
    given = parameters | ({} if cursor is None else {"cursor": cursor.token()})
    answer = shop.queries.grid_page(parse_grid_query({name: [value] for name, value in given.items()}))
    return json.loads(b"[" + answer.items + b"]"), answer


def walk(shop: Shop, *, backward: bool = False, **parameters: str) -> list[dict[str, Any]]:
    """All items, by pages of four; backward: from the last page to the first."""
    items, answer = page(shop, None, limit="4", **parameters)
    found = list(items)
    while answer.next:
        items, answer = page(shop, answer.next, limit="4", **parameters)
        found += items
    if not backward:
        return found
    found = list(items)
    while answer.previous:
        items, answer = page(shop, answer.previous, limit="4", **parameters)
        found = items + found
    return found


def sort_value(item: dict[str, Any], column: str) -> Any:
    value = item[column]
    match MATCHES[column]:
        case Match.NUMBERS:
            return Decimal(NO_AMOUNT if value is None else value)
        case Match.WORDS:
            return words(value or "")
        case Match.WHOLE | Match.NAME:
            return plain(value or "")
        case _:
            return value or ""


@pytest.mark.parametrize("sort", [f"{sign}{column}" for column in MATCHES for sign in ("", "-")])
def test_pages_add_up_to_the_sorted_list(shop: Shop, sort: str) -> None:
    everything, _ = page(shop, None, limit="200", sort=sort)
    column = sort.removeprefix("-")
    ties = ("purchased_at", "order_id") if column in GRID.grouped else (TIES.get(column, "order_id"),)
    key = lambda item: (sort_value(item, column), *(item[name] for name in ties))  # noqa: E731
    assert everything == sorted(everything, key=key, reverse=sort.startswith("-"))
    assert len(everything) == len(shop.orders)
    assert walk(shop, sort=sort) == everything
    assert walk(shop, backward=True, sort=sort) == everything


def test_pages_of_several_statuses_add_up_too(shop: Shop) -> None:
    everything, _ = page(shop, None, limit="200")
    wanted = [item for item in everything if item["status"] in {"Pending", "Canceled"}]
    assert wanted == everything
    given = {"status": ["Canceled", "Pending"], "limit": ["7"]}
    first = shop.queries.grid_page(parse_grid_query(given))
    assert first.next is not None
    second = shop.queries.grid_page(parse_grid_query(given | {"cursor": [first.next.token()]}))
    assert json.loads(b"[" + first.items + b"," + second.items + b"]") == everything[:14]


def test_the_first_page_has_no_previous_and_the_last_no_next(shop: Shop) -> None:
    _, first = page(shop, None, limit="20")
    assert first.previous is None
    _, last = page(shop, first.next, limit="20")
    assert last.next is None
    _, again = page(shop, last.previous, limit="20")
    assert again.previous is None
    assert again.items == first.items


def test_a_page_that_ends_with_the_list_has_no_next(shop: Shop) -> None:
    _, whole = page(shop, None, limit=str(len(shop.orders)))
    assert whole.next is None


def test_nothing_found_is_an_empty_page(shop: Shop) -> None:
    items, answer = page(shop, None, store="nowhere")
    assert (items, answer.next, answer.previous) == ([], None, None)


@pytest.mark.parametrize("column", [column for column, match in MATCHES.items() if match is Match.NUMBERS])
def test_every_number_is_compared_with_any_decimal(shop: Shop, column: str) -> None:
    everything = [item for item in walk(shop) if item[column] is not None]
    for bound in ("-159.16", "1.5", "2", "999999999.99"):
        over = [item for item in everything if Decimal(item[column]) >= Decimal(bound)]
        low: dict[str, Any] = {f"{column}_min": bound}
        assert walk(shop, **low) == over
        assert walk(shop, **(low | {f"{column}_max": bound})) == [
            item for item in over if Decimal(item[column]) == Decimal(bound)
        ]


def test_a_question_is_prepared_once_and_others_still_answered_when_many_were(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = walk(shop, status="Pending")
    monkeypatch.setattr(reading, "PREPARED_MAX", 0)
    assert walk(shop, status="Pending") == expected
    assert [item["status"] for item in walk(shop, status="Canceled", sort="grand_total")] == ["Canceled"] * 6


def test_orders_that_come_in_meanwhile_move_nobody_between_pages(fresh_database: Database) -> None:
    with open_shop(fresh_database) as shop:
        for number in range(12):
            place(shop, number, "Ana")
        shop.follow()
        before, _ = page(shop, None, limit="200")
        items, answer = page(shop, None, limit="4")
        found = list(items)
        while answer.next:
            shop.place()
            shop.follow()
            items, answer = page(shop, answer.next, limit="4")
            found += items
        assert [item for item in found if item in before] == before
        assert len({item["order_id"] for item in found}) == len(found)
