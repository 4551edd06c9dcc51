"""Every figure that must come out of the invented exports comes out of the lines, added up by other code."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from daybook.importing.lines import MalformedLine, read_lines
from daybook.importing.sources.order import SourceOrder
from tests.importer.sources.adding_up import Added, add_up
from tests.importer.sources.samples import FILES, expected_of, lines_of, read

Json = dict[str, Any]

ORDERS = {source: read(source)[0] for source in FILES}
ADDED = {source: add_up(lines_of(orders)) for source, orders in ORDERS.items()}
CASES = [(source, each) for source in FILES for each in expected_of(source)["orders"] if each["grand_total"]]
each_order = pytest.mark.parametrize(
    ("source", "expected"), CASES, ids=lambda each: each if isinstance(each, str) else each["order_number"]
)


def order_of(source: str, number: str) -> SourceOrder:
    (found,) = [order for order in ORDERS[source] if order.number == number]
    return found


def units(added: Added) -> int:
    return sum(line["quantity"] for line in added.body["lines"])


def options_of(added: Added) -> dict[str, str]:
    return {name: text for line in added.body["lines"] for name, text in line.get("attributes", {}).items()}


AMOUNTS: dict[str, Callable[[Added], Decimal]] = {
    "grand_total": lambda added: added.grand_total,
    "tax": lambda added: added.tax,
    "shipping": lambda added: added.shipping,
    "fees": lambda added: added.fees,
    "fees_and_tips": lambda added: added.fees,
    "duties": lambda added: Decimal(next(each["amount"] for each in added.body["charges"] if each["kind"] == "duty")),
    "paid": lambda added: added.paid,
    "refunded": lambda added: added.refunded,
    "due": lambda added: added.grand_total - added.paid,
    "buyer_paid": lambda added: added.grand_total + added.collected,
    "tax_collected_by_marketplace": lambda added: added.collected,
    "shipping_before_discount": lambda added: Decimal(added.body["shipping"]["amount"]),
    "shipping_gross": lambda added: Decimal(added.body["shipping"]["amount"]),
    "shipping_discount": lambda added: Decimal(
        next(each["amount"] for each in added.body["discounts"] if each["target"] == "shipping")
    ),
    "discount": lambda added: added.discount,
    "marketplace_fee": lambda added: Decimal(added.body["attributes"]["Card Processing Fees"]),
    "net": lambda added: added.grand_total - added.tax,
    "canceled": lambda added: Decimal("0.12") * added.canceled,
}
VALUES: dict[str, Callable[[Added], Any]] = {
    "order_number": lambda added: added.body["order_number"],
    "currency": lambda added: added.body["currency"],
    "lines": lambda added: len(added.body["lines"]),
    "units": units,
    "shipped_units": lambda added: added.shipped,
    "discount_by_line": lambda added: [str(amount) for amount in added.discount_by_line],
    "taxes": lambda added: {name: str(amount) for name, amount in added.taxes.items()},
    "discount_codes": lambda added: added.codes,
    "prices_include_tax": lambda added: added.body["prices_include_tax"],
    "payment_methods": lambda added: added.payments[0]["method"].split(" + "),
    "location": lambda added: added.body["attributes"]["Location"],
    "company": lambda added: added.body["billing_address"]["company"],
    "payment_terms": lambda added: added.body["attributes"]["Payment Terms Name"],
    "vat_id": lambda added: added.body["vat_id"],
    "purchase_order": lambda added: added.body["purchase_order"],
    "source": lambda added: added.body["source"],
    "second_number": lambda added: added.body["external_reference"],
    "invoice_numbers": lambda added: [each["external"]["number"] for each in added.invoices],
    "invoice_totals": lambda added: [str(each["total"]) for each in added.invoices],
    "shipment_numbers": lambda added: [each["external"]["number"] for each in added.shipments],
    "tracking_numbers": lambda added: added.tracking,
    "credit_memo_numbers": lambda added: [each["external"]["number"] for each in added.memos],
    "credit_memo_totals": lambda added: [str(each["total"]) for each in added.memos],
    "refunds": lambda added: [str(each["total"]) for each in added.memos],
}
ELSEWHERE = {
    "note",  # words
    "status",  # checked with the figures below, and with a server
    "payment_status",
    "fulfilment_status",
    "payments",
    "line_options",
    "net_unit_price",
    "net_discount",
}


@each_order
def test_every_figure_comes_out_of_the_lines(source: str, expected: Json) -> None:
    added = ADDED[source][expected["order_number"]]
    for name, wanted in expected.items():
        if name in AMOUNTS:
            assert AMOUNTS[name](added) == Decimal(wanted), name
        elif name in VALUES:
            assert VALUES[name](added) == wanted, name
        else:
            assert name in ELSEWHERE, name


@each_order
def test_what_the_file_itself_says_is_what_is_expected(source: str, expected: Json) -> None:
    figures = order_of(source, expected["order_number"]).figures
    assert figures.status == expected["status"]
    assert Decimal(figures.grand_total) / 100 == Decimal(expected["grand_total"])
    for name, amount in (("paid", figures.paid), ("refunded", figures.refunded)):
        if name in expected:
            assert Decimal(amount) / 100 == Decimal(expected[name])


@each_order
def test_payments_and_options_come_out_one_by_one(source: str, expected: Json) -> None:
    added = ADDED[source][expected["order_number"]]
    for payment, wanted in zip(added.payments, expected.get("payments", []), strict="payments" in expected):
        assert Decimal(payment["amount"]) == Decimal(wanted["amount"])
        known = f"{payment['method']} {payment['kind']}".lower().replace("_", " ")
        assert wanted["method"] in known
    for name, value in expected.get("line_options", {}).items():
        assert options_of(added)[name] == str(value)


@pytest.mark.parametrize("source", FILES)
def test_the_sums_of_all_orders_agree(source: str) -> None:
    expected, added = expected_of(source), ADDED[source].values()
    by_currency: dict[str, Decimal] = {}
    for order in added:
        currency = order.body["currency"]
        by_currency[currency] = by_currency.get(currency, Decimal(0)) + order.grand_total
    wanted = expected["sum_of_grand_totals"]
    by_code: Json = wanted if isinstance(wanted, dict) else dict.fromkeys(by_currency, wanted)
    assert by_currency == {currency: Decimal(amount) for currency, amount in by_code.items()}
    sums = {
        "sum_paid": sum(order.paid for order in added),
        "sum_refunded": sum(order.refunded for order in added),
        "sum_of_what_buyers_paid": sum(order.grand_total + order.collected for order in added),
        "sum_of_tax_collected_by_marketplace": sum(order.collected for order in added),
    }
    assert all(amount == Decimal(expected[name]) for name, amount in sums.items() if name in expected)


@pytest.mark.parametrize("source", FILES)
def test_lines_are_ones_that_an_import_reads_each_with_a_key_of_its_own(source: str, tmp_path: Any) -> None:
    lines = lines_of(ORDERS[source])
    file = tmp_path / "commands.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    read_back = list(read_lines(file))
    assert not [line for line in read_back if isinstance(line, MalformedLine)]
    assert len({line["key"] for line in lines}) == len(lines) == len(read_back)
    assert lines_of(read(source)[0]) == lines


def test_money_that_a_marketplace_keeps_is_said_beside_the_payment() -> None:
    for source in ("etsy", "amazon"):
        assert all(order.remitted == order.collected for order in ADDED[source].values())


def test_net_and_discount_of_prices_with_tax_stand_on_the_invoice_as_they_must() -> None:
    (expected,) = [each for each in expected_of("magento")["orders"] if "net_discount" in each]
    line = ADDED["magento"][expected["order_number"]].body["lines"][0]
    rate = 1 + Decimal(line["tax_rate"])
    assert Decimal(line["unit_price"]) / rate == Decimal(expected["net_unit_price"])
    assert Decimal(expected["discount"]) / rate == Decimal(expected["net_discount"])


def test_an_order_that_was_canceled_without_amounts_is_refused_with_its_line() -> None:
    _, refused = read("amazon")
    assert [(each.number, str(each.place)) for each in refused] == [
        ("302-0000004-0000004", "6_amazon_all_orders.txt, line 6")
    ]
    assert "--place-without-amounts" in refused[0].reason
