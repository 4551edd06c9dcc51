"""Orders are found by whatever names them: numbers, references, parcels, articles, phones; and by what is missing."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from projections.orders_grid.parameters import parse_grid_query
from projections.paging.identifiers import beside_words, named
from projections.paging.query import InvalidParameterError
from projections.paging.search import words_query
from projections.paging.words import address_lexemes, words
from tests.projections.shop import Shop, open_shop, start_again, table
from tests.support.orders import ADDRESS, line, packed
from tests.support.postgres import Database

TRACKING = "1Z 999-aa1 01 2345 6784"
PHONES = {"ana": "+351 912 345 678", "rui": "030 / 7654321", "eva": None}


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    """Three orders: Ana's is paid, invoiced, shipped and refunded in part, Rui's and Eva's were only placed."""
    with open_shop(database) as shop:
        for number, (name, phone) in enumerate(PHONES.items(), start=1):
            shop.place(
                line(sku=f"MUG-{number:02}", quantity=2),
                line("2", sku="Teapot", quantity=1),
                external_reference=f"Cart-{number}881",
                customer={"id": f"c-10{number}", "name": name.title(), "group": name},
                billing_address=ADDRESS | {"name": name.title(), "phone": phone},
                shipping_address={"country": "PT"} if name == "eva" else ADDRESS,
                **({"base_rate": Decimal(1)} if name == "ana" else {}),
            )
        ana = shop.orders[0]
        shop.do("orders/capture-payment", ana, amount=Decimal("29.97"), provider_reference="pi_3Nx8")
        invoice = shop.do("orders/invoices", ana, lines="all_remaining")
        package = {"tracking_number": TRACKING}
        shipment = shop.do("orders/shipments", ana, **packed(("1", 2), ("2", 1), package=package))
        shop.do(
            "invoices/refund",
            UUID(invoice["invoice_id"]),
            lines=[{"line_id": "1", "quantity": 1, "disposition": "shipped"}],
            mode="offline",
        )
        shop.do(
            "shipments/correct-tracking",
            UUID(shipment["shipment_id"]),
            carrier="ups",
            tracking_number=TRACKING,
            new_tracking_number="1Z 999 AA1 77",
        )
        shop.follow()
        yield shop


def found(shop: Shop, **parameters: str | list[str]) -> set[str]:
    """Whose orders are found."""
    given = {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
    page = shop.queries.grid_page(parse_grid_query(given))
    return {item["customer_group"] for item in json.loads(b"[" + page.items + b"]")}


ANA, RUI, EVA = {"ana"}, {"rui"}, {"eva"}


@pytest.mark.parametrize(
    ("filters", "whose"),
    [
        ({"order_number": "1"}, ANA),
        ({"order_number": "000000001"}, ANA),
        ({"order_number": "0000000000001"}, ANA),
        ({"order_number": "#2"}, RUI),
        ({"order_number": "1, 000000003"}, ANA | EVA),
        ({"order_number": "1 2\n3"}, ANA | RUI | EVA),
        ({"order_number": ["1", "2;99"]}, ANA | RUI),
        ({"order_number": "0"}, set()),
        ({"order_number": ""}, set()),
        ({"external_reference": "cart-1881"}, ANA),
        ({"external_reference": "Cart-1881\nCart-2881"}, ANA | RUI),
        ({"external_reference": "Cart-1881, Cart-2881 cart-3881"}, ANA | RUI | EVA),
        ({"external_reference": "Cart-188"}, set()),
        ({"external_reference": "---"}, set()),
        ({"customer_id": "c-102"}, RUI),
        ({"customer_id": "c-10"}, set()),
        ({"sku": "mug-02"}, RUI),
        ({"sku": "MUG02"}, RUI),
        ({"sku": "teapot"}, ANA | RUI | EVA),
        ({"sku": ["MUG-01", "MUG-03"]}, ANA | EVA),
        ({"provider_reference": "pi_3nx8"}, ANA),
        ({"tracking_number": "1z999aa177"}, ANA),
        ({"tracking_number": "1Z 999 AA1 77"}, ANA),
        ({"tracking_number": "1Z999AA17"}, set()),
        ({"tracking_number": TRACKING}, set()),
        ({"phone": "+351912345678"}, ANA),
        ({"phone": "912 345 678"}, ANA),
        ({"phone": "00351 912-345-678"}, ANA),
        ({"phone": "+49 30 7654321"}, RUI),
        ({"phone": "+49 (0)30 7654321"}, RUI),
        ({"phone": "7654321"}, RUI),
        ({"phone": "912 345 67"}, set()),
        ({"phone": "5678"}, set()),
        ({"phone": "ana"}, set()),
        ({"invoice_number": "1"}, ANA),
        ({"invoice_number": "000000001, 7"}, ANA),
        ({"invoice_number": "2"}, set()),
        ({"shipment_number": "000000001"}, ANA),
        ({"credit_memo_number": "1"}, ANA),
        ({"sku": "mug-02", "order_number": "1"}, set()),
    ],
)
def test_an_order_is_found_exactly(shop: Shop, filters: dict[str, Any], whose: set[str]) -> None:
    assert found(shop, **filters) == whose


@pytest.mark.parametrize(
    ("keywords", "whose"),
    [
        ("000000002", RUI),
        ("2 3", RUI | EVA),
        ("000000001,000000003", ANA | EVA),
        ("Cart-2881", RUI),
        ("cart2881", RUI),
        ("cart-288", RUI),
        ("Cart-2881 Cart-3881", RUI | EVA),
        ("cart-1881, 000000002", ANA | RUI),
        ("c-103", EVA),
        ("mug-03", EVA),
        ("mug03", EVA),
        ("teapot", ANA | RUI | EVA),
        ("mug-02 rui", RUI),
        ("rui cart-288", RUI),
        ("mug-02 eva", set()),
        ("pi_3Nx8", ANA),
        ("1Z999AA177", ANA),
        ("1z 999 aa1 77", ANA),
        ("1Z999AA", ANA),
        (TRACKING, set()),
        ("+351 912 345 678", ANA),
        ("912345678", ANA),
        ("eva 881", set()),
    ],
)
def test_keywords_find_what_names_an_order(shop: Shop, keywords: str, whose: set[str]) -> None:
    assert found(shop, q=keywords) == whose


def test_an_order_is_found_by_its_id(shop: Shop) -> None:
    ana, rui, _ = map(str, shop.orders)
    assert found(shop, order_id=ana) == ANA
    assert found(shop, order_id=f"{ana}, {rui}") == ANA | RUI
    assert found(shop, q=rui) == RUI
    assert found(shop, q=f"{ana}\n{rui}") == ANA | RUI
    assert found(shop, q=str(UUID(int=7))) == set()


def test_a_number_finds_documents_of_that_number_too(shop: Shop) -> None:
    """The first invoice, shipment and credit memo are all of the first order."""
    assert found(shop, q="1") >= ANA
    assert found(shop, q="000000001") == ANA


@pytest.mark.parametrize(
    ("filters", "whose"),
    [
        ({"empty": "ship_to_name"}, EVA),
        ({"not_empty": "ship_to_name"}, ANA | RUI),
        ({"empty": "customer_email"}, ANA | RUI | EVA),
        ({"empty": ["customer_email", "ship_to_name"]}, EVA),
        ({"empty": "customer_email", "not_empty": "ship_to_name", "bill_to_name": "rui"}, RUI),
        ({"empty": "base_grand_total"}, RUI | EVA),
        ({"not_empty": "base_grand_total"}, ANA),
        ({"empty": "external_reference"}, set()),
        ({"empty": "shipping_information", "sort": "updated_at"}, ANA | RUI | EVA),
    ],
)
def test_rows_are_found_by_what_is_missing(shop: Shop, filters: dict[str, Any], whose: set[str]) -> None:
    assert found(shop, **filters) == whose


@pytest.mark.parametrize(
    "parameters",
    [
        {"empty": ["grand_total"]},
        {"not_empty": ["nothing"]},
        {"empty": ["ship_to_name"], "not_empty": ["ship_to_name"]},
        {"order_id": ["12"]},
        {"order_number": ["1\0"]},
        {"q": ["x" * 4001]},
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(parameters: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidParameterError):
        parse_grid_query(parameters)


def test_a_list_of_hundreds_of_numbers_is_answered(shop: Shop) -> None:
    assert found(shop, order_number=" ".join(map(str, range(2, 700)))) == RUI | EVA
    assert found(shop, q=",".join([f"{number:09d}" for number in range(2, 300)])) == RUI | EVA


def test_what_is_folded_event_by_event_is_what_is_folded_anew(shop: Shop) -> None:
    """The same rows whether the events came one by one or all at once."""
    at_once = table(shop.database, "orders_grid")
    start_again(shop.database, "orders_grid")
    shop.follow()
    assert table(shop.database, "orders_grid") == at_once


def test_changes_of_one_moment_keep_the_order_of_the_log(fresh_database: Database) -> None:
    """Every order of one batch has the same time; the log still knows which came first."""
    with open_shop(fresh_database) as shop:
        orders = [shop.place() for _ in range(9)]
        for order in (orders[4], orders[0], orders[7]):
            shop.do("orders/hold", order)
        shop.follow()
        with psycopg.connect(shop.database.projector_url, autocommit=True) as connection:
            connection.execute("UPDATE read.orders_grid SET updated_at = '2026-11-01T12:00:00Z'")
            connection.execute(
                "UPDATE read.orders_grid SET item = "
                "jsonb_set(item::jsonb, '{updated_at}', '\"2026-11-01T12:00:00.000000Z\"')::text"
            )
        expected = [orders[place] for place in (1, 2, 3, 5, 6, 8, 4, 0, 7)]
        assert walk(shop, "updated_at") == expected
        assert walk(shop, "-updated_at") == expected[::-1]


def walk(shop: Shop, sort: str) -> list[UUID]:
    """The ids of all orders, by pages of two, and back again."""
    given: dict[str, list[str]] = {"sort": [sort], "limit": ["2"]}
    page = shop.queries.grid_page(parse_grid_query(given))
    pages = [page.items]
    while page.next:
        page = shop.queries.grid_page(parse_grid_query(given | {"cursor": [page.next.token()]}))
        pages.append(page.items)
    back = [page.items]
    while page.previous:
        page = shop.queries.grid_page(parse_grid_query(given | {"cursor": [page.previous.token()]}))
        back.insert(0, page.items)
    assert back == pages
    return [UUID(item["order_id"]) for item in json.loads(b"[" + b",".join(pages) + b"]")]


CHARACTERS = [chr(code) for code in [*range(1, 0x3100), *range(0xA480, 0xAC80), *range(0xF900, 0x11200, 3)]]
TEXTS = [f"x{each}y {each}" for each in CHARACTERS if not "\ud800" <= each <= "\udfff"]


def test_postgresql_takes_every_text_and_finds_it_by_itself(shop: Shop) -> None:
    pairs = [(words(text), words_query(text)) for text in TEXTS if "@" not in text]
    addresses = [f"x{each}y@host.example" for each in CHARACTERS if not each.isspace()]
    pairs += [(" ".join(address_lexemes(each)), words_query(each)) for each in addresses]
    with psycopg.connect(shop.database.app_url) as connection:
        missed = connection.execute(
            "SELECT kept, asked FROM unnest(%s::text[], %s::text[]) each (kept, asked) "
            "WHERE asked = '' OR NOT kept::tsvector @@ asked::tsquery",
            [[kept for kept, _ in pairs], [asked for _, asked in pairs]],
        )
        assert missed.fetchall() == []


def test_postgresql_takes_whatever_a_question_names(shop: Shop) -> None:
    asked = [each for text in TEXTS for each in (*named(f"1{text}"), *beside_words(f"1{text}"))]
    with psycopg.connect(shop.database.app_url) as connection:
        counted = connection.execute("SELECT count(asked::tsquery) FROM unnest(%s::text[]) each (asked)", [asked])
        assert counted.fetchone() == (len(asked),)
