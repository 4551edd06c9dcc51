"""Orders of WooCommerce that the sample does not have: the rule behind each, told by one order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.reading import RefusedOrder
from tests.importer.sources.samples import files_of, lines_of, read

Json = dict[str, Any]
Change = Callable[[Json], object]


def order_of(change: Change, **fields: Any) -> Json:
    """One article for 100.00, taxed with 19 %, paid and not sent yet, changed."""
    sample: Json = json.loads(files_of("woocommerce")[0].read_text(encoding="utf-8"))[4]
    item = {"id": 1, "name": "Mug", "sku": "MUG", "quantity": 1, "subtotal": "100.00", "total": "100.00"}
    order = sample | {"id": 900, "number": "900", "status": "processing", "line_items": [item | {"total_tax": "19.00"}]}
    order |= {"shipping_lines": [], "fee_lines": [], "coupon_lines": [], "refunds": [], "meta_data": []}
    order |= {"total": "119.00", "total_tax": "19.00", "tax_lines": [tax_line(1, "VAT", 19)]} | fields
    change(order)
    return order


def tax_line(rate_id: int, label: str, percent: float | None) -> Json:
    return {"id": 70 + rate_id, "rate_id": rate_id, "label": label, "rate_percent": percent}


def taken_or_not(folder: Path, change: Change = lambda _: None, **fields: Any) -> SourceOrder | RefusedOrder:
    file = folder / "woocommerce.json"
    file.write_text(json.dumps([order_of(change, **fields)]), encoding="utf-8")
    orders, refused = read("woocommerce", [file])
    return orders[0] if orders else refused[0]


def taken(folder: Path, change: Change = lambda _: None, **fields: Any) -> SourceOrder:
    found = taken_or_not(folder, change, **fields)
    assert isinstance(found, SourceOrder), found
    return found


def taxes_of(order: SourceOrder, line: int = 0) -> list[tuple[str, int, str | None]]:
    return [(tax.name, tax.amount, None if tax.rate is None else str(tax.rate)) for tax in order.lines[line].taxes]


def test_each_tax_that_a_line_lists_is_taken_by_its_name_and_rate(tmp_path: Path) -> None:
    def change(order: Json) -> None:
        order |= {"tax_lines": [tax_line(1, "GST", 5), tax_line(2, "QST", 9.975)]}
        order |= {"total": "114.98", "total_tax": "14.98"}
        line = order["line_items"][0]
        line |= {"total_tax": "14.975", "taxes": [{"id": 1, "total": "5.00"}, {"id": "2", "total": "9.975"}]}

    order = taken(tmp_path, change)
    assert taxes_of(order) == [("GST", 500, "0.05"), ("QST", 998, "0.09975")]
    assert order.lines[0].tax_amount == 0


def test_a_tax_on_a_tax_keeps_its_name_and_leaves_its_rate_open(tmp_path: Path) -> None:
    def change(order: Json) -> None:
        order |= {"tax_lines": [tax_line(1, "GST", 5), tax_line(2, "PST", 10)]}
        order |= {"total": "115.50", "total_tax": "15.50"}
        order["line_items"][0] |= {"total_tax": "15.50", "taxes": [{"id": 1, "total": "5"}, {"id": 2, "total": "10.5"}]}

    order = taken(tmp_path, change)
    assert taxes_of(order) == [("GST", 500, "0.05"), ("PST", 1050, None)]
    assert any("PST has not the 10 %" in text for text in order.notes.assumed)


def test_what_a_rebate_takes_off_the_taxes_is_taken_off_each_of_them(tmp_path: Path) -> None:
    def change(order: Json) -> None:
        order |= {"tax_lines": [tax_line(1, "GST", 5), tax_line(2, "QST", 10)], "total": "103.50", "total_tax": "13.50"}
        order["line_items"][0] |= {"total_tax": "15.00", "taxes": [{"id": 1, "total": "5"}, {"id": 2, "total": "10"}]}
        order["fee_lines"] = [{"id": 9, "name": "Rebate", "total": "-10.00", "total_tax": "-1.50"}]

    assert taxes_of(taken(tmp_path, change)) == [("GST", 450, "0.05"), ("QST", 900, "0.1")]


def test_a_rate_of_nothing_is_a_rate(tmp_path: Path) -> None:
    def change(order: Json) -> None:
        order |= {"tax_lines": [tax_line(1, "VAT 0%", 0)], "total": "100.00", "total_tax": "0.00"}
        order["line_items"][0] |= {"total_tax": "0.00", "taxes": [{"id": 1, "total": "0.00"}]}

    assert taxes_of(taken(tmp_path, change)) == [("VAT 0%", 0, "0")]


def test_what_is_taxed_at_nothing_is_not_of_a_rate_that_is_something(tmp_path: Path) -> None:
    def change(order: Json) -> None:
        order |= {"total": "100.00", "total_tax": "0.00"}
        order["line_items"][0] |= {"total_tax": "0.00", "taxes": [{"id": 1, "total": "0.00"}]}

    assert taxes_of(taken(tmp_path, change)) == []


def test_what_costs_nothing_has_the_rate_of_the_one_tax(tmp_path: Path) -> None:
    gift = {"id": 2, "name": "Gift", "quantity": 1, "subtotal": "0.00", "total": "0.00", "total_tax": "0.00"}
    order = taken(tmp_path, lambda order: order["line_items"].append(gift))
    assert taxes_of(order, 1) == [("VAT", 0, "0.19")]
    assert any("what costs nothing goes by the one tax" in text for text in order.notes.assumed)


@pytest.mark.parametrize("without", [{"rate_percent": None}, {"rate_percent": ""}, None])
def test_a_tax_without_its_rate_keeps_its_name(tmp_path: Path, without: Json | None) -> None:
    def change(order: Json) -> None:
        if without is None:
            del order["tax_lines"][0]["rate_percent"]
        else:
            order["tax_lines"][0] |= without

    order = taken(tmp_path, change)
    assert taxes_of(order) == [("VAT", 1900, None)]
    assert any("VAT has no rate_percent" in text for text in order.notes.assumed)


def test_a_line_of_no_units_is_dropped_and_named(tmp_path: Path) -> None:
    gone = {"id": 2, "name": "Taken out", "quantity": 0, "subtotal": "0.00", "total": "0.00", "total_tax": "0.00"}
    order = taken(tmp_path, lambda order: order["line_items"].append(gone))
    assert [line.line_id for line in order.lines] == ["1"]
    assert "line 2, Taken out: it has no units" in order.notes.dropped
    refused = taken_or_not(tmp_path, lambda order: order["line_items"].append(gone | {"total": "1.00"}))
    assert isinstance(refused, RefusedOrder)
    assert "has no units and costs something" in refused.reason


def test_an_order_of_fees_alone_is_one_of_lines_that_are_not_packed(tmp_path: Path) -> None:
    fee = {"id": 5, "name": "Workshop", "total": "100.00", "total_tax": "19.00", "taxes": [{"id": 1, "total": "19.00"}]}
    order = taken(tmp_path, line_items=[], fee_lines=[fee])
    assert [(line.name, line.amount, line.shippable) for line in order.lines] == [("Workshop", 10000, False)]
    assert taxes_of(order) == [("VAT", 1900, "0.19")]
    assert order.charges == []


def test_a_line_sold_for_more_than_its_subtotal_costs_that(tmp_path: Path) -> None:
    order = taken(tmp_path, lambda order: order["line_items"][0].update(subtotal="90.00"))
    assert (order.lines[0].amount, order.discounts, order.total) == (10000, [], 11900)
    assert any("sold for more than its subtotal" in text for text in order.notes.assumed)


def test_a_line_below_nothing_is_refused_in_words_of_the_shop(tmp_path: Path) -> None:
    minus = {"id": 2, "name": "Voucher", "quantity": 1, "subtotal": "-5.00", "total": "-5.00", "total_tax": "0.00"}
    refused = taken_or_not(tmp_path, lambda order: order["line_items"].append(minus), total="114.00")
    assert isinstance(refused, RefusedOrder)
    assert "Line 2, Voucher, costs less than nothing" in refused.reason


def test_names_are_left_whole_for_what_cuts_and_reports(tmp_path: Path) -> None:
    order = taken(tmp_path, lambda order: order["line_items"][0].update(name="N" * 300, sku="S" * 200))
    (placed, *_) = lines_of([order])
    assert (len(placed["body"]["lines"][0]["name"]), len(order.lines[0].sku)) == (300, 200)


def test_a_time_that_is_only_in_the_shops_own_zone_is_one(tmp_path: Path) -> None:
    def change(order: Json) -> None:
        order |= {"date_paid_gmt": None, "date_paid": "2026-03-01T10:00:00"}

    order = taken(tmp_path, change)
    assert (order.figures.paid, order.payments[0].at) == (11900, "2026-03-01T10:00:00Z")
    assert "date_paid without date_paid_gmt: a time of UTC" in order.notes.assumed


def test_a_status_may_be_written_as_the_shop_stores_it(tmp_path: Path) -> None:
    order = taken(tmp_path, status="wc-completed")
    assert (order.figures.status, len(order.shipments)) == ("Complete", 1)


def test_a_status_of_a_plugin_is_named(tmp_path: Path) -> None:
    told = "status 'shipped' is none of WooCommerce's own: taken as paid in full and not sent"
    assert told in taken(tmp_path, status="shipped").notes.assumed
    assert not [text for text in taken(tmp_path).notes.assumed if "WooCommerce's own" in text]


def test_an_order_without_an_address_is_picked_up(tmp_path: Path) -> None:
    order = taken(tmp_path, billing={"email": "a@example.com", "country": ""}, shipping={})
    (placed, *_) = lines_of([order])
    assert placed["body"]["delivery"] == "pickup"
    assert "shipping_address" not in placed["body"]
    assert any("no address with a country" in text for text in order.notes.assumed)


def test_a_billing_address_that_is_null_is_none(tmp_path: Path) -> None:
    order = taken(tmp_path, billing=None)
    assert order.billing == order.ship_to
    assert "no billing address: the one it was sent to is it" in order.notes.assumed
    assert taken(tmp_path, billing=None, shipping=None).billing == {}


def test_what_was_all_paid_back_is_closed(tmp_path: Path) -> None:
    order = taken(tmp_path, refunds=[{"id": 7, "reason": "", "total": "-119.00"}])
    assert (order.figures.refunded, order.figures.status) == (11900, "Closed")


def test_numbers_have_no_blanks_around_them(tmp_path: Path) -> None:
    assert taken(tmp_path, number="900 ").number == "900"
