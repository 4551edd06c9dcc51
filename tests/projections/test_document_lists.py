"""Documents are found: by number, order, customer, amount, words, parcel and change, in any order of rows."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from access.keys import create_key
from access.roles import Role
from projections.documents.kinds import KINDS
from projections.documents.parameters import parse_document_query, sorts
from projections.paging.query import GridPage, InvalidParameterError
from tests.projections.shop import START, Shop, following, open_shop, start_again, table
from tests.support.orders import ADDRESS, line, packed
from tests.support.postgres import Database

ITEM = 8  # its place among the columns of read.documents
NAMES = ("Jürgen Müller", "山田太郎", "Niall O'Brien")


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    """Three orders, each invoiced and shipped; the second is refunded in part, the third put on a dispatch."""
    with open_shop(database) as shop:
        for number, name in enumerate(NAMES, start=1):
            address = ADDRESS | {"name": name}
            order = shop.place(
                line(quantity=number, unit_price="10.00"),
                external_reference=f"cart-{number}77",
                purchase_order=f"PO-{number}/2026",
                customer={"id": f"c-{number}", "email": f"kunde.{number}@example.com"},
                billing_address=address,
                shipping_address=address,
                currency="USD" if number == 3 else "EUR",
                method="cash_on_delivery",
            )
            shop.do("orders/invoices", order, lines="all_remaining", capture="offline")
            package = {"tracking_number": f"1Z 99-{number}"}
            shop.do("orders/shipments", order, **packed(("1", number), package=package))
        shop.follow()
        (invoice,) = listed(shop, "invoices", invoice_number="2")
        lines = [{"line_id": "1", "quantity": 1, "disposition": "shipped"}]
        shop.do("invoices/refund", UUID(invoice["invoice_id"]), lines=lines, mode="offline")
        shop.do("batches", None, origin="main", carrier="ups", service="std", orders=[shop.place()])
        shop.follow()
        (shipment,) = listed(shop, "shipments", shipment_number="3")
        ready_at = START + timedelta(days=1)
        shop.do(
            "dispatches",
            None,
            carrier="ups",
            location="main",
            ready_at=ready_at,
            shipments=[UUID(shipment["shipment_id"])],
        )
        shop.follow()
        yield shop


def items(page: GridPage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(b"[" + page.items + b"]")
    return found


def ask(shop: Shop, kind: str, **parameters: str | list[str]) -> GridPage:
    given = {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
    return shop.documents.page(parse_document_query(KINDS[kind], given))


def listed(shop: Shop, kind: str, **parameters: str | list[str]) -> list[dict[str, Any]]:
    return items(ask(shop, kind, **parameters))


def numbers(shop: Shop, kind: str, **parameters: str | list[str]) -> list[int]:
    """The numbers of the documents found."""
    return sorted([int(item[KINDS[kind].number_name]) for item in listed(shop, kind, **parameters)])


@pytest.mark.parametrize(
    ("kind", "filters", "found"),
    [
        ("invoices", {"invoice_number": "1"}, [1]),
        ("invoices", {"invoice_number": "000000001, 3"}, [1, 3]),
        ("invoices", {"invoice_number": ["1", "2"]}, [1, 2]),
        ("invoices", {"order_number": "2 3"}, [2, 3]),
        ("invoices", {"external_reference": "CART-177"}, [1]),
        ("invoices", {"purchase_order": "po 2 2026"}, [2]),
        ("shipments", {"purchase_order": "PO-1/2026\nPO-3/2026"}, [1, 3]),
        ("credit-memos", {"purchase_order": "PO-2/2026"}, [1]),
        ("invoices", {"customer_id": "c-3"}, [3]),
        ("invoices", {"customer_id": ["c-1", "c-2"]}, [1, 2]),
        ("invoices", {"grand_total_min": "20"}, [2, 3]),
        ("invoices", {"grand_total_min": "20", "grand_total_max": "25.5", "currency": "EUR"}, [2]),
        ("invoices", {"currency": "USD"}, [3]),
        ("invoices", {"q": "mueller"}, [1]),
        ("invoices", {"q": "太郎"}, [2]),
        ("invoices", {"q": "obrien"}, [3]),
        ("invoices", {"q": "cart-277"}, [2]),
        ("invoices", {"q": "kunde.1@example.com"}, [1]),
        ("invoices", {"q": "3"}, [3]),
        ("invoices", {"q": "1, 2"}, [1, 2]),
        ("invoices", {"q": "---"}, []),
        ("invoices", {"q": ""}, []),
        ("credit-memos", {"invoice_number": "2"}, [1]),
        ("credit-memos", {"customer_id": "c-2", "grand_total_min": "10", "grand_total_max": "10"}, [1]),
        ("credit-memos", {"customer_id": "c-1"}, []),
        ("shipments", {"tracking_number": "1z992"}, [2]),
        ("shipments", {"q": "1Z 99-3"}, [3]),
        ("shipments", {"q": "brien", "origin": "main"}, [3]),
        ("shipments", {"external_reference": "cart-177\ncart-277"}, [1, 2]),
        ("batches", {"q": "std"}, [1]),
        ("batches", {"batch_number": "1"}, [1]),
        ("dispatches", {"q": "000000001"}, [1]),
        ("dispatches", {"updated_from": "2026-01-01"}, [1]),
        ("dispatches", {"updated_to": "2026-01-01"}, []),
    ],
)
def test_documents_are_found(shop: Shop, kind: str, filters: dict[str, Any], found: list[int]) -> None:
    assert numbers(shop, kind, **filters) == found


def test_shipments_are_found_by_the_code_of_a_package_and_dispatches_by_their_manifest(shop: Shop) -> None:
    (shipment,) = listed(shop, "shipments", shipment_number="2")
    (package,) = shipment["packages"]
    assert numbers(shop, "shipments", sscc=package["sscc"]) == [2]
    (dispatch,) = listed(shop, "dispatches")
    shop.do("dispatches/close", UUID(dispatch["dispatch_id"]))
    shop.follow()
    assert [each["manifest_number"] for each in listed(shop, "dispatches", manifest_number="1")] == ["000000001"]
    assert listed(shop, "dispatches", manifest_number="2") == []


def test_a_list_is_found_by_the_id_of_a_document_or_its_order(shop: Shop) -> None:
    assert numbers(shop, "invoices", q=str(shop.orders[1])) == [2]
    (shipment,) = listed(shop, "shipments", shipment_number="3")
    assert numbers(shop, "shipments", q=shipment["shipment_id"]) == [3]


@pytest.mark.parametrize(
    ("kind", "sort"),
    [(name, f"{sign}{column}") for name, kind in KINDS.items() for column in sorts(kind) for sign in ("", "-")],
)
def test_pages_of_every_order_add_up_both_ways(shop: Shop, kind: str, sort: str) -> None:
    everything = listed(shop, kind, sort=sort)
    column = sort.removeprefix("-")
    values = [Decimal(item[column]) if column == "grand_total" else item[column] for item in everything]
    assert values == sorted(values, reverse=sort.startswith("-"))
    page = ask(shop, kind, sort=sort, limit="1")
    forward = items(page)
    while page.next:
        page = ask(shop, kind, sort=sort, limit="1", cursor=page.next.token())
        forward += items(page)
    assert forward == everything
    backward = items(page)
    while page.previous:
        page = ask(shop, kind, sort=sort, limit="1", cursor=page.previous.token())
        backward = items(page) + backward
    assert backward == everything


def test_amounts_of_several_currencies_are_warned_of(shop: Shop) -> None:
    assert [warned.parameter for warned in ask(shop, "invoices", grand_total_min="1").warnings] == ["grand_total_min"]
    assert not ask(shop, "invoices", grand_total_min="1", currency="EUR").warnings
    assert not ask(shop, "invoices").warnings


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("shipments", {"grand_total_min": ["1"]}),
        ("invoices", {"tracking_number": ["1"]}),
        ("batches", {"customer_id": ["c"]}),
        ("invoices", {"sort": ["colour"]}),
        ("shipments", {"sort": ["grand_total"]}),
        ("invoices", {"grand_total_min": ["cheap"]}),
        ("invoices", {"q": ["a\0"]}),
    ],
)
def test_what_a_list_does_not_know_is_refused(kind: str, given: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidParameterError):
        parse_document_query(KINDS[kind], given)


def test_a_cursor_of_another_order_of_rows_is_refused(shop: Shop) -> None:
    page = ask(shop, "invoices", sort="updated_at", limit="1")
    assert page.next is not None
    for sort in ("-updated_at", "issued_at", "grand_total"):
        with pytest.raises(InvalidParameterError):
            ask(shop, "invoices", sort=sort, cursor=page.next.token())


def test_what_is_no_order_batch_or_dispatch_has_no_documents_and_stops_none(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        create_key(connection, Role.ADMIN, "Ana")
    with open_shop(fresh_database) as shop:
        everything_happens(shop)
        shop.follow()
        assert numbers(shop, "invoices") == [1]
    with psycopg.connect(fresh_database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM read.parked").fetchone() == (0,)


def test_a_document_that_shows_something_else_has_changed(fresh_database: Database) -> None:
    """Whatever happens to a document or its order: its row moves when what it shows does, and then only."""
    with open_shop(fresh_database) as shop:
        everything_happens(shop)
        seen: dict[str, tuple[str, int]] = {}
        moved = 0
        with following(fresh_database, "documents", events_max=1) as follower:
            more = True
            while more:
                more = follower.step().more
                for document_id, row in table(fresh_database, "documents").items():
                    item = json.loads(row[ITEM])
                    position = item.pop("position")
                    item.pop("updated_at")
                    shown = json.dumps(item, sort_keys=True)
                    before = seen.get(document_id)
                    if before is not None and before[0] != shown:
                        assert position > before[1], item
                        moved += 1
                    seen[document_id] = (shown, position)
        assert moved >= 6
        one_by_one = table(fresh_database, "documents")
        start_again(fresh_database, "documents")
        shop.follow()
        assert table(fresh_database, "documents") == one_by_one


def everything_happens(shop: Shop) -> None:
    """An order is paid, invoiced, shipped, scanned, held, readdressed and refunded."""
    order = shop.place(line(quantity=3), method="cash_on_delivery")
    invoice = shop.do("orders/invoices", order, lines="all_remaining", capture="offline")
    shop.do("orders/change-address", order, shipping_address=ADDRESS | {"name": "Rui Costa"})
    package = {"tracking_number": "1Z1"}
    shipment = UUID(shop.do("orders/shipments", order, **packed(("1", 2), package=package))["shipment_id"])
    shop.do("orders/hold", order)
    shop.do("orders/release", order)
    tracked = {"carrier": "ups", "tracking_number": "1Z1"}
    shop.do("shipments/tracking-events", shipment, **tracked, status="in_transit", occurred_at=START)
    shop.do("shipments/tracking-events", shipment, **tracked, status="delivered", occurred_at=START)
    lines = [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]
    shop.do("invoices/refund", UUID(invoice["invoice_id"]), lines=lines, mode="offline")
    shop.do("orders/comment", order, text="done")
