"""The rates of what an export of Shopify taxes at nothing, or gives for nothing: e-invoices ask for one everywhere."""

from decimal import Decimal
from pathlib import Path

import pytest

from daybook.importing.sources.order import SourceCharge, SourceLine, SourceOrder
from tests.importer.sources.samples import read
from tests.importer.sources.test_shopify_as_it_comes import LIVES, column

ONE = LIVES / "refunded-in-parts-2.csv"

Said = dict[str, str]


def order_of(folder: Path, first: Said, *more: Said) -> SourceOrder:
    """One order: its first row with these columns, and a row for each further line."""
    head, one, two = ONE.read_text(encoding="utf-8").splitlines()
    rows = []
    for line, said in ((one, first), *((two, each) for each in more)):
        fields = line.split(",")
        for name, value in said.items():
            fields[column(name)] = value
        rows.append(",".join(fields))
    file = folder / "orders.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    ((order,), refused) = read("shopify", [file])
    assert refused == []
    return order


def item(name: str, price: str, quantity: str = "1", **more: str) -> Said:
    said = {"Lineitem name": name, "Lineitem sku": name, "Lineitem price": price, "Lineitem quantity": quantity}
    return said | {f"Lineitem {column.replace('_', ' ')}": value for column, value in more.items()}


def sums(subtotal: str, shipping: str, taxes: str, total: str, **named: str) -> Said:
    said = {
        "Subtotal": subtotal,
        "Shipping": shipping,
        "Taxes": taxes,
        "Total": total,
        "Tax 1 Name": "",
        "Tax 1 Value": "",
    }
    for n, (name, value) in enumerate(named.items(), start=1):
        said |= {f"Tax {n} Name": f"VAT {name.removeprefix('at_')}%", f"Tax {n} Value": value}
    return said


def rates(order: SourceOrder) -> dict[str, set[Decimal | None]]:
    parts: list[SourceLine | SourceCharge] = [*order.lines, *order.charges]
    return {each.name: {tax.rate for tax in each.taxes} or {each.tax_rate} for each in parts}


def test_a_tip_that_no_tax_was_taken_of_is_at_nothing_and_said(tmp_path: Path) -> None:
    first = sums("40.00", "5.00", "8.55", "56.05", at_19="8.55") | item("Mug", "40.00")
    order = order_of(tmp_path, first, item("Tip", "2.50", requires_shipping="false"))
    assert rates(order)["Tip"] == {Decimal(0)}
    assert rates(order)["Mug"] == {Decimal("0.19")}
    assert any("Tip bears no tax, beside what does: it is at 0 %" in text for text in order.notes.assumed)


def test_a_tip_that_was_taxed_bears_its_rate(tmp_path: Path) -> None:
    first = sums("40.00", "5.00", "9.50", "57.00", at_20="9.50") | item("Mug", "40.00")
    order = order_of(tmp_path, first, item("Tip", "2.50", requires_shipping="false"))
    assert (rates(order)["Tip"], order.charges[0].tax) == ({Decimal("0.2")}, 50)


def test_duties_that_no_tax_was_taken_of_are_at_nothing(tmp_path: Path) -> None:
    first = sums("40.00", "5.00", "8.55", "57.65", at_19="8.55") | item("Mug", "40.00") | {"Duties": "4.10"}
    assert rates(order_of(tmp_path, first))["Duties"] == {Decimal(0)}


def test_a_free_line_goes_by_the_rate_of_the_order(tmp_path: Path) -> None:
    first = sums("40.00", "5.00", "8.55", "53.55", at_19="8.55") | item("Mug", "40.00")
    order = order_of(tmp_path, first, item("Sample", "0.00"))
    assert rates(order)["Sample"] == {Decimal("0.19")}
    assert order.lines[1].tax == 0
    assert any("line 2 costs nothing: it goes by VAT 19%" in text for text in order.notes.assumed)


def test_a_free_line_of_an_order_with_two_rates_goes_by_that_of_most_of_it(tmp_path: Path) -> None:
    first = sums("40.00", "0.00", "5.80", "45.80", at_7="1.05", at_19="4.75") | item("Book", "15.00")
    order = order_of(tmp_path, first, item("Mug", "25.00"), item("Sample", "0.00"))
    assert rates(order)["Sample"] == {Decimal("0.19")}


def test_a_line_that_is_not_taxable_is_at_nothing(tmp_path: Path) -> None:
    first = sums("60.00", "0.00", "7.60", "67.60", at_19="7.60") | item("Mug", "40.00")
    order = order_of(tmp_path, first, item("Gift card", "20.00", taxable="false", requires_shipping="false"))
    assert rates(order) | {"Mug": {Decimal("0.19")}, "Gift card": {Decimal(0)}} == rates(order)


def test_a_delivery_that_was_not_taxed_is_at_nothing(tmp_path: Path) -> None:
    first = sums("40.00", "5.00", "7.60", "52.60", at_19="7.60") | item("Mug", "40.00")
    order = order_of(tmp_path, first)
    assert order.delivery is not None
    assert (order.delivery.tax, order.delivery.tax_rate) == (0, Decimal(0))


def test_a_rate_that_makes_the_tax_line_by_line_is_known_too(tmp_path: Path) -> None:
    """19 % of 0.50 three times is 0.30 when each is rounded, and 0.29 of the sum."""
    first = sums("1.50", "0.00", "0.30", "1.80", at_19="0.30") | item("A", "0.50")
    order = order_of(tmp_path, first, item("B", "0.50"), item("C", "0.50"))
    assert [{tax.rate for tax in line.taxes} for line in order.lines] == [{Decimal("0.19")}] * 3


@pytest.mark.parametrize("named", [{}, {"at_12": "8.55"}])
def test_where_a_rate_is_not_known_nothing_is_said_to_be_at_nothing(named: Said, tmp_path: Path) -> None:
    first = sums("40.00", "5.00", "8.55", "53.55", **named) | item("Mug", "40.00")
    order = order_of(tmp_path, first, item("Sample", "0.00"))
    assert rates(order)["Sample"] == {None}
