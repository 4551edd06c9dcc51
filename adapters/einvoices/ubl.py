"""An e-invoice in UBL 2.1, as Peppol BIS Billing 3.0 wants it: ``Invoice`` or ``CreditNote``.

The two kinds differ in the names of some elements and in where the due date stands. This module writes what the terms
say and decides nothing; what Peppol wants beyond the standard, ``delivering`` says.
"""

from datetime import date
from decimal import Decimal

from adapters.einvoices.model import Category, Delivery, EInvoice, Line, Party, Payment, Place, Surcharge, Tax
from adapters.einvoices.xml import HEAD, group, leaf

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
# What stands for the buyer's order where only the seller's is known (BIS Billing 3.0, order reference).
NO_ORDER = "NA"
_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
_TAXED_BY = group("cac:TaxScheme", leaf("cbc:ID", "VAT"))


def written(document: EInvoice) -> bytes:
    """The file, in UTF-8."""
    kind = "CreditNote" if document.credits else "Invoice"
    due = _day("cbc:DueDate", None if document.credits else document.due_on)
    root = group(
        kind,
        leaf("cbc:CustomizationID", CUSTOMIZATION),
        leaf("cbc:ProfileID", PROCESS),
        leaf("cbc:ID", document.number),
        _day("cbc:IssueDate", document.issued_on),
        due,
        leaf(f"cbc:{kind}TypeCode", document.type_code),
        leaf("cbc:Note", document.note),
        leaf("cbc:DocumentCurrencyCode", document.currency),
        leaf("cbc:TaxCurrencyCode", document.tax_in_books.currency if document.tax_in_books else None),
        leaf("cbc:BuyerReference", document.buyer_reference),
        *_references(document),
        group("cac:AccountingSupplierParty", _party(document.seller)),
        group("cac:AccountingCustomerParty", _party(document.buyer)),
        _delivery(document.delivery),
        _payment(document),
        group("cac:PaymentTerms", leaf("cbc:Note", document.terms)),
        *(_surcharge(each, "false", document.currency) for each in document.allowances),
        *(_surcharge(each, "true", document.currency) for each in document.charges),
        *_taxes(document),
        _totals(document),
        *(_line(line, document) for line in document.lines),
        xmlns=f"{_SCHEMA}{kind}-2",
        xmlns__cac=f"{_SCHEMA}CommonAggregateComponents-2",
        xmlns__cbc=f"{_SCHEMA}CommonBasicComponents-2",
    )
    return (HEAD + root).encode()


def _day(name: str, day: date | None) -> str:
    return leaf(name, day.isoformat() if day else None)


def _amount(name: str, amount: Decimal, currency: str) -> str:
    return leaf(name, format(amount, "f"), currencyID=currency)


def _some(name: str, amount: Decimal, currency: str) -> str:
    """An amount that is only said where there is one."""
    return _amount(name, amount, currency) if amount else ""


def _references(document: EInvoice) -> list[str]:
    period, preceding = document.period, document.preceding
    return [
        group(
            "cac:InvoicePeriod",
            _day("cbc:StartDate", period.first if period else None),
            _day("cbc:EndDate", period.last if period else None),
        ),
        group(
            "cac:OrderReference",
            leaf("cbc:ID", document.purchase_order or NO_ORDER),
            leaf("cbc:SalesOrderID", document.sales_order),
        ),
        group(
            "cac:BillingReference",
            group(
                "cac:InvoiceDocumentReference",
                leaf("cbc:ID", preceding.number if preceding else None),
                _day("cbc:IssueDate", preceding.issued_on if preceding else None),
            ),
        ),
    ]


def _party(party: Party) -> str:
    registration, endpoint = party.registration, party.endpoint
    return group(
        "cac:Party",
        leaf("cbc:EndpointID", endpoint.value, schemeID=endpoint.scheme) if endpoint else "",
        _place("cac:PostalAddress", party.place),
        group("cac:PartyTaxScheme", leaf("cbc:CompanyID", party.vat_id), _TAXED_BY) if party.vat_id else "",
        _tax_number(party.tax_number),
        group(
            "cac:PartyLegalEntity",
            leaf("cbc:RegistrationName", party.name),
            leaf("cbc:CompanyID", registration.value, schemeID=registration.scheme) if registration else "",
            leaf("cbc:CompanyLegalForm", party.legal_info),
        ),
        group(
            "cac:Contact",
            leaf("cbc:Name", party.contact),
            leaf("cbc:Telephone", party.phone),
            leaf("cbc:ElectronicMail", party.email),
        ),
    )


def _tax_number(number: str | None) -> str:
    """A number that the tax office knows the seller under and that is no VAT id: its scheme is anything but VAT."""
    if number is None:
        return ""
    return group("cac:PartyTaxScheme", leaf("cbc:CompanyID", number), group("cac:TaxScheme", leaf("cbc:ID", "TAX")))


def _place(name: str, place: Place) -> str:
    lines = dict(enumerate(place.street))
    return group(
        name,
        leaf("cbc:StreetName", lines.get(0)),
        leaf("cbc:AdditionalStreetName", lines.get(1)),
        leaf("cbc:CityName", place.city),
        leaf("cbc:PostalZone", place.postcode),
        leaf("cbc:CountrySubentity", place.region),
        group("cac:AddressLine", leaf("cbc:Line", lines.get(2))),
        group("cac:Country", leaf("cbc:IdentificationCode", place.country)),
    )


def _delivery(delivery: Delivery | None) -> str:
    if delivery is None:
        return ""
    location = _place("cac:Address", delivery.place) if delivery.place else ""
    return group(
        "cac:Delivery",
        _day("cbc:ActualDeliveryDate", delivery.on),
        group("cac:DeliveryLocation", location),
        group("cac:DeliveryParty", group("cac:PartyName", leaf("cbc:Name", delivery.name))),
    )


def _payment(document: EInvoice) -> str:
    payment = document.payment
    if payment is None:
        return ""
    return group(
        "cac:PaymentMeans",
        leaf("cbc:PaymentMeansCode", payment.code, name=payment.name),
        _day("cbc:PaymentDueDate", document.due_on if document.credits else None),
        leaf("cbc:PaymentID", payment.reference),
        _account(payment),
    )


def _account(payment: Payment) -> str:
    return group(
        "cac:PayeeFinancialAccount",
        leaf("cbc:ID", payment.iban),
        leaf("cbc:Name", payment.holder),
        group("cac:FinancialInstitutionBranch", leaf("cbc:ID", payment.bic)),
    )


def _category(name: str, category: Category, reason: str | None = None, code: str | None = None) -> str:
    return group(
        name,
        leaf("cbc:ID", category.code),
        leaf("cbc:Percent", category.percent),
        leaf("cbc:TaxExemptionReasonCode", code),
        leaf("cbc:TaxExemptionReason", reason),
        _TAXED_BY,
    )


def _surcharge(surcharge: Surcharge, indicator: str, currency: str) -> str:
    return group(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", indicator),
        leaf("cbc:AllowanceChargeReasonCode", surcharge.code),
        leaf("cbc:AllowanceChargeReason", surcharge.reason),
        _amount("cbc:Amount", surcharge.amount, currency),
        _category("cac:TaxCategory", surcharge.category),
    )


def _taxes(document: EInvoice) -> list[str]:
    books, currency = document.tax_in_books, document.currency
    total = _amount("cbc:TaxAmount", document.totals.tax, currency)
    parts = [group("cac:TaxTotal", total, *(_tax(tax, currency) for tax in document.taxes))]
    if books:
        parts.append(group("cac:TaxTotal", _amount("cbc:TaxAmount", books.tax, books.currency)))
    return parts


def _tax(tax: Tax, currency: str) -> str:
    return group(
        "cac:TaxSubtotal",
        _amount("cbc:TaxableAmount", tax.taxable, currency),
        _amount("cbc:TaxAmount", tax.tax, currency),
        _category("cac:TaxCategory", tax.category, tax.reason, tax.reason_code),
    )


def _totals(document: EInvoice) -> str:
    totals, currency = document.totals, document.currency
    return group(
        "cac:LegalMonetaryTotal",
        _amount("cbc:LineExtensionAmount", totals.lines, currency),
        _amount("cbc:TaxExclusiveAmount", totals.net, currency),
        _amount("cbc:TaxInclusiveAmount", totals.gross, currency),
        _some("cbc:AllowanceTotalAmount", totals.allowances, currency),
        _some("cbc:ChargeTotalAmount", totals.charges, currency),
        _some("cbc:PrepaidAmount", totals.paid, currency),
        _amount("cbc:PayableAmount", totals.due, currency),
    )


def _line(line: Line, document: EInvoice) -> str:
    kind, quantity = ("CreditNote", "Credited") if document.credits else ("Invoice", "Invoiced")
    currency = document.currency
    return group(
        f"cac:{kind}Line",
        leaf("cbc:ID", line.number),
        leaf(f"cbc:{quantity}Quantity", str(line.quantity), unitCode=line.unit),
        _amount("cbc:LineExtensionAmount", line.net, currency),
        _discount(line.discount, currency),
        group(
            "cac:Item",
            leaf("cbc:Name", line.name),
            group("cac:SellersItemIdentification", leaf("cbc:ID", line.sku)),
            group("cac:StandardItemIdentification", leaf("cbc:ID", line.gtin, schemeID="0160")),
            _category("cac:ClassifiedTaxCategory", line.category),
        ),
        group("cac:Price", _amount("cbc:PriceAmount", line.price, currency)),
    )


def _discount(discount: Decimal, currency: str) -> str:
    if not discount:
        return ""
    return group(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", "false"),
        leaf("cbc:AllowanceChargeReasonCode", "95"),
        leaf("cbc:AllowanceChargeReason", "Discount"),
        _amount("cbc:Amount", discount, currency),
    )
