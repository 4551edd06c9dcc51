"""Exports of Shopify as people have them: put together, opened in a spreadsheet, of edited orders, in other words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.importer.sources.samples import files_of, read

LIVES = Path(__file__).parent.parent / "moving" / "lives"
ONE = LIVES / "refunded-in-parts-2.csv"


def changed(path: Path, folder: Path, change: Callable[[list[str]], list[str]]) -> list[Path]:
    """The file with its lines changed; the first is the head."""
    file = folder / path.name
    file.write_text("\n".join(change(path.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")
    return [file]


def replaced(line: str, number: int, value: str) -> str:
    """A line with one of its fields, none of which is quoted, replaced."""
    fields = line.split(",")
    fields[number] = value
    return ",".join(fields)


def column(name: str) -> int:
    return ONE.read_text(encoding="utf-8").splitlines()[0].split(",").index(name)


def test_an_order_that_is_told_twice_alike_is_taken_once(tmp_path: Path) -> None:
    ((once,), _) = read("shopify", [ONE])
    ((twice,), refused) = read("shopify", changed(ONE, tmp_path, lambda lines: lines + lines[1:]))
    assert refused == []
    assert [line.quantity for line in twice.lines] == [line.quantity for line in once.lines]
    assert twice.discounts == once.discounts == []
    assert any("taken once" in text for text in twice.notes.assumed)


def test_an_order_that_is_told_twice_differently_is_refused(tmp_path: Path) -> None:
    later = (LIVES / "refunded-in-parts-5.csv").read_text(encoding="utf-8").splitlines()[1:]
    taken, (refused,) = read("shopify", changed(ONE, tmp_path, lambda lines: lines + later))
    assert taken == []
    assert "Import each as a file of its own" in refused.reason


def test_an_id_that_a_spreadsheet_shortened_is_refused(tmp_path: Path) -> None:
    shortened = lambda lines: [lines[0], *(replaced(line, column("Id"), "5.94512E+12") for line in lines[1:])]  # noqa: E731
    taken, (refused,) = read("shopify", changed(ONE, tmp_path, shortened))
    assert taken == []
    assert "Export the orders anew" in refused.reason


def edited(lines: list[str], price: str) -> list[str]:
    """With one more line item, which no Subtotal knows."""
    more = replaced(replaced(lines[2], column("Lineitem name"), "Gone"), column("Lineitem price"), price)
    return [*lines, replaced(more, column("Lineitem quantity"), "1")]


def test_a_line_that_was_edited_away_is_not_taken_for_a_discount(tmp_path: Path) -> None:
    ((order,), refused) = read("shopify", changed(ONE, tmp_path, lambda lines: edited(lines, "7.77")))
    assert refused == []
    assert (order.discounts, [line.name for line in order.lines if line.name == "Gone"]) == ([], [])
    assert any("(Gone) was taken out of the order" in text for text in order.notes.assumed)


def test_where_nobody_can_tell_which_line_is_gone_the_order_is_refused(tmp_path: Path) -> None:
    def twins(lines: list[str]) -> list[str]:
        """Two more of one price, of which the sums know one."""
        more = edited(lines, "7.77")
        first = replaced(replaced(more[1], column("Subtotal"), "47.77"), column("Total"), "57.27")
        return [more[0], first, *more[2:], more[-1]]

    taken, (refused,) = read("shopify", changed(ONE, tmp_path, twins))
    assert taken == []
    assert "the export does not say which lines are gone" in refused.reason


@pytest.mark.parametrize("said", ["bezahlt", ""])
def test_a_payment_in_words_that_are_not_shopifys_is_refused(said: str, tmp_path: Path) -> None:
    changes = lambda lines: [lines[0], replaced(lines[1], column("Financial Status"), said), *lines[2:]]  # noqa: E731
    taken, (refused,) = read("shopify", changed(ONE, tmp_path, changes))
    assert taken == []
    assert "Shopify's own words are" in refused.reason


def test_fulfilment_in_other_words_is_said(tmp_path: Path) -> None:
    changes = lambda lines: [lines[0], replaced(lines[1], column("Fulfillment Status"), "teilweise"), *lines[2:]]  # noqa: E731
    ((order,), _) = read("shopify", changed(ONE, tmp_path, changes))
    assert any("'teilweise': taken as not shipped" in text for text in order.notes.assumed)


def test_a_quotation_mark_that_is_not_closed_is_told_with_the_lines_that_it_takes(tmp_path: Path) -> None:
    open_mark = lambda lines: [lines[0], replaced(lines[1], column("Lineitem name"), '"Mug'), *lines[2:]]  # noqa: E731
    _, refused = read("shopify", changed(ONE, tmp_path, open_mark))
    assert any("A quotation mark that opens on line 2 is not closed" in each.reason for each in refused)


def test_a_quotation_mark_of_amazon_is_a_letter(tmp_path: Path) -> None:
    (sample,) = files_of("amazon")
    lines = sample.read_text(encoding="utf-8").splitlines()
    name = lines[0].split("\t").index("product-name")
    fields = lines[1].split("\t")
    fields[name] = '"12 inch" cable'
    (before, _), (after, _) = (
        read("amazon"),
        read("amazon", changed(sample, tmp_path, lambda all_: [all_[0], "\t".join(fields), *all_[2:]])),
    )
    assert len(before) == len(after)
    assert any(line.name == '"12 inch" cable' for order in after for line in order.lines)


def test_goods_of_two_rates_bear_each_their_own(tmp_path: Path) -> None:
    """15.00 and 25.00 without tax: 7 % of the one and 19 % of the other, and of nothing else, make these amounts."""

    def taxed(lines: list[str]) -> list[str]:
        said = {"Taxes": "5.80", "Total": "50.80", "Tax 1 Name": "VAT 7%", "Tax 1 Value": "1.05"}
        said |= {"Tax 2 Name": "VAT 19%", "Tax 2 Value": "4.75", "Lineitem quantity": "1", "Lineitem price": "15.00"}
        first, second = lines[1], replaced(lines[2], column("Lineitem quantity"), "1")
        for name, value in said.items():
            first = replaced(first, column(name), value)
        return [lines[0], first, replaced(second, column("Lineitem price"), "25.00")]

    ((order,), refused) = read("shopify", changed(ONE, tmp_path, taxed))
    assert refused == []
    assert [[(tax.name, tax.amount) for tax in line.taxes] for line in order.lines] == [
        [("VAT 7%", 105)],
        [("VAT 19%", 475)],
    ]


@pytest.mark.parametrize("said", ["expired", "pending"])
def test_without_money_an_order_is_pending(said: str, tmp_path: Path) -> None:
    def changes(lines: list[str]) -> list[str]:
        first = replaced(lines[1], column("Financial Status"), said)
        return [lines[0], replaced(first, column("Fulfillment Status"), ""), *lines[2:]]

    ((order,), _) = read("shopify", changed(ONE, tmp_path, changes))
    assert order.figures.status == "Pending"


def test_two_orders_of_one_id_are_refused_both(tmp_path: Path) -> None:
    def doubled(lines: list[str]) -> list[str]:
        return [*lines, *(line.replace("#S1,", "#S2,") for line in lines[1:])]

    taken, refused = read("shopify", changed(ONE, tmp_path, doubled))
    assert taken == []
    assert [each.number for each in refused] == ["#S1", "#S2"]
    assert all("has the same Id" in each.reason for each in refused)


def test_a_line_of_no_units_is_left_out_and_said(tmp_path: Path) -> None:
    def more(lines: list[str]) -> list[str]:
        return [*lines, replaced(lines[2], column("Lineitem quantity"), "0")]

    ((order,), refused) = read("shopify", changed(ONE, tmp_path, more))
    assert refused == []
    assert [line.line_id for line in order.lines] == ["1", "2"]
    assert any("it is of no units" in text for text in order.notes.dropped)


def test_what_an_order_says_itself_is_the_same_once_it_is_paid() -> None:
    ((promised,), _), ((paid,), _) = (read("shopify", [LIVES / f"refunded-in-parts-{n}.csv"]) for n in (1, 2))
    assert promised.attributes == paid.attributes


def test_without_a_discount_amount_a_line_of_just_that_worth_is_not_taken_for_one_that_was_edited_away(
    tmp_path: Path,
) -> None:
    """The column is empty: the lines make 20.00 more than the Subtotal, which is a discount, though one costs that."""

    def reduced(lines: list[str]) -> list[str]:
        first = lines[1]
        said = {"Discount Amount": "", "Discount Code": "FRIENDS", "Subtotal": "20.00", "Taxes": "2.50"}
        for name, value in (said | {"Total": "27.50", "Tax 1 Value": "2.50"}).items():
            first = replaced(first, column(name), value)
        return [lines[0], first, *lines[2:]]

    ((order,), refused) = read("shopify", changed(ONE, tmp_path, reduced))
    assert refused == []
    assert [line.line_id for line in order.lines] == ["1", "2"]
    assert [(each.amount, each.code) for each in order.discounts] == [(2000, "FRIENDS")]
