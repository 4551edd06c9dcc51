"""E-invoices of orders in the log: inside the PDF and as a file, as of the issue, and for ever the same."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

import facturx  # type: ignore[import-untyped, import-not-found, unused-ignore]
import pytest
from pypdf import PdfReader

from adapters.merchant.config import MerchantConfig
from domain.printed_document import NothingToPrint
from tests.daybook.test_issued_documents import erase, forget_kept, invoiced, printed
from tests.projections.shop import MERCHANT, Shop, open_shop
from tests.support.einvoices import peppol_faults, rule_faults, schema_faults
from tests.support.orders import line
from tests.support.postgres import Database

IBAN = "PT50000201231234567890154"
READY: MerchantConfig = replace(
    MERCHANT,
    seller=replace(MERCHANT.seller, vat_id="PT123456789", email="shop@example.com", iban=IBAN),
    base_currency="EUR",
    documents=replace(MERCHANT.documents, payment_days=14),
)
LATER = replace(READY, seller=replace(READY.seller, name="Quite Another Ltd.", vat_id="PT999999990"))
SILENT = replace(READY, documents=replace(READY.documents, e_invoices=False))


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    with open_shop(database, READY) as shop:
        yield shop


def opened(database: Database, merchant: MerchantConfig) -> Any:
    """The same log after a restart with another configuration."""
    return open_shop(database, merchant)


def enclosed(pdf: bytes) -> dict[str, Any]:
    _, xml = facturx.get_xml_from_pdf(pdf, check_xsd=True)
    assert rule_faults("cii", xml) == []
    told = facturx.parse_ubl_cii_xml(xml)
    assert isinstance(told, dict)
    return told


def file_of(shop: Shop, form: str, document_id: Any) -> bytes:
    xml = shop.printer.e_invoice(form, UUID(str(document_id)))
    assert xml is not None
    return xml


def test_an_invoice_is_told_in_its_pdf_and_as_a_file(shop: Shop) -> None:
    _, invoice = invoiced(shop)
    told = enclosed(printed(shop, "invoice", invoice["invoice_id"]))
    assert (told["BT-1"], told["BT-112"], told["BT-84"]) == (invoice["invoice_number"], "40.00", IBAN)
    assert told["BG-7"]["einvoicing_addr"] == "ana@example.com"
    xml = file_of(shop, "invoice", invoice["invoice_id"])
    assert schema_faults("ubl", xml) + rule_faults("ubl", xml) + peppol_faults(xml) == []


def test_a_credit_memo_and_a_cancellation_name_their_invoice(shop: Shop) -> None:
    _, invoice = invoiced(shop)
    _, other = invoiced(shop)
    refunded = [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]
    memo = shop.do("invoices/refund", UUID(invoice["invoice_id"]), lines=refunded)
    shop.do("invoices/cancel", UUID(other["invoice_id"]))
    for form, document_id, amended in (
        ("credit-memo", memo["credit_memo_id"], invoice),
        ("cancellation", other["invoice_id"], other),
    ):
        told = enclosed(printed(shop, form, document_id))
        assert (told["BT-3"], told["BG-3"][0]["BT-25"]) == ("381", amended["invoice_number"])
        assert b"<CreditNote" in file_of(shop, form, document_id)


def test_both_are_those_of_the_issue_whatever_changes(shop: Shop) -> None:
    _, invoice = invoiced(shop)
    first = [printed(shop, "invoice", invoice["invoice_id"]), file_of(shop, "invoice", invoice["invoice_id"])]
    refunded = [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]
    shop.do("invoices/refund", UUID(invoice["invoice_id"]), lines=refunded)
    with opened(shop.database, LATER) as later:
        for _ in range(2):  # as it was kept, then made anew
            again = [printed(later, "invoice", invoice["invoice_id"]), file_of(later, "invoice", invoice["invoice_id"])]
            assert again == first
            forget_kept(shop.database)


def test_a_merchant_may_leave_the_data_out_of_the_pdf(shop: Shop) -> None:
    with opened(shop.database, SILENT) as silent:
        _, invoice = invoiced(silent)
        pdf = printed(silent, "invoice", invoice["invoice_id"])
        assert not PdfReader(BytesIO(pdf)).attachments
        assert b"<Invoice" in file_of(silent, "invoice", invoice["invoice_id"])


def test_what_is_missing_keeps_no_page_from_being_printed(shop: Shop) -> None:
    order = shop.place(line(tax_amount="1.00"), method="purchase_order")
    invoice = shop.do("orders/invoices", order, lines="all_remaining", capture="none")
    pdf = printed(shop, "invoice", invoice["invoice_id"])
    assert not PdfReader(BytesIO(pdf)).attachments
    with pytest.raises(NothingToPrint) as refused:
        shop.printer.e_invoice("invoice", UUID(invoice["invoice_id"]))
    assert refused.value.code == "einvoice_data_missing"
    assert [pointer for pointer, _ in refused.value.errors] == ["/lines/0/tax_rate"]
    with pytest.raises(NothingToPrint, match="neither canceled nor voided"):
        shop.printer.e_invoice("cancellation", UUID(invoice["invoice_id"]))
    assert shop.printer.e_invoice("invoice", order) is None


def test_an_erased_customer_is_in_no_file(shop: Shop) -> None:
    order, invoice = invoiced(shop)
    assert b"ana@example.com" in file_of(shop, "invoice", invoice["invoice_id"])
    erase(shop.database, order)
    with pytest.raises(NothingToPrint) as refused:
        shop.printer.e_invoice("invoice", UUID(invoice["invoice_id"]))
    assert "/billing_address/country" in [pointer for pointer, _ in refused.value.errors]
