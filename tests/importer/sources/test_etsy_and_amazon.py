"""Orders of marketplaces that the samples do not have: the rule behind each, told by one changed order."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.reading import Options, RefusedOrder
from tests.importer.sources.samples import files_of, read

Rows = list[dict[str, str]]

ETSY, AMAZON = "2100000005", "302-0000001-0000001"


def taken_or_not(
    source: str, folder: Path, number: str, *changes: Callable[[Rows], object]
) -> SourceOrder | RefusedOrder:
    """One order of the sample; each change is of its rows in the file at that place."""
    files = []
    for n, path in enumerate(files_of(source)):
        dialect = "excel-tab" if source == "amazon" else "excel"
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = [row for row in csv.DictReader(opened, dialect=dialect) if number in row.values()]
        if n < len(changes):
            changes[n](rows)
        files.append(folder / path.name)
        with files[-1].open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0], dialect=dialect)
            writer.writeheader()
            writer.writerows(rows)
    orders, refused = read(source, files, Options(currency="EUR", place_without_amounts=True))
    return orders[0] if orders else refused[0]


def taken(source: str, folder: Path, number: str, *changes: Callable[[Rows], object]) -> SourceOrder:
    found = taken_or_not(source, folder, number, *changes)
    assert isinstance(found, SourceOrder), found
    return found


def cells(**said: str) -> Callable[[Rows], object]:
    """Sets cells of the first row; _ stands for a blank or a hyphen in the column's name."""

    def change(rows: Rows) -> None:
        names = {name.replace(" ", "_").replace("-", "_"): name for name in rows[0]}
        rows[0].update({names[name]: value for name, value in said.items()})

    return change


@pytest.mark.parametrize(
    "said",
    [{"Status": "Refunded"}, {"Status": "", "Adjusted_Net_Order_Amount": "-1.69"}],
)
def test_an_adjusted_total_of_nothing_is_all_that_went_back_where_something_else_says_so(
    tmp_path: Path, said: dict[str, str]
) -> None:
    order = taken("etsy", tmp_path, ETSY, cells(Adjusted_Order_Total="0.00", **said))
    assert (order.figures.refunded, order.figures.status) == (order.figures.grand_total, "Closed")
    assert any("all that was paid went back" in text for text in order.notes.assumed)


def test_an_adjusted_total_of_nothing_says_nothing_by_itself(tmp_path: Path) -> None:
    order = taken("etsy", tmp_path, ETSY, cells(Adjusted_Order_Total="0", Adjusted_Net_Order_Amount="0"))
    assert (order.figures.refunded, order.figures.status, order.refunds) == (0, "Complete", [])


def test_what_etsy_canceled_before_it_was_sent_is_canceled_and_paid_back(tmp_path: Path) -> None:
    gone = cells(Status="Canceled", Date_Shipped="", Adjusted_Order_Total="0")
    order = taken("etsy", tmp_path, ETSY, gone)
    assert (order.figures.status, order.figures.refunded) == ("Canceled", order.figures.paid)
    assert order.canceled_at
    assert (order.invoices, order.shipments) == ([], [])


def test_items_in_another_currency_than_the_order_are_refused(tmp_path: Path) -> None:
    found = taken_or_not("etsy", tmp_path, ETSY, lambda _: None, cells(Currency="CHF"))
    assert isinstance(found, RefusedOrder)
    assert "its Currency is CHF, not" in found.reason


def test_names_that_etsy_writes_as_html_are_read(tmp_path: Path) -> None:
    order = taken("etsy", tmp_path, ETSY, lambda _: None, cells(Item_Name="Salt &amp; &quot;Pepper&quot;"))
    assert order.lines[0].name == 'Salt & "Pepper"'


def test_an_item_count_that_is_no_number_is_refused_in_words(tmp_path: Path) -> None:
    found = taken_or_not("etsy", tmp_path, ETSY, cells(Number_of_Items="two"))
    assert isinstance(found, RefusedOrder)
    assert found.reason == "Number of Items is no amount: 'two'; it must be written like 1234.56"


def with_a_canceled_row(rows: Rows) -> None:
    nothing = {"quantity": "0", "item-status": "Cancelled", "item-price": "", "item-tax": "", "product-name": "Gone"}
    rows.append(rows[0] | nothing | {"item-promotion-discount": "", "ship-promotion-discount": ""})


def test_what_was_canceled_out_of_an_order_of_amazon_is_no_line_of_it(tmp_path: Path) -> None:
    order = taken("amazon", tmp_path, AMAZON, with_a_canceled_row)
    assert [line.name for line in order.lines] == ["Sheet set"]
    assert (order.figures.status, order.shipments[0].lines) == ("Complete", {"1": 1})
    assert any("Gone: it has no units and no price" in text for text in order.notes.dropped)


def test_an_order_of_no_units_that_was_canceled_is_placed_at_nothing(tmp_path: Path) -> None:
    money = {"item_price": "", "item_tax": "", "currency": "", "item_promotion_discount": ""}
    gone = cells(order_status="Cancelled", item_status="Cancelled", quantity="0", **money)
    order = taken("amazon", tmp_path, AMAZON, gone)
    assert (order.figures.status, order.figures.grand_total, order.lines[0].quantity) == ("Canceled", 0, 1)
    assert any("has no units, for it was canceled" in text for text in order.notes.assumed)


def test_units_of_nothing_that_cost_something_are_refused_with_what_to_do(tmp_path: Path) -> None:
    found = taken_or_not("amazon", tmp_path, AMAZON, cells(quantity="0"))
    assert isinstance(found, RefusedOrder)
    assert "write the units that were sold into quantity" in found.reason


def test_goods_that_came_back_to_the_seller_are_named(tmp_path: Path) -> None:
    order = taken("amazon", tmp_path, AMAZON, cells(order_status="Shipped - Returned to Seller"))
    assert order.attributes["order-status"] == "Shipped - Returned to Seller"
    assert any(text.startswith("Returned to Seller: taken as sent and paid") for text in order.notes.assumed)


def test_what_costs_nothing_and_was_not_sent_is_expected_as_it_comes_in(tmp_path: Path) -> None:
    free = cells(order_status="Unshipped", item_status="Unshipped", item_price="", item_tax="")
    order = taken("amazon", tmp_path, AMAZON, lambda rows: (free(rows), cells(item_promotion_discount="")(rows)))
    assert (order.figures.grand_total, order.figures.status) == (0, "Pending")
