"""From the printed content of an invoice or credit memo to the terms of EN 16931.

All amounts are the printed ones. Goods are lines, delivery and fees are charges of the document, what is kept of a
refund is an allowance; where a document has nothing but charges they are its lines, because the standard wants one.
"""

from decimal import Decimal

from adapters.documents.contents import Address, CreditMemo, Invoice, MoneyLine, TaxLine
from adapters.documents.words import words
from adapters.einvoices import lacks
from adapters.einvoices.identifiers import account, electronic_address, registration, vat_id
from adapters.einvoices.model import (
    ZERO,
    Category,
    Delivery,
    EInvoice,
    Line,
    Party,
    Payment,
    Period,
    Place,
    Preceding,
    Surcharge,
    Tax,
    TaxInBooks,
    Totals,
)
from adapters.einvoices.prices import exact_price

# Why no tax is charged, by category (UNTDID 5305), as codes of the VATEX list; an own exemption has words only.
REASON_CODES = {"K": "VATEX-EU-IC", "AE": "VATEX-EU-AE", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}
# UNTDID 4461: what money came by, or is to come by. A gateway's card payment is one, without a card number to name.
PAYMENT_CODES = {
    "check_money_order": "20",
    "cash_on_delivery": "10",
    "card_authorize": "68",
    "card_capture": "68",
    "hosted_checkout": "68",
}
TRANSFER, SEPA_TRANSFER, UNDEFINED = "30", "58", "1"
# UNTDID 7161, where a code says what the charge is.
CHARGE_CODES = {"delivery": "FC", "shipping": "FC", "wrap": "PC"}
# UN/ECE Recommendation 20: what is counted. Any other unit is one of something.
UNITS = {
    "g": "GRM",
    "kg": "KGM",
    "t": "TNE",
    "ml": "MLT",
    "l": "LTR",
    "mm": "MMT",
    "cm": "CMT",
    "m": "MTR",
    "m2": "MTK",
    "m²": "MTK",
    "m3": "MTQ",
    "m³": "MTQ",
    "h": "HUR",
    "day": "DAY",
    "month": "MON",
    "pair": "PR",
    "set": "SET",
}
ONE = "C62"
_STREET_LINES = 3


def einvoice(document: Invoice | CreditMemo) -> EInvoice:
    """The document in the standard's terms; raises ``EInvoiceImpossible`` that says what is missing."""
    lacks.check(document)
    invoice = document if isinstance(document, Invoice) else None
    goods, charges, kept = _parts(document)
    supplied = document.supplied_on
    return EInvoice(
        credits=invoice is None,
        number=document.number,
        issued_on=document.issued_on,
        currency=document.currency,
        seller=_seller(document),
        buyer=_buyer(document),
        lines=tuple(_line(place, line, document) for place, line in enumerate(goods, start=1)),
        charges=charges,
        allowances=kept,
        taxes=tuple(_tax(tax) for tax in document.taxes),
        totals=_totals(document, goods, charges, kept),
        buyer_reference=document.external_reference or document.order_number,
        sales_order=document.order_number,
        purchase_order=document.purchase_order,
        due_on=invoice.due_on if invoice else None,
        terms=_payment_terms(document),
        payment=_payment(document),
        preceding=_preceding(document),
        delivery=_delivery(document),
        period=None if supplied or not _within_the_union(document) else _period(document),
        note=_note(document),
        tax_in_books=_tax_in_books(document),
    )


def _parts(document: Invoice | CreditMemo) -> tuple[list[MoneyLine], tuple[Surcharge, ...], tuple[Surcharge, ...]]:
    """What are lines, what are charges and what is taken off."""
    kept = [line for line in document.lines if line.kind == "kept"]
    goods = [line for line in document.lines if line.kind in {"item", "refund"}]
    charges = [line for line in document.lines if line not in goods and line not in kept]
    if not goods:
        goods, charges = charges, []
    return (
        goods,
        tuple(_surcharge(line, document) for line in charges if Decimal(line.net)),
        tuple(_surcharge(line, document) for line in kept if Decimal(line.net)),
    )


def _surcharge(line: MoneyLine, document: Invoice | CreditMemo) -> Surcharge:
    return Surcharge(
        amount=abs(Decimal(line.net)),
        reason=line.name or words(document.language)["delivery"],
        category=_category(line.tax_rate, document),
        code=CHARGE_CODES.get(line.kind),
    )


def _category(rate: str | None, document: Invoice | CreditMemo) -> Category:
    """The category of a rate: that of the document's taxes."""
    percent = Decimal(rate or 0) * 100
    codes = (tax.category for tax in document.taxes if Decimal(tax.rate or 0) * 100 == percent)
    code = next(codes, None) or ("S" if percent else "Z")
    return Category(code=code, percent=None if code == "O" else _plain(percent))


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _line(place: int, line: MoneyLine, document: Invoice | CreditMemo) -> Line:
    net, discount = Decimal(line.net), Decimal(line.discount)
    return Line(
        number=str(place),
        name=line.name or line.sku or words(document.language)["delivery"],
        quantity=line.quantity,
        unit=UNITS.get((line.unit or "").lower(), ONE),
        price=exact_price(Decimal(line.unit_price), line.quantity, net + discount),
        net=net,
        discount=discount,
        category=_category(line.tax_rate, document),
        sku=line.sku if line.name else None,
        gtin=line.gtin,
    )


def _tax(tax: TaxLine) -> Tax:
    code = tax.category or "S"
    untaxed = code not in {"S", "Z"}
    return Tax(
        category=Category(code=code, percent=None if code == "O" else _plain(Decimal(tax.rate or 0) * 100)),
        taxable=Decimal(tax.taxable),
        tax=Decimal(tax.tax),
        reason=tax.note if untaxed else None,
        reason_code=REASON_CODES.get(code),
    )


def _totals(
    document: Invoice | CreditMemo,
    goods: list[MoneyLine],
    charges: tuple[Surcharge, ...],
    kept: tuple[Surcharge, ...],
) -> Totals:
    gross = Decimal(document.grand_total)
    paid = Decimal(document.paid) + Decimal(document.waived) if isinstance(document, Invoice) else ZERO
    return Totals(
        lines=sum((Decimal(line.net) for line in goods), ZERO),
        allowances=sum((each.amount for each in kept), ZERO),
        charges=sum((each.amount for each in charges), ZERO),
        net=Decimal(document.total_net),
        tax=Decimal(document.total_tax),
        gross=gross,
        paid=paid,
        due=gross - paid,
    )


def _seller(document: Invoice | CreditMemo) -> Party:
    seller = document.seller
    number = None if "O" in lacks.categories(document) else vat_id(seller.vat_id)
    return Party(
        name=seller.name,
        place=_place(seller.address),
        vat_id=number,
        tax_number=None if number else seller.tax_number,
        registration=registration(seller.registration_id),
        legal_info=" · ".join(seller.footer) or None,
        endpoint=electronic_address(seller.electronic_address, number, seller.email),
        contact=seller.address.name or seller.name,
        phone=seller.address.phone,
        email=seller.email,
    )


def _buyer(document: Invoice | CreditMemo) -> Party:
    buyer, where = document.bill_to, document.bill_to.address
    number = None if "O" in lacks.categories(document) else vat_id(buyer.vat_id)
    return Party(
        name=where.company or where.name or "",
        place=_place(where),
        vat_id=number,
        registration=registration(buyer.registration_id),
        endpoint=electronic_address(None, number, buyer.email),
        contact=where.name if where.company else None,
        phone=where.phone,
        email=buyer.email,
    )


def _place(address: Address) -> Place:
    street = [line for line in address.street if line and line.strip()]
    if len(street) > _STREET_LINES:
        street = [*street[: _STREET_LINES - 1], ", ".join(street[_STREET_LINES - 1 :])]
    return Place(
        country=address.country or "",
        street=tuple(street),
        city=address.city,
        postcode=address.postcode,
        region=address.region,
    )


def _payment(document: Invoice | CreditMemo) -> Payment:
    if isinstance(document, CreditMemo):
        return Payment(code=UNDEFINED, name=document.refund_mode)
    iban, bic = account(document.seller.iban, document.seller.bic, document.seller.bank)
    code = PAYMENT_CODES.get(document.payment_code or "", UNDEFINED)
    if document.transfer is None or iban is None:
        return Payment(code=code, name=document.payment_method, reference=document.order_number)
    return Payment(
        code=SEPA_TRANSFER if document.currency == "EUR" else TRANSFER,
        name=document.payment_method,
        iban=iban,
        bic=bic,
        holder=document.seller.name,
        reference=document.transfer.reference,
    )


def _payment_terms(document: Invoice | CreditMemo) -> str | None:
    """What is agreed about the payment, where something is due and no day says it."""
    table = words(document.language)
    if isinstance(document, CreditMemo):
        return document.refund_mode or table["set_off"].format(number=document.invoice_number)
    if document.due_on or not Decimal(document.due):
        return None
    return " ".join(document.notes) or table["as_agreed"]


def _preceding(document: Invoice | CreditMemo) -> Preceding | None:
    if isinstance(document, Invoice):
        return None
    return Preceding(number=document.invoice_number, issued_on=document.invoice_issued_on)


def _within_the_union(document: Invoice | CreditMemo) -> bool:
    return "K" in lacks.categories(document)


def _delivery(document: Invoice | CreditMemo) -> Delivery | None:
    """Where the goods went; for an intra-Community supply the standard asks for it even where it is the buyer's."""
    where = document.ship_to or (document.bill_to.address if _within_the_union(document) else None)
    known = where if where is not None and where.country else None
    if known is None:
        return Delivery(on=document.supplied_on) if document.supplied_on else None
    return Delivery(on=document.supplied_on, name=known.company or known.name, place=_place(known))


def _period(document: Invoice | CreditMemo) -> Period:
    """The bounds of the supply where its day is not known: not before the order, credited not after the credit."""
    if isinstance(document, CreditMemo):
        return Period(last=document.issued_on)
    return Period(first=document.ordered_on or document.issued_on)


def _note(document: Invoice | CreditMemo) -> str | None:
    """One text: Peppol takes no second one."""
    parts = []
    if isinstance(document, CreditMemo):
        parts += [document.reason or "", *document.notes]
    elif Decimal(document.waived):
        amount = f"{document.waived} {document.currency}"
        parts.append(words(document.language)["waived_of_paid"].format(amount=amount))
    return " ".join(part for part in parts if part) or None


def _tax_in_books(document: Invoice | CreditMemo) -> TaxInBooks | None:
    base = document.tax_in_base
    return TaxInBooks(currency=base.currency, tax=Decimal(base.tax)) if base else None
