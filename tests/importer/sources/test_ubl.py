"""A UBL order: every figure that must come out of the sample, and what is refused or said of others."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.refused import Unreadable
from tests.importer.sources.adding_up import add_up
from tests.importer.sources.samples import SAMPLES, lines_of, read

SAMPLE = SAMPLES / "5_ubl_order.xml"
EXPECTED: dict[str, Any] = json.loads((SAMPLES / "5_expected.json").read_text(encoding="utf-8"))["orders"][0]


def order_of(file: Path) -> SourceOrder:
    (found,), refused = read("ubl", [file])
    assert not refused
    return found


def changed(folder: Path, before: str, after: str) -> Path:
    text = SAMPLE.read_text(encoding="utf-8")
    assert before in text
    file = folder / "order.xml"
    file.write_text(text.replace(before, after), encoding="utf-8")
    return file


def test_every_figure_of_the_sample_comes_out_of_the_lines() -> None:
    order = order_of(SAMPLE)
    added = add_up(lines_of([order]))[EXPECTED["order_number"]]
    wanted = {name: Decimal(EXPECTED[name]) for name in ("grand_total", "tax", "paid", "refunded")}
    assert {name: getattr(added, name) for name in wanted} == wanted
    assert added.discount == Decimal(EXPECTED["discount"])
    assert added.shipping == Decimal(EXPECTED["charges"])
    assert added.taxes == {f"VAT {rate}%": Decimal(tax) for rate, tax in EXPECTED["tax_by_rate"].items()}
    assert (order.figures.status, order.figures.grand_total) == (EXPECTED["status"], 63018)
    for name in ("currency", "purchase_order", "vat_id"):
        assert added.body[name] == EXPECTED[name]
    assert added.body["attributes"]["Buyer reference"] == EXPECTED["buyer_reference"]


def test_prices_keep_their_decimals_and_parts_of_units_are_said() -> None:
    order = order_of(SAMPLE)
    (bolts, cheese, labour) = lines_of([order])[0]["body"]["lines"]
    assert (bolts["quantity"], bolts["unit_price"]) == (2500, "0.12345")
    assert cheese["attributes"]["Quantity"] == EXPECTED["quantities"]["2"]
    assert labour["attributes"]["Quantity"] == EXPECTED["quantities"]["3"]
    assert labour["shippable"] is False
    assert order.notes.dropped == []
    assert len([note for note in order.notes.assumed if "is one unit here" in note]) == 2


def test_what_nobody_knows_is_dropped_with_its_name(tmp_path: Path) -> None:
    more = "<cbc:SalesOrderID>SO-1</cbc:SalesOrderID><cbc:IssueDate>"
    assert order_of(changed(tmp_path, "<cbc:IssueDate>", more)).notes.dropped == ["SalesOrderID: SO-1"]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("630.18", "630.19", "make 630.18 EUR, its total says 630.19"),
        ("12.3450", "12.3460", "Quantity and price of line 1"),
        (">521.00<", ">521.01<", "LineExtensionAmount of the order"),
        ("cac:OrderLine>", "cac:Other>", "has no OrderLine"),
    ],
)
def test_an_order_that_does_not_add_up_is_refused(tmp_path: Path, before: str, after: str, reason: str) -> None:
    orders, (refused,) = read("ubl", [changed(tmp_path, before, after)])
    assert (orders, refused.number) == ([], "PO-2026-0042")
    assert reason in refused.reason


def test_a_tax_that_its_rates_do_not_make_is_spread_and_said(tmp_path: Path) -> None:
    file = changed(tmp_path, "115.18", "115.19")
    file.write_text(file.read_text(encoding="utf-8").replace("630.18", "630.19"), encoding="utf-8")
    order = order_of(file)
    assert order.tax_total == 11519
    assert add_up(lines_of([order]))["PO-2026-0042"].grand_total == Decimal("630.19")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('<?xml version="1.0"?><!DOCTYPE o [<!ENTITY a "aa">]><Order>&a;</Order>', "has a document type"),
        ("<Invoice/>", "is no Order of UBL"),
        ("<Order>", "cut off"),
    ],
)
def test_another_file_is_not_read(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "order.xml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Unreadable, match=reason):
        read("ubl", [file])


def refused_for(file: Path) -> str:
    taken, (refused,) = read("ubl", [file])
    assert taken == []
    return refused.reason


def test_an_amount_in_another_currency_than_the_order_is_refused(tmp_path: Path) -> None:
    file = changed(tmp_path, '<cbc:PriceAmount currencyID="EUR">12.3450', '<cbc:PriceAmount currencyID="USD">12.3450')
    assert "PriceAmount is in USD, and the order in EUR" in refused_for(file)


def test_an_order_without_an_id_is_refused(tmp_path: Path) -> None:
    assert "The order has no ID" in refused_for(
        changed(tmp_path, "<cbc:ID>PO-2026-0042</cbc:ID>", "<cbc:ID> </cbc:ID>")
    )


def without(folder: Path, name: str) -> Path:
    file = folder / "order.xml"
    text = re.sub(f"<cac:{name}>.*?</cac:{name}>", "", SAMPLE.read_text(encoding="utf-8"), flags=re.DOTALL)
    file.write_text(text, encoding="utf-8")
    return file


def test_an_order_without_a_total_is_what_its_parts_make(tmp_path: Path) -> None:
    order = order_of(without(tmp_path, "AnticipatedMonetaryTotal"))
    assert order.figures.grand_total == 63018
    assert any(text.startswith("the file has no total") for text in order.notes.assumed)


def test_what_the_buyer_rounds_is_said_and_what_was_prepaid_is_no_part_of_the_total(tmp_path: Path) -> None:
    before = '<cbc:PayableAmount currencyID="EUR">630.18'
    more = {"PrepaidAmount": "100.00", "PayableRoundingAmount": "-0.18"}
    texts = [f'<cbc:{name} currencyID="EUR">{amount}</cbc:{name}>' for name, amount in more.items()]
    file = changed(tmp_path, before, "".join(texts) + '<cbc:PayableAmount currencyID="EUR">530.00')
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub("<cbc:TaxInclusiveAmount.*?</cbc:TaxInclusiveAmount>", "", text), encoding="utf-8")
    order = order_of(file)
    assert order.figures.grand_total == 63018
    assert any("rounds what is to be paid by -0.18" in each for each in order.notes.differs)


@pytest.mark.parametrize("offset", ["Z", "+01:00"])
def test_a_day_may_bear_an_offset(offset: str, tmp_path: Path) -> None:
    order = order_of(changed(tmp_path, "2026-02-03</cbc:IssueDate>", f"2026-02-03{offset}</cbc:IssueDate>"))
    assert order.purchased_at == order_of(SAMPLE).purchased_at


def test_every_note_and_the_properties_of_a_line_are_kept(tmp_path: Path) -> None:
    note = "<cbc:Note>Call before delivery</cbc:Note>"
    text = changed(tmp_path, note, f"{note}<cbc:Note>Ring twice</cbc:Note>").read_text(encoding="utf-8")
    named = "<cbc:Name>Colour</cbc:Name><cbc:Value>Red</cbc:Value>"
    text = text.replace("<cbc:AccountingCost>CC-1", "<cbc:Note>Engrave: A</cbc:Note><cbc:AccountingCost>CC-1", 1)
    more = f"<cac:AdditionalItemProperty>{named}</cac:AdditionalItemProperty></cac:Item>"
    (tmp_path / "order.xml").write_text(text.replace("</cac:Item>", more, 1), encoding="utf-8")
    order = order_of(tmp_path / "order.xml")
    assert order.customer_note == "Call before delivery\nRing twice"
    assert {"Note": "Engrave: A", "Colour": "Red"}.items() <= order.lines[0].attributes.items()
    assert not [text for text in order.notes.dropped if "Note" in text or "Property" in text]


def test_a_line_that_is_called_nothing_has_its_number(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8").replace("<cbc:Name>Bolt-M8</cbc:Name>", "")
    text = text.replace("<cbc:ID>BOLT-M8</cbc:ID>", "").replace("<cbc:ID>B-1</cbc:ID>", "")
    (tmp_path / "order.xml").write_text(text, encoding="utf-8")
    line = order_of(tmp_path / "order.xml").lines[0]
    assert (line.sku, line.name) == ("line-1", "line-1")
