"""What real orders carry, from the checkout to what readers see: numbers, discounts, taxes, charges, means, silence."""

import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from access.roles import Role
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site

MUG = {"line_id": "1", "sku": "MUG", "quantity": 2, "unit_price": "10.00", "tax_rate": "0.2"}
CUP = {"line_id": "2", "sku": "CUP", "quantity": 1, "unit_price": "5.00", "tax_rate": "0.2"}
WRAP = {"charge_id": "wrap", "name": "Gift wrap", "kind": "wrap", "amount": "3.00", "tax_rate": "0.2"}
GST = {"name": "GST 5%", "rate": "0.05", "amount": "1.00"}
PST = {"name": "PST 7%", "rate": "0.07", "amount": "1.40"}


@pytest.fixture(scope="module")
def site(database: Database) -> Iterator[Site]:
    with open_site(database) as site:
        yield site


def placed(site: Site, **fields: Any) -> dict[str, Any]:
    body = another_order(lines=[MUG, CUP], shipping=None, payment={"method": "purchase_order"}) | fields
    answer = site.post("orders", body)
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def detail(site: Site, order: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = site.get(f"/queries/orders/{order['order_id']}").get_json()
    return found


def done(site: Site, path: str, body: Any) -> dict[str, Any]:
    answer = site.post(path, body)
    assert answer.status_code < 300, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_shop_s_own_number_is_kept_and_belongs_to_one_order_of_its_store(site: Site) -> None:
    number = f"#{uuid4().hex[:8]}"
    order = placed(site, order_number=number)
    assert (order["order_number"], detail(site, order)["order_number"]) == (number, number)
    again = site.post("orders", another_order(order_number=number))
    problem = again.get_json()
    assert (again.status_code, problem["code"], problem["order_id"]) == (
        409,
        "duplicate_order_number",
        order["order_id"],
    )
    assert site.post("orders", another_order(order_number=number, store="other")).status_code == 201


def test_an_order_with_its_own_number_takes_none_of_the_series(site: Site) -> None:
    before = int(placed(site)["order_number"])
    placed(site, order_number=uuid4().hex)
    assert int(placed(site)["order_number"]) == before + 1


def test_orders_are_found_by_all_their_names_and_filtered_by_source_and_tag(site: Site) -> None:
    unique = uuid4().hex[:10]
    order = placed(
        site, order_number=f"EU-{unique}", purchase_order=f"PO {unique}", source="etsy", tags=[f"gift {unique}"]
    )
    site.follow()
    for query in (
        f"q=EU-{unique}",
        f"q=PO{unique}",
        f"order_number=eu-{unique}",
        f"purchase_order=PO {unique}",
        f"tag=gift {unique}",
        f"tags={unique}&source=etsy",
    ):
        items = site.get(f"/queries/orders?{query}").get_json()["items"]
        assert [item["order_id"] for item in items] == [order["order_id"]], query
    assert (items[0]["source"], items[0]["tags"]) == ("etsy", f"gift {unique}")


def test_tags_come_and_go_at_any_time(site: Site) -> None:
    order = placed(site, tags=["rush", "gift"])
    done(site, f"orders/{order['order_id']}/cancel", {})
    done(site, f"orders/{order['order_id']}/tag", {"add": ["b2b"], "remove": ["rush"]})
    assert detail(site, order)["tags"] == ["gift", "b2b"]
    assert site.post(f"orders/{order['order_id']}/tag", {"add": ["b2b"]}).get_json()["code"] == "nothing_to_change"
    site.follow()
    assert not site.get(f"/queries/orders?tag=rush&q={order['order_number']}").get_json()["items"]


def test_discounts_charges_and_taxes_are_shown_and_billed_to_the_cent(site: Site) -> None:
    order = placed(site, discounts=[{"code": "TEN", "amount": "2.50"}], charges=[WRAP], expected_grand_total="30.60")
    shown = detail(site, order)
    assert [line["discount"] for line in shown["lines"]] == ["2.00", "0.50"]
    assert shown["discounts"] == [{"code": "TEN", "name": None, "amount": "2.50", "target": "lines"}]
    assert (shown["charges"][0]["total"], shown["totals"]["charges"]) == ("3.60", "3.00")
    one = done(
        site,
        f"orders/{order['order_id']}/invoices",
        {"lines": [{"line_id": "1", "quantity": 1}], "capture": "offline"},
    )
    rest = done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"})
    first, second = (site.get(f"/queries/invoices/{each['invoice_id']}").get_json() for each in (one, rest))
    assert (first["grand_total"], second["grand_total"]) == ("14.40", "16.20")
    assert [charge["name"] for charge in first["charges"]] == ["Gift wrap"]
    assert second["charges"] == []
    assert first["totals"]["net"] == "12.00"


def test_a_charge_is_given_back_by_its_id_once(site: Site) -> None:
    order = placed(site, charges=[WRAP])
    invoice = done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"})
    path = f"invoices/{invoice['invoice_id']}/refund"
    memo = done(site, path, {"lines": [], "charges": [{"charge_id": "wrap", "amount": "1.00"}]})
    assert site.get(f"/queries/credit-memos/{memo['credit_memo_id']}").get_json()["grand_total"] == "1.20"
    rest = done(site, path, {"lines": [], "charges": [{"charge_id": "wrap"}]})
    assert site.get(f"/queries/credit-memos/{rest['credit_memo_id']}").get_json()["grand_total"] == "2.40"
    more = site.post(path, {"lines": [], "charges": [{"charge_id": "wrap", "amount": "0.01"}]})
    assert more.get_json()["code"] == "charge_refund_exceeds"
    again = site.post(path, {"lines": [], "charges": [{"charge_id": "wrap"}]})
    assert (again.status_code, again.get_json()["code"]) == (409, "charge_refund_exceeds")


def test_an_amount_is_refunded_with_its_part_of_the_taxes(site: Site) -> None:
    order = placed(site)
    invoice = done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"})
    path = f"invoices/{invoice['invoice_id']}/refund"
    memo = done(site, path, {"amount": "12.00"})
    shown = site.get(f"/queries/credit-memos/{memo['credit_memo_id']}").get_json()
    assert shown["taxes"] == [{"tax_rate": "0.2", "net": "10.00", "tax": "2.00", "named": []}]
    assert site.post(path, {"amount": "1.00", "shipping": "1.00"}).status_code == 422
    assert site.post(path, {}).status_code == 400


def test_documents_of_another_system_keep_their_numbers_and_leave_the_series_alone(site: Site) -> None:
    def invoice(**more: Any) -> dict[str, Any]:
        order = placed(site)
        return done(site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining"} | more)

    before = int(invoice()["invoice_number"])
    elsewhere = invoice(external={"number": "SHOP-77", "url": "https://shop.example/77"})
    assert elsewhere["invoice_number"] == "SHOP-77"
    assert int(invoice()["invoice_number"]) == before + 1
    site.follow()
    found = site.get("/queries/orders?q=SHOP-77").get_json()["items"]
    assert [item["order_id"] for item in found] == [elsewhere["order_id"]]
    assert site.get(f"/queries/invoices/{elsewhere['invoice_id']}/invoice.pdf").status_code == 409


@pytest.mark.parametrize("again", ["777", "#777", "000777", "#0777"])
def test_a_number_is_the_same_however_the_shop_writes_it(site: Site, again: str) -> None:
    store = f"shop-{uuid4().hex[:8]}"
    first = placed(site, store=store, order_number="#777")
    refused = site.post("orders", another_order(store=store, order_number=again))
    assert (refused.status_code, refused.get_json()["code"]) == (409, "duplicate_order_number")
    assert refused.get_json()["order_id"] == first["order_id"]
    placed(site, store=f"{store}-2", order_number=again)


def test_an_invoice_number_of_elsewhere_belongs_to_one_order_of_the_store(site: Site) -> None:
    def issue(order: dict[str, Any], number: str) -> Any:
        body = {"lines": "all_remaining", "capture": "none", "external": {"number": number}}
        return site.post(f"orders/{order['order_id']}/invoices", body)

    number = f"R-{uuid4()}"
    first, second = (placed(site) for _ in range(2))
    invoice = issue(first, number).get_json()
    refused = issue(second, number.lower())
    assert (refused.status_code, refused.get_json()["code"]) == (409, "duplicate_invoice_number")
    assert refused.get_json()["order_id"] == first["order_id"]
    done(site, f"invoices/{invoice['invoice_id']}/cancel", {})
    assert issue(second, number).status_code == 409
    assert issue(first, number).status_code == 201


def test_two_invoices_of_one_order_never_have_one_number(site: Site) -> None:
    order = placed(site)
    number = f"R-{uuid4()}"
    path = f"orders/{order['order_id']}/invoices"
    body = {"lines": [{"line_id": "1", "quantity": 1}], "capture": "none", "external": {"number": number}}
    first = done(site, path, body)
    refused = site.post(path, body)
    assert (refused.status_code, refused.get_json()["invoice_id"]) == (409, first["invoice_id"])


def test_gift_cards_pay_and_are_not_given_back_by_the_gateway(site: Site) -> None:
    order = placed(site, payment={"method": "card_authorize", "title": "Shop Pay"})
    path = f"orders/{order['order_id']}"
    done(site, f"{path}/authorize-payment", {"amount": "20.00", "provider_reference": "auth"})
    gift = {"amount": "10.00", "provider_reference": "gift", "kind": "gift_card", "method": "Gift card"}
    done(site, f"{path}/capture-payment", gift)
    shown = detail(site, order)["payment"]
    assert (shown["title"], shown["authorized"], shown["captured"]) == ("Shop Pay", "20.00", "10.00")
    assert [each["kind"] for each in shown["transactions"]] == [None, "gift_card"]
    refused = site.post(f"{path}/refund-payment", {"amount": "5.00", "mode": "online"})
    assert refused.get_json()["code"] == "refund_mode_not_allowed"


def test_tax_of_a_marketplace_stays_outside_of_every_total(site: Site) -> None:
    tax = {"name": "Sales tax", "amount": "1.60", "collected_by": "marketplace"}
    lines = [{"line_id": "1", "sku": "MUG", "quantity": 1, "unit_price": "20.00", "taxes": [tax]}]
    order = placed(site, lines=lines, expected_grand_total="20.00")
    done(
        site,
        f"orders/{order['order_id']}/capture-payment",
        {"amount": "20.00", "remitted": "1.60", "provider_reference": "etsy"},
    )
    shown = detail(site, order)
    assert (shown["totals"]["collected_by_marketplace"], shown["totals"]["tax"]) == ("1.60", "0.00")
    assert (shown["totals"]["due"], shown["lines"][0]["tax_rate"]) == ("0.00", None)
    assert shown["payment"]["transactions"][0]["remitted"] == "1.60"


def test_what_is_picked_up_needs_no_address_and_what_travels_does(site: Site) -> None:
    body = another_order(delivery="pickup", shipping=None)
    del body["billing_address"], body["shipping_address"]
    picked_up = site.post("orders", body)
    assert picked_up.status_code == 201
    assert detail(site, picked_up.get_json())["shipping_address"] == {}
    body["delivery"] = "ship"
    assert site.post("orders", body).status_code == 400


@pytest.mark.parametrize("silent", [{"notify": False}, {"Daybook_Silent": "true"}, {}])
def test_a_silent_command_lets_nobody_be_told(site: Site, silent: dict[str, Any]) -> None:
    headers = {name: value for name, value in silent.items() if name != "notify"}
    answer = site.post("orders", another_order(**({"notify": False} if "notify" in silent else {})), **headers)
    (event,) = site.get(f"/audit/orders/{answer.get_json()['order_id']}/events").get_json()["items"]
    assert event["data"]["notify"] is (not silent)


def test_what_was_chosen_of_an_article_goes_with_its_line(site: Site) -> None:
    order = placed(site, lines=[MUG | {"attributes": {"Engraving": "R. T."}}])
    again = done(site, f"orders/{order['order_id']}/reorder", {})
    assert detail(site, again)["lines"][0]["attributes"] == {"Engraving": "R. T."}
    done(site, f"orders/{order['order_id']}/amend", {"note": "Ring twice"})
    assert detail(site, order)["lines"][0]["attributes"] == {"Engraving": "R. T."}
    done(site, f"orders/{order['order_id']}/amend", {"lines": [MUG]})
    plain = done(site, f"orders/{order['order_id']}/reorder", {})
    assert [detail(site, each)["lines"][0]["attributes"] for each in (order, plain)] == [{}, {}]


def test_a_tip_is_not_given_again_by_ordering_the_same_goods(site: Site) -> None:
    tip = {"charge_id": "tip", "name": "Tip", "kind": "tip", "amount": "2.00"}
    order = placed(site, charges=[WRAP, tip])
    again = done(site, f"orders/{order['order_id']}/reorder", {})
    assert [charge["charge_id"] for charge in detail(site, again)["charges"]] == ["wrap"]


def test_an_invoice_names_the_taxes_the_discount_and_the_payment_as_the_shop_does(site: Site) -> None:
    lines = [{"line_id": "1", "sku": "MUG", "quantity": 2, "unit_price": "10.50", "taxes": [GST, PST]}]
    order = placed(
        site,
        lines=lines,
        discounts=[{"code": "SPRING10", "amount": "1.00"}],
        payment={"method": "purchase_order", "title": "Klarna"},
        expected_grand_total="22.40",
    )
    path = f"orders/{order['order_id']}/invoices"
    made = [done(site, path, {"lines": [{"line_id": "1", "quantity": 1}], "capture": "offline"}) for _ in range(2)]
    first, last = (site.get(f"/queries/invoices/{each['invoice_id']}").get_json() for each in made)
    assert [tax["named"] for tax in first["taxes"] + last["taxes"]] == [
        [{"name": "GST 5%", "amount": "0.50"}, {"name": "PST 7%", "amount": "0.70"}]
    ] * 2
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf_of(site, made[0]))).pages)
    for words in ("GST 5%: 0.50", "PST 7%: 0.70", "SPRING10", "Klarna"):
        assert words in text


def pdf_of(site: Site, invoice: dict[str, Any]) -> bytes:
    return bytes(site.get(f"/queries/invoices/{invoice['invoice_id']}/invoice.pdf").data)


def test_documents_of_another_system_bear_the_day_on_which_it_issued_them(site: Site) -> None:
    order = placed(site, occurred_at="2025-03-01T08:00:00Z")
    at = {"occurred_at": "2025-03-02T09:00:00Z"}
    numbers = [{"external": {"number": uuid4().hex}} for _ in range(2)]
    invoice = done(
        site, f"orders/{order['order_id']}/invoices", {"lines": "all_remaining", "capture": "offline"} | numbers[0] | at
    )
    done(site, f"invoices/{invoice['invoice_id']}/refund", {"amount": "1.00"} | numbers[1] | at)
    shown = detail(site, order)
    days = [each["issued_at"][:10] for each in shown["invoices"] + shown["credit_memos"]]
    assert days == ["2025-03-02"] * 2


def test_the_page_of_an_order_shows_what_it_carries_and_offers_no_paper_of_others(site: Site) -> None:
    tax = {"name": "County tax", "amount": "1.60", "collected_by": "marketplace"}
    mug = {
        "line_id": "1",
        "sku": "MUG",
        "quantity": 2,
        "unit_price": "10.123456",
        "unit": "kg",
        "gtin": "4006381333931",
    }
    order = placed(
        site,
        lines=[
            mug | {"attributes": {"Engraving": "R. T."}, "taxes": [tax]},
            CUP | {"parent_line_id": "1", "unit_price": "0.00"},
        ],
        charges=[WRAP],
        discounts=[{"code": "TEN", "amount": "2.50"}],
        purchase_order="PO-4711",
        vat_id="NL000000000B00",
        due_date="2027-01-31",
        attributes={"Branch": "North"},
        payment={"method": "purchase_order", "title": "Klarna"},
    )
    path = f"orders/{order['order_id']}"
    gift = {"amount": "5.00", "provider_reference": uuid4().hex, "kind": "gift_card", "method": "Gift voucher"}
    done(site, f"{path}/capture-payment", gift)
    elsewhere = {"number": uuid4().hex, "url": "https://shop.example/77"}
    done(site, f"{path}/invoices", {"lines": "all_remaining", "capture": "offline", "external": elsewhere})
    desk = site.app.test_client()
    desk.post("/sign-in", data={"key": site.keys[Role.ADMIN]})
    page = desk.get(f"/orders/{order['order_id']}").text
    carried = ("10.123456", "kg", "4006381333931", "R. T.", "County tax", "part of line 1", "Gift wrap", "TEN")
    agreed = ("PO-4711", "NL000000000B00", "Jan 31, 2027", "North", "Klarna", "Gift voucher", "https://shop.example/77")
    assert [text for text in carried + agreed if text not in page] == []
    assert "/invoice.pdf" not in page


def test_the_parts_of_the_sum_on_the_page_of_an_order_make_its_total(site: Site) -> None:
    order = placed(
        site,
        shipping={"description": "Post", "amount": "15.00", "tax_rate": "0.2"},
        charges=[WRAP],
        discounts=[{"code": "TEN", "amount": "2.50"}, {"code": "FREE", "amount": "5.00", "target": "shipping"}],
    )
    desk = site.app.test_client()
    desk.post("/sign-in", data={"key": site.keys[Role.ADMIN]})
    sums = desk.get(f"/orders/{order['order_id']}").text.partition('<dl class="facts money">')[2].partition("</dl>")[0]
    *parts, total = (
        Decimal(amount.replace("\N{MINUS SIGN}", "-").replace("\N{EURO SIGN}", ""))
        for amount in re.findall(r"<dd[^>]*>([^<]+)</dd>", sums)
    )
    assert (sum(parts), total) == (Decimal("42.60"), Decimal("42.60"))
