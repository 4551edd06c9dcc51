"""The words that are printed, per language, and how amounts, days and measures are written in it.

A language is one table with the same keys as English; a document in a language that is not here prints in English.
This module must never translate what an order says (names, notes): only what the form says.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

_ENGLISH = {
    "invoice": "Invoice",
    "credit_memo": "Credit memo",
    "cancellation": "Cancellation",
    "packing_slip": "Packing slip",
    "manifest": "Dispatch manifest",
    "label": "Shipping label",
    "page": "Page {page} of {pages}",
    "from": "From",
    "ship_to": "Ship to",
    "bill_to": "Bill to",
    "order": "Order",
    "order_date": "Order date",
    "shipment": "Shipment",
    "your_reference": "Your reference",
    "reference": "Reference",
    "carrier": "Carrier",
    "service": "Service",
    "weight": "Weight",
    "size": "Size",
    "package": "Package",
    "packages": "Packages",
    "package_of": "Package {place} of {places}",
    "tracking": "Tracking number",
    "booked": "Date",
    "sku": "SKU",
    "item": "Item",
    "ordered": "Ordered",
    "packed": "Packed",
    "quantity": "Qty",
    "checked": "Check",
    "to_follow": "Still to come in another shipment",
    "note": "Note",
    "customer_note": "The customer writes",
    "follow": "Follow your parcel",
    "issued": "Date of issue",
    "supplied": "Date of supply",
    "due_date": "Due date",
    "vat_id": "VAT ID",
    "our_vat_id": "Our VAT ID",
    "your_vat_id": "Your VAT ID",
    "your_registration": "Your registration",
    "purchase_order": "Your order",
    "payment": "Payment",
    "amends": "Amends invoice",
    "amends_of": "{number} of {day}",
    "refund": "Refund",
    "refund_online": "By the way of the payment",
    "refund_offline": "Paid back by us",
    "reason": "Reason",
    "unit_net": "Unit price net",
    "discount": "Discount",
    "net": "Net",
    "vat_rate": "VAT %",
    "vat": "VAT",
    "rate": "Rate",
    "taxable": "Taxable amount",
    "total_net": "Total net",
    "total_vat": "Total VAT",
    "grand_total": "Total",
    "total_credit": "Total credited",
    "paid": "Paid",
    "waived": "Waived",
    "due": "Amount due",
    "adjustment_refund": "Adjustment refund",
    "adjustment_fee": "Adjustment fee",
    "vat_in_base": "VAT in {currency} (rate {rate})",
    "all_amounts": "All amounts in {currency}",
    "collected": "The amount due is collected by {method}.",
    "as_agreed": "As agreed",
    "set_off": "Set off against invoice {number}",
    "waived_of_paid": "{amount} of what is stated as paid was waived.",
    "delivery": "Delivery",
    "transfer": "Please transfer {amount} {currency}",
    "transfer_until": "Please transfer {amount} {currency} by {day}",
    "payment_reference": "Payment reference",
    "exempt_intra_community": "Intra-Community supply, exempt from VAT (Art. 138 of Directive 2006/112/EC)",
    "exempt_reverse_charge": "Reverse charge: VAT is due from the recipient (Art. 196 of Directive 2006/112/EC)",
    "exempt_export": "Export, exempt from VAT (Art. 146 of Directive 2006/112/EC)",
    "shipped": "Returned after it was shipped",
    "unshipped": "Refunded before it was shipped",
    "corrected": "To be invoiced anew",
    "not_printed": "Not printed",
    "no_font_has": "No font has the characters",
    "no_carrier_label": "The carrier has made no label",
    "sample": "SAMPLE",
    "sample_why": "GS1 prefix 0000000 belongs to nobody",
    "location": "Location",
    "ready_at": "Ready at",
    "dispatch": "Dispatch",
    "shipments": "Shipments",
    "total_weight": "Total weight",
    "total": "Total",
    "sizes": "Size (mm)",
    "handed_over": "Handed over by",
    "received": "Received by the carrier",
    "name": "Name",
    "signature": "Signature",
    "signed_at": "Date and time",
    "count": "Packages counted",
}

_GERMAN = {
    "invoice": "Rechnung",
    "credit_memo": "Rechnungskorrektur",
    "cancellation": "Stornorechnung",
    "packing_slip": "Lieferschein",
    "manifest": "Abholliste",
    "label": "Versandetikett",
    "page": "Seite {page} von {pages}",
    "from": "Absender",
    "ship_to": "Lieferadresse",
    "bill_to": "Rechnungsadresse",
    "order": "Bestellung",
    "order_date": "Bestelldatum",
    "shipment": "Sendung",
    "your_reference": "Ihre Referenz",
    "reference": "Referenz",
    "carrier": "Frachtführer",
    "service": "Dienst",
    "weight": "Gewicht",
    "size": "Größe",
    "package": "Paket",
    "packages": "Pakete",
    "package_of": "Paket {place} von {places}",
    "tracking": "Sendungsnummer",
    "booked": "Datum",
    "sku": "Artikelnr.",
    "item": "Artikel",
    "ordered": "Bestellt",
    "packed": "Gepackt",
    "quantity": "Menge",
    "checked": "Geprüft",
    "to_follow": "Folgt mit einer weiteren Sendung",
    "note": "Hinweis",
    "customer_note": "Nachricht des Kunden",
    "follow": "Paket verfolgen",
    "issued": "Ausstellungsdatum",
    "supplied": "Leistungsdatum",
    "due_date": "Fällig am",
    "vat_id": "USt-IdNr.",
    "our_vat_id": "Unsere USt-IdNr.",
    "your_vat_id": "Ihre USt-IdNr.",
    "your_registration": "Ihre Registernummer",
    "purchase_order": "Ihre Bestellung",
    "payment": "Zahlung",
    "amends": "Korrigiert Rechnung",
    "amends_of": "{number} vom {day}",
    "refund": "Erstattung",
    "refund_online": "Auf dem Weg der Zahlung",
    "refund_offline": "Von uns zurückgezahlt",
    "reason": "Grund",
    "unit_net": "Einzelpreis netto",
    "discount": "Rabatt",
    "net": "Netto",
    "vat_rate": "USt %",
    "vat": "USt",
    "rate": "Satz",
    "taxable": "Bemessungsgrundlage",
    "total_net": "Summe netto",
    "total_vat": "Umsatzsteuer",
    "grand_total": "Gesamtbetrag",
    "total_credit": "Gutgeschrieben",
    "paid": "Bezahlt",
    "waived": "Erlassen",
    "due": "Offener Betrag",
    "adjustment_refund": "Zusätzliche Erstattung",
    "adjustment_fee": "Einbehaltene Gebühr",
    "vat_in_base": "USt in {currency} (Kurs {rate})",
    "all_amounts": "Alle Beträge in {currency}",
    "collected": "Der offene Betrag wird per {method} eingezogen.",
    "as_agreed": "Wie vereinbart",
    "set_off": "Verrechnet mit Rechnung {number}",
    "waived_of_paid": "Auf {amount} des als bezahlt genannten Betrags wurde verzichtet.",
    "delivery": "Versand",
    "transfer": "Bitte überweisen Sie {amount} {currency}",
    "transfer_until": "Bitte überweisen Sie {amount} {currency} bis zum {day}",
    "payment_reference": "Verwendungszweck",
    "exempt_intra_community": "Steuerfreie innergemeinschaftliche Lieferung (Art. 138 der Richtlinie 2006/112/EG)",
    "exempt_reverse_charge": "Steuerschuldnerschaft des Leistungsempfängers (Art. 196 der Richtlinie 2006/112/EG)",
    "exempt_export": "Steuerfreie Ausfuhrlieferung (Art. 146 der Richtlinie 2006/112/EG)",
    "shipped": "Nach dem Versand zurückgegeben",
    "unshipped": "Vor dem Versand erstattet",
    "corrected": "Wird neu berechnet",
    "not_printed": "Nicht gedruckt",
    "no_font_has": "Keine Schriftart hat die Zeichen",
    "no_carrier_label": "Der Versender hat kein Etikett erstellt",
    "sample": "MUSTER",
    "sample_why": "Das GS1-Präfix 0000000 gehört niemandem",
    "location": "Lager",
    "ready_at": "Bereit ab",
    "dispatch": "Abholung",
    "shipments": "Sendungen",
    "total_weight": "Gesamtgewicht",
    "total": "Summe",
    "sizes": "Größe (mm)",
    "handed_over": "Übergeben von",
    "received": "Übernommen vom Frachtführer",
    "name": "Name",
    "signature": "Unterschrift",
    "signed_at": "Datum und Uhrzeit",
    "count": "Gezählte Pakete",
}

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "de": _GERMAN}
_SEPARATORS = {"en": (",", "."), "de": (".", ",")}


def words(language: str) -> Mapping[str, str]:
    """The table of ``language``; a regional one ("de-AT") takes its language's."""
    return LANGUAGES.get(language.lower().split("-")[0], _ENGLISH)


def number(text: str, language: str) -> str:
    """A decimal text with the language's separators: "1234.50" is 1,234.50 in English, 1.234,50 in German."""
    group, point = _SEPARATORS.get(language.lower().split("-")[0], _SEPARATORS["en"])
    whole, _, fraction = text.strip().partition(".")
    digits = whole.lstrip("-")
    grouped = f"{int(digits):,}".replace(",", group) if digits.isdigit() else digits
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{grouped}{point}{fraction}" if fraction else f"{sign}{grouped}"


def percent(rate: str, language: str) -> str:
    """A rate of "0.23" as 23%."""
    value = format((Decimal(rate) * 100).normalize(), "f")
    return number(value, language) + "%"


def is_zero(amount: str) -> bool:
    """Whether a decimal text is worth nothing."""
    return not Decimal(amount)


def day(when: date | None) -> str | None:
    """A day as 2026-11-22: the same in every language, and never mistaken."""
    return when.isoformat()[:10] if when else None


def moment(when: datetime) -> str:
    """A point in time with its zone."""
    zone = when.tzname() or ""
    return f"{when:%Y-%m-%d %H:%M} {zone}".rstrip()


def weight(grams: int, language: str) -> str:
    """Grams as kilograms, with no more decimals than needed; a dash for 0, which nobody weighed."""
    if not grams:
        return "\u2014"
    return number(format(Decimal(grams).scaleb(-3).normalize(), "f"), language) + " kg"


def total_weight(grams: Sequence[int], language: str) -> str:
    """What parcels weigh together; a dash where one of them was not weighed."""
    return weight(sum(grams) if all(grams) else 0, language)


def size(length_mm: int | None, width_mm: int | None, height_mm: int | None) -> str | None:
    """300 x 200 x 150; None unless all three are known."""
    if length_mm is None or width_mm is None or height_mm is None:
        return None
    return " \u00d7 ".join(map(str, (length_mm, width_mm, height_mm)))
