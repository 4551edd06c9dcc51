"""Orders of Shopify as real shops have them: edited, given away, in other currencies, of two hundred lines."""

from decimal import Decimal
from pathlib import Path

import pytest

from daybook.importing.sources.amounts import number
from daybook.importing.sources.planning import LineCounters, Plan, Present
from daybook.importing.sources.refused import Refused
from tests.importer.sources.samples import STORE, lines_of
from tests.importer.sources.test_shopify_rates import item, order_of, rates, sums


def test_a_discount_of_a_line_and_free_delivery_are_told_apart(tmp_path: Path) -> None:
    """11.00 in all: 5.00 stand at the line, the Subtotal knows no more, so that 6.00 are of the delivery."""
    first = sums("35.00", "6.00", "0.00", "35.00") | item("A", "10.00", "4", discount="5.00")
    order = order_of(tmp_path, first | {"Discount Code": "SHIP", "Discount Amount": "11.00"})
    assert [(each.amount, each.target) for each in order.discounts] == [(600, "shipping")]
    assert (order.lines[0].discount, order.total) == (500, 3500)


def test_a_discount_of_a_line_and_one_of_the_order_are_told_apart(tmp_path: Path) -> None:
    first = sums("30.00", "6.00", "0.00", "34.00") | item("A", "10.00", "4", discount="5.00")
    order = order_of(tmp_path, first | {"Discount Code": "X", "Discount Amount": "12.00"})
    assert [(each.amount, each.target) for each in order.discounts] == [(500, "lines"), (200, "shipping")]


def test_what_has_neither_sku_nor_name_is_called_by_its_number(tmp_path: Path) -> None:
    order = order_of(tmp_path, sums("40.00", "0.00", "0.00", "40.00") | item("", "10.00", "4"))
    assert (order.lines[0].sku, order.lines[0].name) == ("line-1", "line-1")
    assert "line 1 has no SKU, nor a name: its number stands for both" in order.notes.assumed


@pytest.mark.parametrize(
    ("text", "is_number"),
    [
        ("10,50", "10.50"),
        ("10,5", "10.5"),
        ("-10,50", "-10.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("12,345,678.00", "12345678.00"),
        ("1\u202f234,50", "1234.50"),
    ],
)
def test_marks_of_thousands_and_decimals_are_read_where_there_is_one_way(text: str, is_number: str) -> None:
    assert number(text, "Total") == Decimal(is_number)


@pytest.mark.parametrize("text", ["1,234", "1,2,3", "1,23.4", "12.34,5", "1,2345.00", ",5", "5,", "1.2,3"])
def test_marks_that_can_be_read_in_two_ways_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="Total is no amount"):
        number(text, "Total")


def test_two_hundred_lines_make_their_total(tmp_path: Path) -> None:
    lines = [item(f"L{n}", "1.50") for n in range(200)]
    order = order_of(tmp_path, sums("300.00", "0.00", "69.00", "369.00", at_23="69.00") | lines[0], *lines[1:])
    assert (len(order.lines), order.total) == (200, 36900)
    assert {tuple(each) for each in rates(order).values()} == {(Decimal("0.23"),)}


def test_yen_may_be_written_with_decimals_that_are_none(tmp_path: Path) -> None:
    money = {"Currency": "JPY", "Discount Amount": "0.0", "Outstanding Balance": "0.0"}
    first = sums("3000.0", "500.0", "0.0", "3500.0") | item("T", "1500.0", "2", discount="0.0") | money
    assert order_of(tmp_path, first).total == 3500


def test_an_order_that_was_given_away_is_sent_and_nothing_is_paid(tmp_path: Path) -> None:
    first = sums("0.00", "0.00", "0.00", "0.00") | item("A", "10.00", "4")
    given = {"Discount Code": "FREE", "Discount Amount": "40.00", "Fulfillment Status": "fulfilled"}
    order = order_of(tmp_path, first | given)
    verbs = [line["command"].rpartition("/")[2] for line in lines_of([order])]
    assert (order.total, verbs) == (0, ["orders", "invoices", "shipments"])


def test_an_order_that_was_canceled_once_a_part_was_sent_is_complete_with_that_part(tmp_path: Path) -> None:
    first = sums("40.00", "0.00", "0.00", "40.00") | item("A", "10.00", "2", fulfillment_status="fulfilled")
    ended = {"Fulfillment Status": "partial", "Cancelled at": "2026-03-12 09:00:00 -0500"}
    order = order_of(tmp_path, first | ended, item("B", "20.00", fulfillment_status="pending"))
    assert (order.figures.status, order.shipments[0].lines) == ("Complete", {"1": 2})
    assert [line["command"].rpartition("/")[2] for line in lines_of([order])][-1] == "cancel"

    done = {"1": LineCounters(2, 2, 0, 2), "2": LineCounters(canceled=1, ordered=1)}
    present = Present(there=True, paid=4000, lines=done, shipments={f"{order.number}.1"}, tags=set(order.tags))
    assert list(Plan(order, STORE).rest(present)) == []
