"""Orders of Magento that the sample does not have: the rule behind each, told by one order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.reading import Options, RefusedOrder
from tests.importer.sources.samples import files_of, read

Json = dict[str, Any]
Change = Callable[[Json], None]


def export_of(change: Change) -> Json:
    """The sample's first order with its documents, changed."""
    found: Json = json.loads(files_of("magento")[0].read_text(encoding="utf-8"))
    first = found["orders"]["items"][0]["entity_id"]
    found["orders"]["items"] = found["orders"]["items"][:1]
    for kind in ("invoices", "shipments", "creditmemos"):
        found[kind]["items"] = [each for each in found[kind]["items"] if each["order_id"] == first]
    change(found)
    return found


def taken_or_not(folder: Path, change: Change, books: str = "") -> SourceOrder | RefusedOrder:
    file = folder / "magento.json"
    file.write_text(json.dumps(export_of(change)), encoding="utf-8")
    orders, refused = read("magento", [file], Options(base_currency=books))
    return orders[0] if orders else refused[0]


def taken(folder: Path, change: Change, books: str = "") -> SourceOrder:
    found = taken_or_not(folder, change, books)
    assert isinstance(found, SourceOrder), found
    return found


def test_a_rate_is_taken_only_where_it_is_to_the_currency_of_the_books_here(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        order = found["orders"]["items"][0]
        order |= {"order_currency_code": "GBP", "base_currency_code": "USD", "base_to_order_rate": 0.8}

    assert taken(tmp_path, change, "USD").base_rate == "1.25"
    for books, why in (("EUR", "the books here are in EUR"), ("GBP", "are in GBP"), ("", "a dry run does not ask")):
        order = taken(tmp_path, change, books)
        assert order.base_rate is None
        assert any("base_to_order_rate 0.8: it is to USD" in text and why in text for text in order.notes.dropped)


def first(found: Json) -> Json:
    order: Json = found["orders"]["items"][0]
    return order


def test_a_percent_of_nothing_is_a_rate_of_what_is_not_taxed(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        alone(found, row_total=12.0, tax_amount=0.0, tax_percent=0.0)
        first(found)["grand_total"] = 12.0

    assert taken(tmp_path, change).lines[0].tax_rate == 0


def test_a_percent_of_nothing_is_no_rate_of_what_is_taxed_and_what_is_free_has_that_of_the_others(
    tmp_path: Path,
) -> None:
    def change(found: Json) -> None:
        alone(found, row_total=12.0, tax_amount=2.0, tax_percent=0.0)
        first(found)["grand_total"] = 14.0

    assert taken(tmp_path, change).lines[0].tax_rate is None

    def with_a_gift(found: Json) -> None:
        alone(found, row_total=100.0, tax_amount=21.0, tax_percent=21.0)
        item = first(found)["items"][0]
        gift = item | {
            "item_id": 99,
            "row_total": 0.0,
            "row_total_incl_tax": 0.0,
            "tax_amount": 0.0,
            "tax_percent": 0.0,
        }
        first(found)["items"].append(gift)
        first(found)["grand_total"] = 121.0

    assert [str(line.tax_rate) for line in taken(tmp_path, with_a_gift).lines] == ["0.21", "0.21"]


def alone(found: Json, **item: Any) -> None:
    """An order of one plain article, not paid, nothing sent."""
    order = first(found)
    plain = {"item_id": 1, "sku": "A", "name": "A", "product_type": "simple", "qty_ordered": 1} | item
    order |= {"items": [plain], "grand_total": 121.0, "total_paid": 0, "total_refunded": 0, "state": "processing"}
    for name in ("shipping_amount", "shipping_incl_tax", "shipping_tax_amount", "shipping_discount_amount"):
        order[name] = 0
    order |= {"discount_amount": 0, "gift_cards_amount": 0, "customer_balance_amount": 0, "coupon_code": None}
    order["payment"] = {"method": "checkmo", "additional_information": ["Check / Money order"]}
    for kind in ("invoices", "shipments", "creditmemos"):
        found[kind]["items"] = []


TAXED = {"row_total": 100.0, "tax_amount": 21.0, "tax_percent": 21.0}


def shipment(order: Json, line: int, units: int = 1, number: str = "S1") -> Json:
    return {
        "entity_id": int(number[1:]),
        "increment_id": number,
        "order_id": order["entity_id"],
        "created_at": "2026-03-05 10:00:00",
        "items": [{"order_item_id": line, "qty": units}],
        "tracks": [],
    }


def test_goods_that_left_before_they_were_invoiced_go_on_by_rules_that_let_them(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        alone(found, **TAXED)
        found["shipments"]["items"] = [shipment(first(found), 1)]

    order = taken(tmp_path, change)
    assert (order.method, order.title) == ("purchase_order", "Check / Money order")


def test_money_that_was_only_promised_is_authorized(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        alone(found, **TAXED)
        first(found)["payment"] |= {"method": "braintree", "amount_authorized": 121.0, "last_trans_id": "ab12"}

    order = taken(tmp_path, change)
    assert order.authorized is not None
    assert (order.authorized.amount, order.authorized.reference) == (12100, "ab12")
    assert (order.payments, order.method, order.voided) == ([], "card_authorize", False)


def test_what_the_order_says_left_comes_back_as_what_had_left(tmp_path: Path) -> None:
    """A later export has the credit memo, and not the shipments that came in with an earlier one."""

    def change(found: Json) -> None:
        alone(found, **TAXED, qty_shipped=1)
        memo = shipment(first(found), 1) | {"increment_id": "C1", "grand_total": 121.0, "state": 2}
        found["creditmemos"]["items"] = [memo]
        first(found)["total_refunded"] = 121.0

    order = taken(tmp_path, change)
    assert order.refunds[0].lines == (("1", 1, "shipped"),)
    assert any("Give the shipments too" in text for text in order.notes.assumed)


def test_an_invoice_that_is_a_cent_otherwise_here_is_named(tmp_path: Path) -> None:
    """Three units for 12.09 of which 4.02 and 8.07 were invoiced; a third of it is 4.03."""

    def change(found: Json) -> None:
        alone(found, row_total=9.99, tax_amount=2.1, tax_percent=21.0, qty_ordered=3)
        order = first(found)
        order["grand_total"] = 12.09
        for n, (units, amount) in enumerate(((1, 4.02), (2, 8.07)), start=1):
            invoice = shipment(order, 1, units, f"I{n}") | {"grand_total": amount, "state": 1}
            found["invoices"]["items"].append(invoice)

    assert taken(tmp_path, change).notes.differs == [
        "invoice I1 is 4.03 here and 4.02 in the source",
        "invoice I2 is 8.06 here and 8.07 in the source",
    ]


def a_bundle(found: Json) -> None:
    alone(found, **TAXED)
    order = first(found)
    order["items"][0] |= {"product_type": "bundle"}
    part = {"product_type": "simple", "sku": "P", "name": "P", "parent_item_id": 1, "row_total": 0, "qty_ordered": 1}
    order["items"] += [part | {"item_id": 2}, part | {"item_id": 3}]


def test_a_shipment_that_names_parts_of_a_bundle_is_one_of_the_bundle(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        a_bundle(found)
        order = first(found)
        found["shipments"]["items"] = [shipment(order, 2), shipment(order, 3, number="S2")]

    order = taken(tmp_path, change)
    assert [each.lines for each in order.shipments] == [{"1": 1}, {}]
    assert "shipment S1 names a part of a bundle: the bundle left" in order.notes.assumed
    assert any("shipment S2: it names nothing that is still to be packed" in text for text in order.notes.dropped)


def test_an_order_without_a_billing_address_has_that_it_was_sent_to(tmp_path: Path) -> None:
    order = taken(tmp_path, lambda found: first(found).update(billing_address=None))
    assert order.billing == order.ship_to
    assert "no billing address: the one it was sent to is it" in order.notes.assumed


def test_a_field_that_is_missing_is_named_in_words(tmp_path: Path) -> None:
    refused = taken_or_not(tmp_path, lambda found: first(found).pop("state"))
    assert isinstance(refused, RefusedOrder)
    assert refused.reason == "The entry is no order of Magento: it has no state. Fetch it again, with all its fields"


def test_a_mark_in_front_of_the_file_is_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "magento.json"
    file.write_text(json.dumps(export_of(lambda _: None)), encoding="utf-8-sig")
    assert len(read("magento", [file])[0]) == 1


def test_a_discount_without_a_code_is_called_so(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        alone(found, row_total=100.0, discount_amount=10.0)
        first(found).update(grand_total=90.0, discount_amount=-10.0, discount_description=None)

    assert "the discount without a code over the lines, as the source did" in taken(tmp_path, change).notes.spread
