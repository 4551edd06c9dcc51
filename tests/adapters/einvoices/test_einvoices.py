"""E-invoices say what the printed document says, in the words of EN 16931."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import facturx  # type: ignore[import-untyped, import-not-found, unused-ignore]
import pytest

from adapters.documents.contents import Address, CreditMemo, Invoice, MoneyLine, Party, Seller, TaxInBase, TaxLine
from adapters.documents.contents import Transfer as BankTransfer
from adapters.documents.filling.money_lines import charge_lines
from adapters.einvoices import EInvoice, EInvoiceImpossible, cii, einvoice, ubl
from adapters.einvoices.delivering import deliverable
from adapters.einvoices.identifiers import account, electronic_address, is_iban, vat_id
from adapters.einvoices.prices import exact_price
from tests.adapters.einvoices.judging import judge
from tests.support.einvoices import peppol_faults, rule_faults, schema_faults

IBAN = "DE89370400440532013000"
SELLER = Seller(
    name="Verkäufer GmbH",
    address=Address(name="Verkäufer GmbH", street=("Weg 1",), city="Berlin", postcode="10115", country="DE"),
    vat_id="DE123456789",
    email="rechnung@example.com",
    bank=("Sparbank", "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX"),
)
BUYER = Address(name="Ana Silva", street=("Rua Nova 1",), city="Porto", postcode="4000-001", country="PT")
CUP = MoneyLine(name="Cup", sku="CUP", quantity=3, unit_price="10.00", net="30.00", tax_rate="0.19", tax="5.70")
TAX = TaxLine(rate="0.19", taxable="30.00", tax="5.70", category="S")


def invoice(**more: Any) -> Invoice:
    facts: dict[str, Any] = {
        "seller": SELLER,
        "number": "000000007",
        "issued_on": date(2026, 11, 2),
        "bill_to": Party(address=BUYER, email="ana@example.com"),
        "currency": "EUR",
        "order_number": "000000009",
        "lines": (CUP,),
        "taxes": (TAX,),
        "total_net": "30.00",
        "total_tax": "5.70",
        "grand_total": "35.70",
        "due": "35.70",
        "due_on": date(2026, 11, 16),
        "payment_code": "bank_transfer",
        "transfer": BankTransfer(bank=SELLER.bank, reference="000000009"),
    }
    return Invoice(**facts | more)


def untaxed(category: str, note: str | None = "Because.", **more: Any) -> Invoice:
    line = replace(CUP, tax_rate="0", tax="0.00")
    tax = TaxLine(rate="0", taxable="30.00", tax="0.00", category=category, note=note)
    totals = {"total_tax": "0.00", "grand_total": "30.00", "due": "30.00"}
    return invoice(**{"lines": (line,), "taxes": (tax,)} | totals | more)


def memo(**more: Any) -> CreditMemo:
    given = invoice()
    names = ("seller", "number", "issued_on", "bill_to", "currency", "order_number", "lines", "taxes")
    facts = {name: getattr(given, name) for name in (*names, "total_net", "total_tax", "grand_total")}
    return CreditMemo(**facts | {"invoice_number": "000000007", "invoice_issued_on": date(2026, 11, 2)} | more)


def faults(told: EInvoice) -> list[str]:
    one, other = cii.written(told), ubl.written(told)
    found = schema_faults("cii", one) + schema_faults("ubl", other)
    return found + rule_faults("cii", one) + rule_faults("ubl", other) + peppol_faults(other)


def read(told: EInvoice) -> dict[str, Any]:
    """A file as a reader that is not ours understands it: the same in both syntaxes, but for what Peppol adds."""
    one, other = (facturx.parse_ubl_cii_xml(xml, level="en16931") for xml in (cii.written(told), ubl.written(told)))
    assert isinstance(one, dict)
    peppol = {"BT-13": told.purchase_order or "NA", "BT-23": ubl.PROCESS, "BT-24": ubl.CUSTOMIZATION}
    assert other == one | peppol
    return one


def lacks(document: Invoice | CreditMemo) -> set[str]:
    with pytest.raises(EInvoiceImpossible) as impossible:
        einvoice(document)
    assert impossible.value.code == "einvoice_data_missing"
    assert all(lack.message for lack in impossible.value.lacks)
    return {lack.pointer for lack in impossible.value.lacks}


def test_the_documents_of_random_orders_pass_the_schemas_and_the_rules() -> None:
    seen, found = judge(range(1000, 1015))
    assert found == []
    assert {"Invoice", "CreditMemo", "S", "K", "G", "Z"} <= seen.keys()


def test_another_reader_finds_what_was_written() -> None:
    found = read(einvoice(invoice()))
    assert (found["BT-1"], found["BT-3"], found["BT-5"]) == ("000000007", "380", "EUR")
    assert (found["BT-81"], found["BT-84"], found["BT-86"], found["BT-83"]) == ("58", IBAN, "COBADEFFXXX", "000000009")
    assert (found["BG-4"]["vat_identifier"], found["BG-7"]["name"]) == ("DE123456789", "Ana Silva")
    (line,) = found["BG-25"]
    assert (line["BT-129"], Decimal(line["BT-146"]), Decimal(line["BT-131"])) == ("3", Decimal(10), Decimal(30))
    assert (Decimal(found["BT-112"]), Decimal(found["BT-115"])) == (Decimal("35.70"), Decimal("35.70"))


@pytest.mark.parametrize("category", ["Z", "E", "K", "AE", "G", "O"])
def test_every_reason_for_no_tax_passes(category: str) -> None:
    abroad = Party(address=BUYER, vat_id="PT123456789", email="ana@example.com")
    document = untaxed(category, None if category == "Z" else "Because.", bill_to=abroad)
    document = replace(document, seller=replace(SELLER, registration_id="HRB 1"), ordered_on=date(2026, 11, 1))
    told = einvoice(document)
    assert faults(told) == []
    (tax,) = told.taxes
    codes = {"K": "VATEX-EU-IC", "AE": "VATEX-EU-AE", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}
    assert (tax.category.code, tax.reason_code) == (category, codes.get(category))
    assert (told.seller.vat_id is None) == (category == "O")


def test_goods_for_the_union_say_since_when_they_may_have_left() -> None:
    abroad = Party(address=BUYER, vat_id="PT123456789", email="ana@example.com")
    known = einvoice(untaxed("K", bill_to=abroad, ordered_on=date(2026, 11, 1), supplied_on=date(2026, 11, 2)))
    unknown = einvoice(untaxed("K", bill_to=abroad, ordered_on=date(2026, 11, 1)))
    assert (known.period, known.delivery and known.delivery.on) == (None, date(2026, 11, 2))
    assert unknown.period is not None
    assert unknown.period.first == date(2026, 11, 1)
    assert faults(known) == faults(unknown) == []


def test_a_delivery_is_a_charge_and_alone_a_line() -> None:
    freight = MoneyLine(
        name=None, quantity=1, unit_price="5.00", net="5.00", tax_rate="0.19", tax="0.95", kind="delivery"
    )
    both = invoice(
        lines=(CUP, freight),
        taxes=(replace(TAX, taxable="35.00", tax="6.65"),),
        total_net="35.00",
        total_tax="6.65",
        grand_total="41.65",
        due="41.65",
    )
    alone = replace(
        both,
        lines=(freight,),
        taxes=(replace(TAX, taxable="5.00", tax="0.95"),),
        total_net="5.00",
        total_tax="0.95",
        grand_total="5.95",
        due="5.95",
    )
    told, left = einvoice(both), einvoice(alone)
    assert [(each.amount, each.code, each.reason) for each in told.charges] == [(Decimal("5.00"), "FC", "Delivery")]
    assert (left.charges, [line.name for line in left.lines]) == ((), ["Delivery"])
    assert faults(told) == faults(left) == []


def test_charges_of_every_kind_are_told_with_what_they_are() -> None:
    amounts = {"net": "2.00", "tax_rate": "0.19", "tax": "0.38"}
    kinds = ("fee", "tip", "duty", "wrap", "surcharge", "shipping", None)
    charged = charge_lines(
        {"shipping": None, "charges": [{"name": f"A {kind}", "kind": kind} | amounts for kind in kinds]}
    )
    told = einvoice(
        invoice(
            lines=(replace(CUP, gtin="4012345678901", unit="kg"), *charged),
            taxes=(replace(TAX, taxable="44.00", tax="8.36"),),
            total_net="44.00",
            total_tax="8.36",
            grand_total="52.36",
            due="52.36",
            purchase_order="PO-77",
        )
    )
    assert [each.code for each in told.charges] == [None, None, None, "PC", None, "FC", None]
    assert [each.reason for each in told.charges] == [f"A {kind}" for kind in kinds]
    found = read(told)
    assert (found["BT-13"], found["BG-25"][0]["BT-157"], found["BG-25"][0]["BT-130"]) == (
        "PO-77",
        "4012345678901",
        "KGM",
    )
    assert faults(told) == []


def test_what_is_kept_of_a_refund_is_an_allowance() -> None:
    kept = MoneyLine(name="Fee", quantity=1, unit_price="-5", net="-5.00", tax_rate="0.19", tax="-0.95", kind="kept")
    told = einvoice(
        memo(
            lines=(CUP, kept),
            taxes=(replace(TAX, taxable="25.00", tax="4.75"),),
            total_net="25.00",
            total_tax="4.75",
            grand_total="29.75",
        )
    )
    assert [(each.amount, each.reason) for each in told.allowances] == [(Decimal("5.00"), "Fee")]
    assert told.preceding is not None
    assert (told.type_code, told.preceding.number) == ("381", "000000007")
    assert faults(told) == []


def test_tax_that_was_rounded_line_by_line_stays_as_it_was_charged() -> None:
    lines = tuple(replace(CUP, quantity=1, unit_price="0.03", net="0.03", tax="0.01") for _ in range(40))
    taxes = (replace(TAX, taxable="1.20", tax="0.40"),)
    told = einvoice(
        invoice(lines=lines, taxes=taxes, total_net="1.20", total_tax="0.40", grand_total="1.60", due="1.60")
    )
    assert told.totals.tax == Decimal("0.40")  # where the rate makes 0.23
    assert faults(told) == []


def test_a_tax_that_contradicts_its_rate_is_no_e_invoice() -> None:
    taxes = (replace(TAX, tax="9.70"),)
    document = invoice(taxes=taxes, total_tax="9.70", grand_total="39.70", due="39.70")
    with pytest.raises(EInvoiceImpossible, match=r"9\.70 of tax on 30\.00 are not the 19 %") as impossible:
        einvoice(document)
    assert impossible.value.code == "einvoice_amounts_contradict"
    assert [lack.pointer for lack in impossible.value.lacks] == ["/taxes/0/tax"]


def test_what_does_not_add_up_is_no_e_invoice() -> None:
    with pytest.raises(EInvoiceImpossible, match=r"do not add up to the total of 36\.70"):
        einvoice(invoice(grand_total="36.70", due="36.70"))


@pytest.mark.parametrize(
    ("shown", "quantity", "amount", "price"),
    [
        ("9.99", 3, "29.97", "9.99"),
        ("8.40", 3, "25.21", "8.403"),
        ("0.33", 3, "1.00", "0.333"),
        ("0.40", 1000, "403.36", "0.40336"),
        ("67", 3, "200", "66.667"),
        ("5.00", 0, "0.00", "5.00"),
    ],
)
def test_the_price_times_the_quantity_is_the_amount(shown: str, quantity: int, amount: str, price: str) -> None:
    assert exact_price(Decimal(shown), quantity, Decimal(amount)) == Decimal(price)


def test_what_is_missing_is_named_with_where_to_set_it() -> None:
    nobody = replace(SELLER, vat_id=None)
    unknown = replace(CUP, tax_rate=None)
    assert lacks(invoice(seller=nobody)) == {"/seller/vat_id"}
    assert lacks(invoice(seller=replace(SELLER, vat_id="123"))) == {"/seller/vat_id"}
    assert lacks(invoice(seller=replace(nobody, tax_number="12/345"))) == {"/seller/registration_id"}
    assert lacks(untaxed("O")) == {"/seller/registration_id"}
    assert lacks(invoice(bill_to=Party(address=Address()))) == {"/billing_address/name", "/billing_address/country"}
    assert lacks(invoice(bill_to=Party(address=BUYER, vat_id="123"))) == {"/billing_address/vat_id"}
    assert lacks(invoice(lines=(CUP, unknown))) == {"/lines/1/tax_rate"}
    assert lacks(memo(adjustment_refund="3.00")) == {"/adjustment_refund"}
    with pytest.raises(EInvoiceImpossible) as undeliverable:
        deliverable(einvoice(invoice(bill_to=Party(address=BUYER))))
    assert [lack.pointer for lack in undeliverable.value.lacks] == ["/customer/email"]
    reached_by_vat_id = einvoice(invoice(seller=replace(SELLER, email=None)))
    assert deliverable(reached_by_vat_id) is reached_by_vat_id


def test_within_germany_the_network_asks_for_more() -> None:
    seller = replace(SELLER, email=None, address=replace(SELLER.address, postcode=None))
    buyer = Party(address=replace(BUYER, country="DE", city=None), email="ana@example.com")
    with pytest.raises(EInvoiceImpossible) as undeliverable:
        deliverable(einvoice(invoice(seller=seller, bill_to=buyer)))
    assert {lack.pointer for lack in undeliverable.value.lacks} == {
        "/seller/address/phone",
        "/seller/email",
        "/seller/address/postcode",
        "/billing_address/city",
    }
    abroad = einvoice(invoice(seller=seller))
    assert deliverable(abroad) is abroad


def test_a_small_business_without_a_vat_id_names_its_other_numbers() -> None:
    small = replace(SELLER, vat_id=None, tax_number="12/345/67890", registration_id="0204:991-01-02")
    told = einvoice(untaxed("E", "No VAT is charged (small business).", seller=small))
    assert faults(told) == []
    assert told.taxes[0].reason == "No VAT is charged (small business)."


@pytest.mark.parametrize(("country", "currency"), [("US", "EUR"), ("DE", "KWD")])
def test_where_the_standard_does_not_reach_it_says_so(country: str, currency: str) -> None:
    seller = replace(SELLER, address=replace(SELLER.address, country=country))
    with pytest.raises(EInvoiceImpossible) as impossible:
        einvoice(invoice(seller=seller, currency=currency))
    assert impossible.value.code == "einvoice_not_applicable"


def test_the_tax_is_also_said_in_the_currency_of_the_books() -> None:
    base = TaxInBase(currency="EUR", rate="0.9", tax="5.13")
    told = einvoice(invoice(currency="USD", tax_in_base=base))
    assert faults(told) == []
    assert told.payment is not None
    assert told.payment.code == "30"
    assert read(told)["BT-111"] == "5.13"


def test_money_that_was_waived_counts_as_paid_and_is_named() -> None:
    told = einvoice(invoice(paid="30.00", waived="5.70", due="0.00", due_on=None, transfer=None))
    assert (told.totals.paid, told.totals.due) == (Decimal("35.70"), Decimal(0))
    assert told.note == "5.70 EUR of what is stated as paid was waived."
    assert faults(told) == []


def test_an_invoice_without_a_due_date_says_what_is_agreed() -> None:
    collected = "The amount due is collected by Card."
    assert einvoice(invoice(due_on=None)).terms == "As agreed"
    assert einvoice(invoice(due_on=None, notes=(collected,))).terms == collected
    assert faults(einvoice(invoice(due_on=None))) == []


def test_nothing_that_a_customer_typed_breaks_the_file() -> None:
    strange = replace(BUYER, name='A&B <"c">\x0b\ufffe', city="\x01")
    told = einvoice(invoice(bill_to=Party(address=strange, email="ana@example.com")))
    assert read(told)["BG-7"]["name"] == 'A&B <"c">'
    assert faults(told) == []


def test_numbers_are_read_as_people_write_them() -> None:
    assert vat_id("de 123.456-789") == "DE123456789"
    assert vat_id("123456789") is None
    assert vat_id("QQ123456789") is None
    assert vat_id("XI123456789") == "XI123456789"
    assert account(None, None, SELLER.bank) == (IBAN, "COBADEFFXXX")
    assert account(None, None, ("Sparbank", "Konto 12345")) == (None, None)
    assert not is_iban("DE89370400440532013001")
    named = electronic_address("0088:4012345000009", "DE123456789", "a@example.com")
    by_vat, by_mail = electronic_address(None, "EL094259216", None), electronic_address(None, None, "a@example.com")
    assert named is not None
    assert by_vat is not None
    assert by_mail is not None
    assert (named.scheme, by_vat.scheme, by_mail.scheme) == ("0088", "9933", "EM")
