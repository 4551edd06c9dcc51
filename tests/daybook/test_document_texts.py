"""What invoices, credit memos, cancellations, slips and manifests say in words, from orders as they really went."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
import zxingcpp
from pypdf import PdfReader

from adapters.documents.contents import Address
from adapters.documents.filling.tax_notes import tax_note
from adapters.documents.stationery import Stationery
from application.command import Actor
from application.processes.attempts import Attempts
from application.processes.batches import Batches
from application.processes.process import Origin
from domain.printed_document import NothingToPrint
from eventstore.aside import Aside
from tests.adapters.documents.reading import image_of
from tests.projections.shop import MERCHANT, START, Shop, open_shop
from tests.support.orders import ADDRESS, line, packed
from tests.support.postgres import Database

GERMAN = replace(
    MERCHANT,
    languages=("de",),
    seller=replace(MERCHANT.seller, bank=("IBAN DE02 1203 0000 0000 2020 51",)),
    documents=replace(MERCHANT.documents, payment_days=14),
)


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    with open_shop(database, GERMAN) as shop:
        yield shop


TODAY = datetime.now(UTC).date()
DUE = TODAY + timedelta(days=14)


def words(shop: Shop, form: str, document_id: Any) -> str:
    pdf = shop.printer.print(form, UUID(str(document_id)))
    assert pdf is not None
    return " ".join("\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf.pdf)).pages).split())


def invoiced(shop: Shop, order: UUID, **more: Any) -> str:
    facts = {"lines": "all_remaining", "capture": "none"} | more
    return str(shop.do("orders/invoices", order, **facts)["invoice_id"])


def dispatched(shop: Shop, order: UUID, *units: tuple[str, int], service: str = "Standard") -> UUID:
    booked = shop.do("orders/shipments", order, **packed(*units), service=service)
    shipments = [UUID(booked["shipment_id"])]
    at = START + timedelta(days=400)
    dispatch = shop.do("dispatches", carrier="ups", location="main", ready_at=at, shipments=shipments)
    shop.do("dispatches/close", UUID(dispatch["dispatch_id"]))
    return UUID(dispatch["dispatch_id"])


def test_an_invoice_on_account_says_until_when_where_and_under_which_reference(shop: Shop) -> None:
    order = shop.place(line(quantity=2, unit_price="10.00"), method="purchase_order")
    text = words(shop, "invoice", invoiced(shop, order))
    assert "Zahlung Kauf auf Rechnung" in text
    assert f"Fällig am {DUE}" in text
    assert f"Bitte überweisen Sie 20,00 EUR bis zum {DUE}" in text
    assert f"IBAN DE02 1203 0000 0000 2020 51 Verwendungszweck: {len(shop.orders):09d}" in text
    assert "Leistungsdatum" not in text


def test_an_invoice_is_dated_when_it_is_made_whatever_the_day_of_the_fact_but_for_history(shop: Shop) -> None:
    first, second = (shop.place(line(quantity=1), method="purchase_order") for _ in range(2))
    assert f"Ausstellungsdatum {TODAY}" in words(shop, "invoice", invoiced(shop, first))
    history = shop.do("orders/invoices", second, lines="all_remaining", actor=Actor("import", "old shop"))
    assert "Ausstellungsdatum 2026-11-01" in words(shop, "invoice", history["invoice_id"])
    shown = shop.documents.detail("invoices", UUID(history["invoice_id"])) or {}
    assert shown["issued_at"].startswith("2026-11-01")


def test_a_paid_invoice_asks_for_nothing(shop: Shop) -> None:
    order = shop.place(line(quantity=2, unit_price="10.00"))
    text = words(shop, "invoice", invoiced(shop, order, capture="offline"))
    assert "Offener Betrag EUR 0,00" in text
    assert "überweisen" not in text
    assert "Fällig" not in text


def test_goods_are_supplied_on_the_day_on_which_the_last_of_them_left(shop: Shop) -> None:
    order = shop.place(line(quantity=3), method="purchase_order")
    dispatched(shop, order, ("1", 2))
    assert "Leistungsdatum" not in words(shop, "invoice", invoiced(shop, order))
    whole = shop.place(line(quantity=3), method="purchase_order")
    dispatched(shop, whole, ("1", 2))
    dispatched(shop, whole, ("1", 1))
    assert "Leistungsdatum 2026-11-01" in words(shop, "invoice", invoiced(shop, whole))


def test_the_second_of_two_invoices_waits_for_its_own_goods(shop: Shop) -> None:
    order = shop.place(line(quantity=3), method="purchase_order")
    dispatched(shop, order, ("1", 2))
    first = invoiced(shop, order, lines=[{"line_id": "1", "quantity": 2}])
    second = invoiced(shop, order)
    assert "Leistungsdatum 2026-11-01" in words(shop, "invoice", first)
    assert "Leistungsdatum" not in words(shop, "invoice", second)


def test_what_is_not_shipped_is_supplied_with_its_invoice(shop: Shop) -> None:
    order = shop.place(line(shippable=False), method="purchase_order")
    assert "Leistungsdatum 2026-11-01" in words(shop, "invoice", invoiced(shop, order))


def test_a_canceled_invoice_stays_as_it_was_and_has_a_cancellation_beside_it(shop: Shop) -> None:
    order = shop.place(line(quantity=2, unit_price="10.00"), method="purchase_order")
    invoice_id = invoiced(shop, order)
    before = words(shop, "invoice", invoice_id)
    with pytest.raises(NothingToPrint) as refused:
        shop.printer.print("cancellation", UUID(invoice_id))
    assert refused.value.code == "invoice_not_canceled"
    shop.do("invoices/cancel", UUID(invoice_id))
    assert words(shop, "invoice", invoice_id) == before
    text = words(shop, "cancellation", invoice_id)
    assert "Stornorechnung" in text
    assert f"-C Ausstellungsdatum {TODAY} Korrigiert Rechnung" in text
    assert "Gutgeschrieben EUR 20,00" in text


def test_a_credit_memo_is_called_what_the_law_calls_it_and_gives_the_reason(shop: Shop) -> None:
    order = shop.place(line(quantity=2, unit_price="10.00"))
    invoice_id = invoiced(shop, order, capture="offline")
    refunded = [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]
    memo = shop.do("invoices/refund", UUID(invoice_id), lines=refunded, reason="Farbe gefiel nicht")
    text = words(shop, "credit-memo", memo["credit_memo_id"])
    assert "Rechnungskorrektur" in text
    assert "Erstattung Von uns zurückgezahlt" in text
    assert "Grund Farbe gefiel nicht" in text


def test_an_adjustment_says_what_of_it_is_tax_at_which_rate(shop: Shop) -> None:
    taxed = [line("1", 1, "100.00", tax_rate=Decimal("0.23")), line("2", 1, "100.00", tax_rate=Decimal("0.06"))]
    order = shop.place(*taxed)
    invoice_id = invoiced(shop, order, capture="offline")
    memo = shop.do("invoices/refund", UUID(invoice_id), lines=[], adjustment_refund=Decimal("22.90"))
    text = words(shop, "credit-memo", memo["credit_memo_id"])
    assert text.count("Zusätzliche Erstattung 1 ") == 2
    assert "10,00 23% 2,30" in text
    assert "10,00 6% 0,60" in text
    assert "Summe netto 20,00 Umsatzsteuer EUR 2,90 Gutgeschrieben EUR 22,90" in text


def test_a_corrected_invoice_is_taken_back_by_a_cancellation_with_a_number_of_its_own(shop: Shop) -> None:
    order = shop.place(line(quantity=2, unit_price="10.00"))
    invoice_id = invoiced(shop, order, capture="offline")
    memo = shop.do("invoices/correct", UUID(invoice_id), reason="Falsche Anschrift")
    text = words(shop, "credit-memo", memo["credit_memo_id"])
    assert "Stornorechnung" in text
    assert "Wird neu berechnet" in text
    assert "Grund Falsche Anschrift" in text
    assert "Offener Betrag EUR 0,00" in words(shop, "invoice", invoice_id)


def test_a_tax_without_a_rate_is_printed_as_an_amount(shop: Shop) -> None:
    order = shop.place(line(quantity=1, unit_price="10.00", tax_amount=Decimal("1.11")), method="purchase_order")
    text = words(shop, "invoice", invoiced(shop, order))
    assert "USt 10,00 1,11" in text
    assert "0%" not in text


def test_a_discounted_gross_price_has_the_net_unit_price_of_its_rate(shop: Shop) -> None:
    gross = line(quantity=10, unit_price="23.90", tax_rate=Decimal("0.20"), discount=Decimal("59.75"))
    order = shop.place(gross, method="purchase_order", prices_include_tax=True)
    assert " 10 19,92 -49,80 149,37 20% 29,88" in words(shop, "invoice", invoiced(shop, order))


def test_a_slip_has_a_code_that_leads_to_the_tracking_page(shop: Shop) -> None:
    order = shop.place(line(quantity=1), method="cash_on_delivery")
    booked = shop.do("orders/shipments", order, **packed(("1", 1)))
    slip = shop.printer.print("packing-slip", UUID(booked["shipment_id"]))
    label = shop.printer.print("label", UUID(booked["shipment_id"]))
    assert slip
    assert label
    codes = {code.text for code in zxingcpp.read_barcodes(image_of(slip.pdf))}
    token = (shop.documents.detail("shipments", UUID(booked["shipment_id"])) or {})["tracking_token"]
    assert f"https://shop.example/track/{token}" in codes
    assert "MUSTER" in words(shop, "label", booked["shipment_id"])


def test_a_manifest_is_sorted_by_service_and_names_it(shop: Shop) -> None:
    orders = [shop.place(line(quantity=1), method="cash_on_delivery") for _ in range(4)]
    services = ["Standard", "Express", "Standard", "Express"]
    shipments = [
        UUID(shop.do("orders/shipments", order, **packed(("1", 1)), service=service)["shipment_id"])
        for order, service in zip(orders, services, strict=True)
    ]
    at = START + timedelta(days=400)
    dispatch = shop.do("dispatches", carrier="ups", location="main", ready_at=at, shipments=shipments)
    shop.do("dispatches/close", UUID(dispatch["dispatch_id"]))
    text = words(shop, "manifest", dispatch["dispatch_id"])
    found = [word for word in text.split() if word in {"Express", "Standard"}]
    assert found == ["Express", "Express", "Standard", "Standard"]


def noted(vat_id: str | None, country: str, *, goods: bool = True, seller: str = "PT", **notes: str) -> str | None:
    stationery: Stationery = replace(
        MERCHANT.stationery, seller=replace(MERCHANT.seller, address=Address(country=seller)), tax_notes=notes
    )
    address = ADDRESS | {"country": country}
    document = {"goods": goods, "shipping_address": address, "billing_address": address}
    return tax_note(stationery, document, vat_id, "en")


@pytest.mark.parametrize(
    ("vat_id", "country", "goods", "expected"),
    [
        ("DE123456789", "DE", True, "Art. 138"),
        ("EL123456783", "GR", True, "Art. 138"),
        ("DE123456789", "DE", False, "Art. 196"),
        (None, "CH", True, "Art. 146"),
        (None, "CH", False, None),
        (None, "DE", True, None),
        ("PT509442013", "DE", True, None),
        ("DE123456789", "PT", True, None),
    ],
)
def test_a_rate_of_zero_says_why_in_the_usual_cases(
    vat_id: str | None, country: str, goods: bool, expected: str | None
) -> None:
    note = noted(vat_id, country, goods=goods)
    assert (note is None) == (expected is None)
    assert expected is None or expected in (note or "")


def test_the_merchant_has_words_of_its_own() -> None:
    assert noted(None, "PT", other="Kleinunternehmer") == "Kleinunternehmer"
    assert noted(None, "CH", export="Ausfuhr") == "Ausfuhr"
    assert noted(None, "US", seller="US", other="No sales tax") == "No sales tax"


def test_goods_for_another_member_state_name_the_buyers_vat_id_and_the_exemption(shop: Shop) -> None:
    buyer = ADDRESS | {"country": "FR", "vat_id": "FR40303265045"}
    order = shop.place(line(quantity=1), method="purchase_order", billing_address=buyer, shipping_address=buyer)
    text = words(shop, "invoice", invoiced(shop, order))
    assert "Ihre USt-IdNr.: FR40303265045" in text
    assert "0% Steuerfreie innergemeinschaftliche Lieferung" in text


def test_a_taxed_invoice_names_no_exemption(shop: Shop) -> None:
    taxed = line(quantity=1, unit_price="10.00", tax_rate=Decimal("0.23"))
    order = shop.place(taxed, method="purchase_order", shipping_address=ADDRESS | {"country": "CH"})
    assert "Art. 146" not in words(shop, "invoice", invoiced(shop, order))


def test_one_name_that_cannot_be_printed_holds_up_no_batch(shop: Shop) -> None:
    japanese = ADDRESS | {"name": "山田", "country": "JP"}
    addresses = (ADDRESS, japanese)
    orders = [shop.place(line(), method="cash_on_delivery", shipping_address=address) for address in addresses]
    batch = UUID(shop.do("batches", origin="main", carrier="ups", service="Standard", orders=orders)["batch_id"])
    shop.do("batches/process", batch)
    with closing(Aside(shop.database.app_url, "batches")) as aside:
        origin = Origin("batches", uuid4, lambda: datetime.now(UTC))
        batches = Batches(shop.log, shop.desk, origin, Attempts(aside))
        while batches.step():
            pass
    for form, size in (("labels", (288, 432)), ("packing-slips", (595, 842))):
        pdf = shop.printer.print(form, batch)
        assert pdf
        pages = PdfReader(BytesIO(pdf.pdf)).pages
        texts = [" ".join(page.extract_text().split()) for page in pages]
        assert len(pages) == 2
        assert "Ana Silva" in texts[0]
        assert "Nicht gedruckt Sendung" in texts[1]
        assert "U+5C71 U+7530" in texts[1]
        assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {size}
