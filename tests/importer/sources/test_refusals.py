"""What does not add up is refused with the place it stands at, and everything around it is still taken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daybook.importing.sources.catalogue import SOURCES
from daybook.importing.sources.reading import Options
from daybook.importing.sources.refused import Unreadable
from tests.importer.sources.samples import FILES, files_of, read

Json = dict[str, Any]


def changed_table(source: str, folder: Path, old: str, new: str, file: int = 0) -> list[Path]:
    """The files of the sample with one piece of text replaced in one of them."""
    files = []
    for n, path in enumerate(files_of(source)):
        text = path.read_text(encoding="utf-8")
        assert n != file or old in text
        files.append(folder / path.name)
        files[-1].write_text(text.replace(old, new, 1) if n == file else text, encoding="utf-8")
    return files


def changed_list(source: str, folder: Path, change: Callable[[Any], None]) -> list[Path]:
    first, *others = files_of(source)
    found = json.loads(first.read_text(encoding="utf-8"))
    change(found)
    file = folder / first.name
    file.write_text(json.dumps(found), encoding="utf-8")
    return [file, *others]


@pytest.mark.parametrize(
    ("source", "file", "old", "new", "number", "line", "why"),
    [
        ("shopify", 0, "7.84,73.19", "7.84,73.20", "#3001", 2, "make 73.19 CAD, its total says 73.20"),
        ("shopify", 0, ",3,Enamel", ",three,Enamel", "#3001", 2, "no number of units"),
        ("shopify", 0, ",3,Enamel mug,19.95", ",3,Enamel mug,19.955", "#3001", 2, "more decimals than CAD"),
        ("shopify", 0, ",3,Enamel mug,19.95", ",3,Enamel mug,abc", "#3001", 2, "is no amount"),
        ("shopify", 0, "#3001,buyer3001@example.com,paid", "#3001,x,buyer,paid", "#3001", 2, "fields, the head has"),
        ("shopify", 0, "2026-03-02 09:02:11 -0500,1", "soon,1", "#3002", 4, "Created at is no time"),
        ("shopify", 0, "CAD,93.00", "CAX,93.00", "#3002", 4, "CAX is no currency"),
        ("etsy", 0, "9.00,,,0,0,4.13,0,13.97", "9.00,,,0,0,4.13,0,12.97", "2100000001", 2, "more than its Order Total"),
        ("etsy", 1, "2,3.50,,,0,0,4.13,0,7.00", "2,3.50,,,0,0,4.13,0,7.50", "2100000001", 2, "make the Item Total"),
        ("etsy", 0, "CT,06101,United States,USD,9.00", "CT,06101,Narnia,USD,9.00", "2100000001", 2, "no country"),
        ("etsy", 0, "17.00,STAY25", "18.00,STAY25", "2100000002", 3, "do not make the Order Value"),
        ("amazon", 0, "Shipped	1	EUR	89.90", "Shipped	1	EUR	89.901", "302-0000001-0000001", 2, "more decimals"),
        ("amazon", 0, "Shipped	Merchant", "Vanished	Merchant", "302-0000001-0000001", 2, "order-status is unknown"),
        ("amazon", 0, "89.90	14.35", "89.90	14.05", "302-0000001-0000001", 2, "of no known rate"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_add_up_is_refused_with_its_line(
    source: str, file: int, old: str, new: str, number: str, line: int, why: str, tmp_path: Path
) -> None:
    taken, refused = read(source, changed_table(source, tmp_path, old, new, file))
    before, refused_before = read(source)
    found, *rest = [each for each in refused if each.number == number]
    assert (found.place.line, why in found.reason) == (line, True), found
    others = {order.number for order in before} - {number}
    assert {order.number for order in taken} - {number} == others
    assert len(refused) == len(refused_before) + 1 + len(rest)


def test_a_total_of_woocommerce_that_its_parts_do_not_make_is_refused_with_its_entry(tmp_path: Path) -> None:
    def change(orders: list[Json]) -> None:
        orders[1]["total"] = "138.01"

    taken, (refused,) = read("woocommerce", changed_list("woocommerce", tmp_path, change))
    assert (str(refused.place), refused.number) == ("2_woocommerce_orders.json, entry 2", "502")
    assert "make 138.00 EUR, its total says 138.01" in refused.reason
    assert len(taken) == len(read("woocommerce")[0]) - 1


def test_taxes_that_rounding_does_not_bring_to_their_sum_are_refused(tmp_path: Path) -> None:
    def change(orders: list[Json]) -> None:
        orders[0]["line_items"][0]["total_tax"] = "6.7475"

    _, (refused,) = read("woocommerce", changed_list("woocommerce", tmp_path, change))
    assert "total_tax does not add up" in refused.reason


def test_half_units_are_refused(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        found["orders"]["items"][0]["items"][2]["qty_ordered"] = 0.5

    _, (refused,) = read("magento", changed_list("magento", tmp_path, change))
    assert "only whole units" in refused.reason


def test_an_entry_that_is_no_order_is_refused_and_the_others_are_taken(tmp_path: Path) -> None:
    def change(orders: list[Json]) -> None:
        del orders[3]["billing"]

    taken, (refused,) = read("woocommerce", changed_list("woocommerce", tmp_path, change))
    assert "no order of WooCommerce" in refused.reason
    assert len(taken) == 8


def test_a_refund_without_its_order_and_items_without_theirs_are_refused(tmp_path: Path) -> None:
    def change(orders: list[Json]) -> None:
        del orders[4]

    _, refused = read("woocommerce", changed_list("woocommerce", tmp_path, change))
    assert [each.number for each in refused] == ["505"]
    _, refused = read("etsy", changed_table("etsy", tmp_path, "03/05/2026,2100000004", "03/05/2026,2100000094"))
    assert [each.number for each in refused] == ["2100000094", "2100000004"]
    assert all("Take both files" in each.reason for each in refused)


@pytest.mark.parametrize("source", FILES)
@pytest.mark.parametrize("content", [b"", b"nothing of the kind\n", b'{"a": 1}', b"[1, 2"])
def test_a_file_of_something_else_says_what_it_should_be(source: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "something"
    file.write_bytes(content)
    with pytest.raises(Unreadable):
        list(SOURCES[source].read([file], Options()))


def test_one_of_the_two_files_of_etsy_is_not_enough() -> None:
    with pytest.raises(Unreadable, match="Take both files of the month"):
        read("etsy", files_of("etsy")[:1])


def test_a_table_in_another_encoding_says_how_to_name_it(tmp_path: Path) -> None:
    (file,) = changed_table("shopify", tmp_path, "Enamel mug", "Émaillé")
    file.write_bytes(file.read_text(encoding="utf-8").encode("cp1252"))
    with pytest.raises(Unreadable, match="--encoding cp1252"):
        read("shopify", [file])
    orders, _ = read("shopify", [file], Options(encoding="cp1252"))
    assert orders[0].lines[0].name == "Émaillé"


def test_orders_canceled_without_amounts_are_placed_at_nothing_when_that_is_asked_for() -> None:
    orders, refused = read("amazon", options=Options(place_without_amounts=True))
    (order,) = [order for order in orders if order.figures.status == "Canceled"]
    assert (refused, order.figures.grand_total, order.figures.paid) == ([], 0, 0)
    assert "canceled, without amounts: placed at 0.00" in order.notes.assumed
