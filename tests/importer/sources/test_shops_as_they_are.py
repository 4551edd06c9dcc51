"""Orders as shops of the other systems have them, each a change of a sample, and each once lost money or its sale."""

import json
from pathlib import Path
from typing import Any

import pytest

from daybook.importing.sources.parties import country
from daybook.importing.sources.planning import LineCounters, Plan, Present
from daybook.importing.sources.reading import RefusedOrder
from tests.importer.sources import test_magento as magento
from tests.importer.sources import test_woocommerce as woocommerce
from tests.importer.sources.adding_up import add_up
from tests.importer.sources.samples import STORE, files_of, lines_of, read
from tests.importer.sources.test_etsy_and_amazon import AMAZON, ETSY, Rows, cells, taken, taken_or_not

Json = dict[str, Any]


def test_a_refund_with_units_as_decimals_is_of_these_units(tmp_path: Path) -> None:
    order = woocommerce.order_of(lambda _: None, refunds=[{"id": 5, "total": "-119.00"}])
    line = {"id": 9, "quantity": -1.0, "meta_data": [{"key": "_refunded_item_id", "value": "1"}]}
    refund = {"id": 5, "parent_id": 900, "amount": "119.00", "line_items": [line], "shipping_lines": []}
    (tmp_path / "orders.json").write_text(json.dumps([order]), encoding="utf-8")
    (tmp_path / "refunds.json").write_text(json.dumps([refund]), encoding="utf-8")
    ((found,), refused) = read("woocommerce", [tmp_path / "orders.json", tmp_path / "refunds.json"])
    assert refused == []
    assert [each.lines for each in found.refunds] == [(("1", 1, "unshipped"),)]


@pytest.mark.parametrize("known", [0, 20])
def test_what_woocommerce_calls_refunded_went_back_whole_though_a_refund_is_missing(known: int, tmp_path: Path) -> None:
    refunds = [{"id": 5, "total": f"-{known}.00"}] if known else []
    order = woocommerce.taken(tmp_path, status="refunded", refunds=refunds)
    assert (order.figures.refunded, order.figures.status) == (11900, "Closed")
    assert sum(refund.amount for refund in order.refunds) == 11900
    assert any(f"no refund of {119 - known}.00: that went back too" in text for text in order.notes.assumed)


def test_names_that_woocommerce_writes_as_html_are_read_and_none_at_all_is_called_by_its_id(tmp_path: Path) -> None:
    def named(name: str) -> tuple[str, str]:
        def change(order: Json) -> None:
            order["line_items"][0] |= {"name": name, "sku": ""}

        line = woocommerce.taken(tmp_path, change).lines[0]
        return line.name, line.sku

    assert named("Salt &amp; Pepper") == ("Salt & Pepper", "Salt & Pepper")
    assert named("") == ("item-1", "item-1")


@pytest.mark.parametrize("source", ["woocommerce", "magento"])
def test_of_an_order_on_two_pages_the_newest_is_taken(source: str, tmp_path: Path) -> None:
    if source == "woocommerce":
        older = woocommerce.order_of(lambda _: None, status="pending", date_paid=None, date_paid_gmt=None)
        newer = older | {"status": "cancelled", "date_modified_gmt": "2026-12-01T10:00:00"}
        content: Any = [newer, older]
    else:
        content = magento.export_of(lambda _: None)
        (order,) = content["orders"]["items"]
        content["orders"]["items"] = [order | {"updated_at": "2026-12-01 10:00:00", "state": "closed"}, order]
    (tmp_path / "orders.json").write_text(json.dumps(content), encoding="utf-8")
    (found,), refused = read(source, [tmp_path / "orders.json"])
    assert refused == []
    assert found.figures.status == ("Canceled" if source == "woocommerce" else "Closed")
    assert "it stands 2 times in the files: the newest is taken" in found.notes.assumed


def memo(order: Json, **amounts: float) -> Json:
    items = [{"order_item_id": 1, "qty": 1}]
    known = {"entity_id": 1, "increment_id": "C1", "order_id": order["entity_id"], "state": 2, "items": items}
    return known | {"created_at": "2026-03-06 10:00:00", "grand_total": 0.0} | amounts


@pytest.mark.parametrize(
    ("lowered", "kind"),
    [
        ("gift_cards_amount", "gift_card"),
        ("customer_balance_amount", "store_credit"),
        ("reward_currency_amount", "store_credit"),
    ],
)
def test_what_goes_back_to_what_lowered_a_total_is_a_refund_too(lowered: str, kind: str, tmp_path: Path) -> None:
    def change(found: Json) -> None:
        magento.alone(found, **magento.TAXED)
        order = magento.first(found)
        order |= {lowered: 121.0, "grand_total": 0.0, "state": "closed"}
        found["creditmemos"]["items"] = [memo(order, **{lowered: 121.0})]

    order = magento.taken(tmp_path, change)
    assert [(each.kind, each.amount) for each in order.payments] == [(kind, 12100)]
    assert (order.figures.grand_total, order.figures.refunded) == (12100, 12100)
    assert [(each.amount, each.document) for each in order.refunds] == [(12100, True)]
    assert not [text for text in order.notes.dropped if lowered in text]


def test_a_fixed_product_tax_is_a_charge_on_the_first_invoice(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        fixed = {"weee_tax_applied_amount": 2.5, "weee_tax_applied_row_amount": 2.5, "weee_tax_applied": "[]"}
        magento.alone(found, **magento.TAXED, **fixed)
        order = magento.first(found)
        order |= {"grand_total": 123.5, "total_paid": 123.5}
        items = [{"order_item_id": 1, "qty": 1}]
        known = {"entity_id": 1, "increment_id": "I1", "order_id": order["entity_id"], "state": 2, "items": items}
        found["invoices"]["items"] = [known | {"created_at": "2026-03-05 10:00:00", "grand_total": 123.5}]

    order = magento.taken(tmp_path, change)
    assert [(each.kind, each.amount, each.tax_rate) for each in order.charges] == [("fee", 250, None)]
    assert (order.notes.differs, [text for text in order.notes.dropped if "weee" in text]) == ([], [])
    assert any(text.startswith("Fixed product tax, A") for text in order.notes.assumed)


def test_an_item_of_magento_without_sku_and_name_is_called_by_its_id(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        magento.alone(found, **magento.TAXED, sku="", name=None)

    line = magento.taken(tmp_path, change).lines[0]
    assert (line.sku, line.name) == ("item-1", "item-1")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Macedonia", "MK"),
        ("Bosnia and Herzegovina", "BA"),
        ("Trinidad and Tobago", "TT"),
        ("Macao", "MO"),
        ("Ivory Coast", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("Holy See (Vatican City State)", "VA"),
        ("Great Britain", "GB"),
        ("US Virgin Islands", "VI"),
        ("The Netherlands", "NL"),
        ("Saint Lucia", "LC"),
        ("St. Lucia", "LC"),
        ("Korea, Republic of", "KR"),
        ("Czech Republic", "CZ"),
        ("Vietnam", "VN"),
        ("Congo, Democratic Republic of", "CD"),
        ("Myanmar (Burma)", "MM"),
    ],
)
def test_countries_are_known_by_the_names_that_shops_give_them(name: str, code: str) -> None:
    assert country(name, "Ship Country") == code


def test_a_status_of_etsy_that_tells_a_refund_without_its_amount_is_named(tmp_path: Path) -> None:
    nothing = {"Adjusted_Net_Order_Amount": "0", "Adjusted_Card_Processing_Fees": "0"}
    unknown = cells(Status="Partially Refunded", Adjusted_Order_Total="0", **nothing)
    order = taken("etsy", tmp_path, ETSY, unknown)
    assert order.figures.refunded == 0
    assert any(text.startswith("Status Partially Refunded, and no adjusted amount") for text in order.notes.differs)


def with_a_canceled_row(rows: Rows) -> None:
    """Sent but for one row, which was canceled and still has its price."""
    rows[0]["item-promotion-discount"] = ""
    gone = {"item-status": "Cancelled", "product-name": "Gone", "sku": "GONE", "shipping-price": "4.99"}
    rows.append(rows[0] | gone | {"gift-wrap-price": "3.57", "gift-wrap-tax": "0.57", "shipping-tax": "0.80"})


def test_what_was_taken_out_of_an_order_since_is_canceled_here_and_not_invoiced(tmp_path: Path) -> None:
    """An earlier report had both rows; now one is sent and the other of no units."""
    order = taken("amazon", tmp_path, AMAZON, without_units)
    present = Present(there=True, paid=17980, lines={name: LineCounters(ordered=1) for name in ("1", "2")})
    commands = list(Plan(order, STORE).rest(present))
    assert [each.path.rpartition("/")[2] for each in commands] == ["invoices", "shipments", "cancel"]
    assert commands[0].body["lines"] == [{"line_id": "1", "quantity": 1}]
    assert commands[2].body["lines"] == [{"line_id": "2", "quantity": 1}]
    done = {"1": LineCounters(1, 1, 0, 1), "2": LineCounters(canceled=1, ordered=1)}
    again = Present(there=True, paid=17980, lines=done, shipments={AMAZON})
    assert list(Plan(order, STORE).rest(again)) == []


def test_a_new_order_cancels_nothing_of_what_it_never_had(tmp_path: Path) -> None:
    order = taken("amazon", tmp_path, AMAZON, without_units)
    assert order.gone == ["2"]
    assert "cancel" not in [line["command"].rpartition("/")[2] for line in lines_of([order])]


def without_units(rows: Rows) -> None:
    with_a_canceled_row(rows)
    blank = dict.fromkeys(("item-price", "item-tax", "shipping-price", "shipping-tax"), "")
    rows[1] |= blank | {"quantity": "0", "gift-wrap-price": "", "gift-wrap-tax": ""}


def test_a_canceled_row_of_amazon_that_has_its_price_is_neither_paid_nor_invoiced(tmp_path: Path) -> None:
    order = taken("amazon", tmp_path, AMAZON, with_a_canceled_row)
    assert (order.figures.grand_total, order.figures.paid) == (17980, 8990)
    (added,) = add_up(lines_of([order])).values()
    assert [[line["line_id"] for line in each["lines"]] for each in added.invoices] == [["1"]]
    assert (str(added.paid), added.canceled, added.verbs[-1]) == ("89.90", 1, "cancel")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"order_status": "Pending"}, "no amounts before it is paid"),
        ({"sales_channel": "Non-Amazon"}, "sold elsewhere and only sent by Amazon"),
        ({}, "Line 2 has units, no item-price and no currency"),
    ],
)
def test_an_order_of_amazon_without_amounts_is_not_placed_for_nothing(
    said: dict[str, str], why: str, tmp_path: Path
) -> None:
    found = taken_or_not("amazon", tmp_path, AMAZON, cells(item_price="", item_tax="", currency="", **said))
    assert isinstance(found, RefusedOrder)
    assert why in found.reason


@pytest.mark.parametrize("more", ["Rejected by Buyer", "Lost in Transit", "Damaged", "Undeliverable"])
def test_goods_that_did_not_arrive_are_named(more: str, tmp_path: Path) -> None:
    order = taken("amazon", tmp_path, AMAZON, cells(order_status=f"Shipped - {more}"))
    assert any(text.startswith(f"{more}: taken as sent and paid") for text in order.notes.assumed)


def test_free_delivery_from_amazon_goes_by_the_rate_of_the_goods(tmp_path: Path) -> None:
    order = taken("amazon", tmp_path, AMAZON, lambda _: None)
    assert order.delivery is not None
    assert [(tax.amount, str(tax.rate)) for tax in order.delivery.taxes] == [(0, "0.19")]


def test_where_a_rate_of_amazon_is_not_known_free_delivery_has_none(tmp_path: Path) -> None:
    order = taken("amazon", tmp_path, AMAZON, cells(item_tax="14.05", item_promotion_discount=""))
    assert order.delivery is not None
    assert (order.delivery.taxes, order.delivery.tax_rate) == ([], None)


@pytest.mark.parametrize("source", ["etsy", "amazon"])
def test_numbers_as_a_spreadsheet_of_another_country_writes_them_are_read(source: str, tmp_path: Path) -> None:
    files = []
    for path in files_of(source):
        text = path.read_text(encoding="utf-8")
        files.append(tmp_path / path.name)
        delimiter = "\t" if source == "amazon" else ";"
        rows = [line.split(delimiter if source == "amazon" else ",") for line in text.splitlines() if '"' not in line]
        money = [[cell.replace(".", ",") if is_money(cell) else cell for cell in row] for row in rows]
        files[-1].write_text("\n".join(delimiter.join(row) for row in money) + "\n", encoding="utf-8")
    there = {order.number: order.figures for order in read(source)[0]}
    for order in read(source, files)[0]:
        assert order.figures == there[order.number]


def is_money(cell: str) -> bool:
    whole, _, decimals = cell.partition(".")
    return whole.isdigit() and decimals.isdigit()
