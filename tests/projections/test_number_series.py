"""Stores with a prefix draw the numbers of their invoices and credit memos from a series of their own."""

import io
from collections.abc import Iterator
from uuid import UUID

import pypdf
import pytest

from projections.documents.kinds import KINDS
from projections.documents.parameters import parse_document_query
from projections.orders_grid.parameters import parse_grid_query
from tests.projections.shop import Shop, open_shop
from tests.support.orders import line
from tests.support.postgres import Database


@pytest.fixture
def shop(fresh_database: Database) -> Iterator[Shop]:
    with open_shop(fresh_database) as shop:
        yield shop


def invoiced(shop: Shop, store: str) -> dict[str, str]:
    return shop.do("orders/invoices", shop.place(line(quantity=2), store=store), lines="all_remaining")


def test_each_series_counts_by_itself_without_a_hole(shop: Shop) -> None:
    numbers = [invoiced(shop, store)["invoice_number"] for store in ("main", "outlet", "outlet", "main")]
    assert numbers == ["000000001", "OUT-000000001", "OUT-000000002", "000000002"]


def test_a_document_bears_its_prefix_wherever_it_is_shown_and_is_found_by_it(shop: Shop) -> None:
    invoiced(shop, "main")
    invoice = invoiced(shop, "outlet")
    memo = shop.do("invoices/refund", UUID(invoice["invoice_id"]), lines="all_remaining")
    shop.follow()
    assert memo["credit_memo_number"] == "OUT-000000001"
    detail = shop.documents.detail("credit-memos", UUID(memo["credit_memo_id"]))
    assert detail is not None
    assert (detail["credit_memo_number"], detail["invoice_number"]) == ("OUT-000000001", "OUT-000000001")
    asked = parse_document_query(KINDS["invoices"], {"invoice_number": ["OUT-000000001"]})
    assert b"OUT-000000001" in shop.documents.page(asked).items
    for asking in ({"invoice_number": ["OUT-000000001"]}, {"q": ["OUT-000000001"]}):
        assert invoice["order_id"].encode() in shop.queries.grid_page(parse_grid_query(asking)).items
    printed = shop.printer.print("invoice", UUID(invoice["invoice_id"]))
    assert printed is not None
    assert "OUT-000000001" in pypdf.PdfReader(io.BytesIO(printed.pdf)).pages[0].extract_text()
