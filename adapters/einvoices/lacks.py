"""What a document lacks to be an e-invoice: the rules of EN 16931 that its data can break, as sentences for people.

Each answer names where the datum is set, for what is missing on one invoice is missing on the next.
"""

from collections.abc import Iterator
from decimal import Decimal

from adapters.documents.contents import CreditMemo, Invoice, TaxLine
from adapters.documents.filling.tax_notes import EU
from adapters.einvoices.identifiers import vat_id
from adapters.einvoices.missing import CONTRADICTION, NOT_APPLICABLE, EInvoiceImpossible, Lack, missing
from domain.values import exponent, round_half_up

# Whose taxes EN 16931 describes: VAT of the European Union, and of those who use the standard beside it.
COUNTRIES = EU | frozenset({"CH", "GB", "IS", "LI", "NO"})
# What the standard's calculation of a tax may differ by: the published rules allow for rounding per line.
TOLERANCE = Decimal(1)
_FILE = "in the merchant's file (DAYBOOK_CONFIG)"
_UNTAXED_WITH_VAT_ID = frozenset({"K", "AE", "G"})


def check(document: Invoice | CreditMemo) -> None:
    """Raise ``EInvoiceImpossible`` if the document cannot be said in EN 16931."""
    _check_applicable(document)
    lacks = [*_of_seller(document), *_of_buyer(document), *_of_rates(document)]
    if lacks:
        raise missing(lacks)
    for place, tax in enumerate(document.taxes):
        _check_tax(place, tax)
    _check_sums(document)


def categories(document: Invoice | CreditMemo) -> set[str | None]:
    """The VAT categories on a document."""
    return {tax.category for tax in document.taxes}


def _check_applicable(document: Invoice | CreditMemo) -> None:
    country = document.seller.address.country
    if country not in COUNTRIES:
        detail = f"EN 16931 describes European VAT; the seller is in {country}, whose taxes are others."
        raise EInvoiceImpossible(NOT_APPLICABLE, detail)
    if exponent(document.currency) > 2:
        detail = f"Amounts in {document.currency} have more decimals than the two that EN 16931 allows."
        raise EInvoiceImpossible(NOT_APPLICABLE, detail)


def _of_seller(document: Invoice | CreditMemo) -> Iterator[Lack]:
    seller, codes = document.seller, categories(document)
    number = vat_id(seller.vat_id)
    if "O" in codes:
        if not seller.registration_id:
            yield Lack("/seller/registration_id", f"Outside VAT the seller is named by seller.registration_id {_FILE}.")
        return
    if seller.vat_id and number is None:
        yield Lack("/seller/vat_id", f"A VAT id begins with the country's prefix (PT123456789): seller.vat_id {_FILE}.")
    elif number is None and (codes & _UNTAXED_WITH_VAT_ID or not seller.tax_number):
        hint = "" if codes & _UNTAXED_WITH_VAT_ID else ", or seller.tax_number and seller.registration_id"
        yield Lack("/seller/vat_id", f"Set seller.vat_id{hint} {_FILE}.")
    elif number is None and not seller.registration_id:
        yield Lack("/seller/registration_id", f"Without a VAT id set seller.registration_id {_FILE}.")


def _of_buyer(document: Invoice | CreditMemo) -> Iterator[Lack]:
    party = document.bill_to
    where = "of the order's billing address; change-address sets it before the invoice is issued"
    if not (party.address.company or party.address.name):
        yield Lack("/billing_address/name", f"The name or company {where}.")
    if not party.address.country:
        yield Lack("/billing_address/country", f"The country {where}.")
    if party.vat_id and vat_id(party.vat_id) is None and "O" not in categories(document):
        yield Lack("/billing_address/vat_id", f"A VAT id begins with the country's prefix: that {where}.")


def _of_rates(document: Invoice | CreditMemo) -> Iterator[Lack]:
    for place, line in enumerate(document.lines):
        if line.tax_rate is None:
            yield Lack(
                f"/lines/{place}/tax_rate",
                f"The rate of the tax on {line.name or line.sku}: place orders with tax_rate.",
            )
    if isinstance(document, CreditMemo):
        for name in ("adjustment_refund", "adjustment_fee"):
            if Decimal(getattr(document, name)):
                yield Lack(f"/{name}", "Which taxes this amount contains is not known.")


def _check_tax(place: int, tax: TaxLine) -> None:
    """A tax that is not about rate x taxable amount contradicts its rate: no reader of e-invoices takes it."""
    calculated = round_half_up(Decimal(tax.taxable) * Decimal(tax.rate or 0) * 100) / Decimal(100)
    if abs(Decimal(tax.tax) - calculated) < TOLERANCE and (Decimal(tax.rate or 0) or not Decimal(tax.tax)):
        return
    rate = format((Decimal(tax.rate or 0) * 100).normalize(), "f")
    detail = f"{tax.tax} of tax on {tax.taxable} are not the {rate} % that the order names as the rate."
    raise EInvoiceImpossible(CONTRADICTION, detail, [Lack(f"/taxes/{place}/tax", detail)])


def _check_sums(document: Invoice | CreditMemo) -> None:
    """What the lines and the taxes do not add up to cannot be told: something of it is not on the document."""
    net, tax, gross = (Decimal(each) for each in (document.total_net, document.total_tax, document.grand_total))
    lines = sum((Decimal(line.net) for line in document.lines), Decimal(0))
    taxable = sum((Decimal(each.taxable) for each in document.taxes), Decimal(0))
    if not lines == taxable == net or net + tax != gross:
        detail = f"The lines ({lines}) and taxes ({tax}) do not add up to the total of {gross}."
        raise EInvoiceImpossible(CONTRADICTION, detail, [Lack("/grand_total", detail)])
