"""An e-invoice in UN/CEFACT's syntax (Cross Industry Invoice D22B), as it lies in a Factur-X or ZUGFeRD file.

The order of the elements is that of the profile EN 16931 of Factur-X 1.0; the tests hold it against the schema and the
published rules. This module writes what the terms say and decides nothing.
"""

from datetime import date
from decimal import Decimal

from adapters.einvoices.model import Category, Delivery, EInvoice, Line, Party, Place, Surcharge, Tax
from adapters.einvoices.xml import HEAD, group, leaf

FILE_NAME = "factur-x.xml"
PROFILE = "urn:cen.eu:en16931:2017"
CONFORMANCE = "EN 16931"
_NAMESPACES = {
    "xmlns__rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "xmlns__ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "xmlns__qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "xmlns__udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}


def written(document: EInvoice) -> bytes:
    """The file, in UTF-8."""
    root = group(
        "rsm:CrossIndustryInvoice",
        group(
            "rsm:ExchangedDocumentContext",
            group("ram:GuidelineSpecifiedDocumentContextParameter", leaf("ram:ID", PROFILE)),
        ),
        group(
            "rsm:ExchangedDocument",
            leaf("ram:ID", document.number),
            leaf("ram:TypeCode", document.type_code),
            group("ram:IssueDateTime", _day("udt:DateTimeString", document.issued_on)),
            group("ram:IncludedNote", leaf("ram:Content", document.note)),
        ),
        group(
            "rsm:SupplyChainTradeTransaction",
            *map(_line, document.lines),
            _agreement(document),
            _delivery(document.delivery) or "<ram:ApplicableHeaderTradeDelivery/>\n",
            _settlement(document),
        ),
        **_NAMESPACES,
    )
    return (HEAD + root).encode()


def _day(name: str, day: date | None) -> str:
    return leaf(name, day.strftime("%Y%m%d") if day else None, format="102")


def _amount(name: str, amount: Decimal, **attributes: str) -> str:
    return leaf(name, format(amount, "f"), **attributes)


def _some(name: str, amount: Decimal) -> str:
    """An amount that is only said where there is one."""
    return _amount(name, amount) if amount else ""


def _category(name: str, category: Category) -> str:
    return group(
        name,
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:CategoryCode", category.code),
        leaf("ram:RateApplicablePercent", category.percent),
    )


def _line(line: Line) -> str:
    return group(
        "ram:IncludedSupplyChainTradeLineItem",
        group("ram:AssociatedDocumentLineDocument", leaf("ram:LineID", line.number)),
        group(
            "ram:SpecifiedTradeProduct",
            leaf("ram:GlobalID", line.gtin, schemeID="0160"),
            leaf("ram:SellerAssignedID", line.sku),
            leaf("ram:Name", line.name),
        ),
        group(
            "ram:SpecifiedLineTradeAgreement",
            group("ram:NetPriceProductTradePrice", _amount("ram:ChargeAmount", line.price)),
        ),
        group("ram:SpecifiedLineTradeDelivery", leaf("ram:BilledQuantity", str(line.quantity), unitCode=line.unit)),
        group(
            "ram:SpecifiedLineTradeSettlement",
            _category("ram:ApplicableTradeTax", line.category),
            _discount(line.discount),
            group("ram:SpecifiedTradeSettlementLineMonetarySummation", _amount("ram:LineTotalAmount", line.net)),
        ),
    )


def _discount(discount: Decimal) -> str:
    if not discount:
        return ""
    return group(
        "ram:SpecifiedTradeAllowanceCharge",
        group("ram:ChargeIndicator", leaf("udt:Indicator", "false")),
        _amount("ram:ActualAmount", discount),
        leaf("ram:ReasonCode", "95"),
        leaf("ram:Reason", "Discount"),
    )


def _surcharge(surcharge: Surcharge, indicator: str) -> str:
    return group(
        "ram:SpecifiedTradeAllowanceCharge",
        group("ram:ChargeIndicator", leaf("udt:Indicator", indicator)),
        _amount("ram:ActualAmount", surcharge.amount),
        leaf("ram:ReasonCode", surcharge.code),
        leaf("ram:Reason", surcharge.reason),
        _category("ram:CategoryTradeTax", surcharge.category),
    )


def _agreement(document: EInvoice) -> str:
    return group(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", document.buyer_reference),
        _party("ram:SellerTradeParty", document.seller),
        _party("ram:BuyerTradeParty", document.buyer),
        group("ram:SellerOrderReferencedDocument", leaf("ram:IssuerAssignedID", document.sales_order)),
        group("ram:BuyerOrderReferencedDocument", leaf("ram:IssuerAssignedID", document.purchase_order)),
    )


def _party(name: str, party: Party) -> str:
    registration, endpoint = party.registration, party.endpoint
    return group(
        name,
        leaf("ram:Name", party.name),
        leaf("ram:Description", party.legal_info),
        group(
            "ram:SpecifiedLegalOrganization",
            leaf("ram:ID", registration.value, schemeID=registration.scheme) if registration else "",
        ),
        group(
            "ram:DefinedTradeContact",
            leaf("ram:PersonName", party.contact),
            group("ram:TelephoneUniversalCommunication", leaf("ram:CompleteNumber", party.phone)),
            group("ram:EmailURIUniversalCommunication", leaf("ram:URIID", party.email)),
        ),
        _place(party.place),
        group(
            "ram:URIUniversalCommunication",
            leaf("ram:URIID", endpoint.value, schemeID=endpoint.scheme) if endpoint else "",
        ),
        group("ram:SpecifiedTaxRegistration", leaf("ram:ID", party.vat_id, schemeID="VA")),
        group("ram:SpecifiedTaxRegistration", leaf("ram:ID", party.tax_number, schemeID="FC")),
    )


def _place(place: Place) -> str:
    lines = dict(enumerate(place.street))
    return group(
        "ram:PostalTradeAddress",
        leaf("ram:PostcodeCode", place.postcode),
        leaf("ram:LineOne", lines.get(0)),
        leaf("ram:LineTwo", lines.get(1)),
        leaf("ram:LineThree", lines.get(2)),
        leaf("ram:CityName", place.city),
        leaf("ram:CountryID", place.country),
        leaf("ram:CountrySubDivisionName", place.region),
    )


def _delivery(delivery: Delivery | None) -> str:
    if delivery is None:
        return ""
    party = group(
        "ram:ShipToTradeParty",
        leaf("ram:Name", delivery.name),
        _place(delivery.place) if delivery.place else "",
    )
    event = group(
        "ram:ActualDeliverySupplyChainEvent",
        group("ram:OccurrenceDateTime", _day("udt:DateTimeString", delivery.on)),
    )
    return group("ram:ApplicableHeaderTradeDelivery", party, event)


def _settlement(document: EInvoice) -> str:
    books, period, preceding = document.tax_in_books, document.period, document.preceding
    return group(
        "ram:ApplicableHeaderTradeSettlement",
        leaf("ram:PaymentReference", document.payment.reference if document.payment else None),
        leaf("ram:TaxCurrencyCode", books.currency if books else None),
        leaf("ram:InvoiceCurrencyCode", document.currency),
        _payment(document),
        *map(_tax, document.taxes),
        group(
            "ram:BillingSpecifiedPeriod",
            group("ram:StartDateTime", _day("udt:DateTimeString", period.first if period else None)),
            group("ram:EndDateTime", _day("udt:DateTimeString", period.last if period else None)),
        ),
        *(_surcharge(each, "false") for each in document.allowances),
        *(_surcharge(each, "true") for each in document.charges),
        group(
            "ram:SpecifiedTradePaymentTerms",
            leaf("ram:Description", document.terms),
            group("ram:DueDateDateTime", _day("udt:DateTimeString", document.due_on)),
        ),
        _summation(document),
        group(
            "ram:InvoiceReferencedDocument",
            leaf("ram:IssuerAssignedID", preceding.number if preceding else None),
            group("ram:FormattedIssueDateTime", _day("qdt:DateTimeString", preceding.issued_on if preceding else None)),
        ),
    )


def _payment(document: EInvoice) -> str:
    payment = document.payment
    if payment is None:
        return ""
    account = group(
        "ram:PayeePartyCreditorFinancialAccount",
        leaf("ram:IBANID", payment.iban),
        leaf("ram:AccountName", payment.holder),
    )
    return group(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        leaf("ram:TypeCode", payment.code),
        leaf("ram:Information", payment.name),
        account,
        group("ram:PayeeSpecifiedCreditorFinancialInstitution", leaf("ram:BICID", payment.bic)),
    )


def _tax(tax: Tax) -> str:
    return group(
        "ram:ApplicableTradeTax",
        _amount("ram:CalculatedAmount", tax.tax),
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:ExemptionReason", tax.reason),
        _amount("ram:BasisAmount", tax.taxable),
        leaf("ram:CategoryCode", tax.category.code),
        leaf("ram:ExemptionReasonCode", tax.reason_code),
        leaf("ram:RateApplicablePercent", tax.category.percent),
    )


def _summation(document: EInvoice) -> str:
    totals, books = document.totals, document.tax_in_books
    return group(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        _amount("ram:LineTotalAmount", totals.lines),
        _some("ram:ChargeTotalAmount", totals.charges),
        _some("ram:AllowanceTotalAmount", totals.allowances),
        _amount("ram:TaxBasisTotalAmount", totals.net),
        _amount("ram:TaxTotalAmount", totals.tax, currencyID=document.currency),
        _amount("ram:TaxTotalAmount", books.tax, currencyID=books.currency) if books else "",
        _amount("ram:GrandTotalAmount", totals.gross),
        _some("ram:TotalPrepaidAmount", totals.paid),
        _amount("ram:DuePayableAmount", totals.due),
    )
