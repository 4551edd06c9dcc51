"""What is printed of a document: what the read models say of it, put into the words of the printer.

Here the two meet that must not know each other: the queries, which know no PDF, and the drawing of documents, which
knows no order. It decides nothing and calculates no price; only the tax is also stated in the currency of the books,
where an invoice is in another.
"""

from dataclasses import fields
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from adapters.documents.contents import (
    Address,
    CreditMemo,
    Invoice,
    Manifest,
    ManifestPackage,
    PackedLine,
    PackingSlip,
    Parcel,
    Party,
    Seller,
    ShippingLabel,
    TaxInBase,
    Transfer,
)
from adapters.documents.filling.money_lines import adjustment_line, charge_lines, money_line, tax_line
from adapters.documents.filling.ports import Issued, Json
from adapters.documents.filling.tax_notes import tax_note, untaxed_category
from adapters.documents.stationery import Stationery
from adapters.documents.words import words
from adapters.payment_names import payment_name
from domain.values import exponent

ERASED = "[erased]"
# The GS1 prefix of the shipped configuration.
NOBODYS_PREFIX = "0000000"
# Payment methods by which the customer sends money of its own accord.
TRANSFERRED = frozenset({"bank_transfer", "purchase_order"})


def address(shown: Json | None) -> Address:
    """An address as an order has it; of one that was erased that is said."""
    if shown is None:
        return Address(name=ERASED)
    known = {field.name: shown.get(field.name) for field in fields(Address)}
    return Address(**known | {"street": tuple(shown.get("street") or ())})


class DocumentFiller:
    """Turns the detail of a document into what is printed of it on a stationery."""

    def __init__(self, stationery: Stationery, public_url: str | None = None) -> None:
        self._stationery = stationery
        self._public_url = public_url

    def label(self, shipment: Json) -> ShippingLabel:
        """A label per package."""
        return ShippingLabel(
            **self.ours(),
            **self._travel(shipment),
            ship_from=self._origin(shipment["origin"]),
            sample=any((package["sscc"] or "")[1:].startswith(NOBODYS_PREFIX) for package in shipment["packages"]),
        )

    def packing_slip(self, shipment: Json) -> PackingSlip:
        """What is in the packages, and what follows."""
        zone = self._stationery.zone_of(shipment["origin"])
        follow = [line for line in shipment["lines"] if line["to_follow"]]
        return PackingSlip(
            **self.ours(shipment["store"]),
            **self._travel(shipment),
            ship_from=self._origin(shipment["origin"]),
            ordered_on=_day(shipment["purchased_at"], zone),
            booked_on=_day(shipment["booked_at"], zone),
            external_reference=shipment["external_reference"],
            to_follow=tuple(_packed(line, line["to_follow"]) for line in follow),
            note=shipment["note"],
            customer_note=shipment["customer_note"],
            tracking_url=f"{self._public_url}/track/{shipment['tracking_token']}" if self._public_url else None,
        )

    def _travel(self, shipment: Json) -> dict[str, Any]:
        """What a label and a slip say alike."""
        return {
            "ship_to": address(shipment["shipping_address"]),
            "carrier": self._carrier(shipment["carrier"]),
            "service": shipment["service"],
            "reference": shipment["reference"],
            "order_number": shipment["order_number"],
            "shipment_number": shipment["shipment_number"],
            "parcels": tuple(_parcel(package, shipment["lines"]) for package in shipment["packages"]),
        }

    def invoice(self, issued: Issued) -> Invoice:
        """The invoice with what was paid of it when it was issued."""
        invoice, zone = issued.detail, self._stationery.zone_of(None)
        issued_on = _day(invoice["issued_at"], zone)
        outstanding = bool(Decimal(invoice["due"]))
        ours = self.ours(invoice["store"])
        return Invoice(
            **ours,
            **self._account(invoice, ours["language"]),
            number=invoice["invoice_number"],
            issued_on=issued_on,
            supplied_on=_day(invoice["supplied_at"], zone) if invoice["supplied_at"] else None,
            due_on=self._due_on(invoice, issued_on) if outstanding else None,
            ordered_on=_day(invoice["purchased_at"], zone),
            payment_method=self._payment(invoice, ours["language"]),
            payment_code=invoice["payment_method"],
            discounts=tuple(filter(None, (each["name"] or each["code"] for each in invoice.get("discounts") or ()))),
            paid=invoice["paid"],
            waived=invoice["waived"],
            due=invoice["due"],
            transfer=self._transfer(invoice) if outstanding else None,
            notes=self._collected(invoice, ours["language"]) if outstanding else (),
        )

    def _due_on(self, invoice: Json, issued_on: date) -> date | None:
        """The day that the order agreed on, else so many days after the issue as the merchant gives."""
        if invoice.get("due_date"):
            return date.fromisoformat(invoice["due_date"])
        days = self._stationery.payment_days
        return None if days is None else issued_on + timedelta(days=days)

    def _payment(self, invoice: Json, language: str) -> str:
        """What the shop calls it where it says so, else the name of the method."""
        own = self._stationery.payment_methods
        return invoice.get("payment_title") or payment_name(invoice["payment_method"], language, own)

    def _transfer(self, invoice: Json) -> Transfer | None:
        bank = _bank(self._stationery.seller)
        wanted = bank and invoice["payment_method"] in TRANSFERRED
        return Transfer(bank=bank, reference=invoice["order_number"]) if wanted else None

    def _collected(self, invoice: Json, language: str) -> tuple[str, ...]:
        """Nobody is to transfer what the payment provider is asked for."""
        if invoice["capture"] != "online":
            return ()
        return (words(language)["collected"].format(method=self._payment(invoice, language)),)

    def credit_memo(self, issued: Issued) -> CreditMemo:
        """The credit memo with the invoice that it amends."""
        memo, zone = issued.detail, self._stationery.zone_of(None)
        ours = self.ours(memo["store"])
        parts, kept = memo.get("adjustment_parts") or (), memo.get("fee_parts") or ()
        account = self._account(memo, ours["language"])
        more = tuple(adjustment_line(part, ours["language"]) for part in parts)
        more += tuple(adjustment_line(part, ours["language"], "adjustment_fee") for part in kept)
        return CreditMemo(
            **ours,
            **account | {"lines": account["lines"] + more},
            number=memo["credit_memo_number"],
            issued_on=_day(memo["issued_at"], zone),
            invoice_number=memo["invoice_number"],
            invoice_issued_on=_day(memo["invoice_issued_at"], zone),
            adjustment_refund="0" if parts else memo["adjustment_refund"],
            adjustment_fee="0" if kept else memo["adjustment_fee"],
            cancels=memo.get("cancels", False),
            refund_mode=words(ours["language"]).get(f"refund_{memo['mode']}"),
            reason=None if memo["mode"] == "none" and not memo.get("cancels") else issued.reason,
        )

    def cancellation(self, issued: Issued) -> CreditMemo:
        """What takes an invoice back that was canceled before anybody paid it, or voided with its payment.

        It has the invoice's own number with a letter, because each invoice is canceled once at most.
        """
        invoice, zone = issued.detail, self._stationery.zone_of(None)
        ours = self.ours(invoice["store"])
        return CreditMemo(
            **ours,
            **self._account(invoice, ours["language"]),
            number=f"{invoice['invoice_number']}-C",
            issued_on=issued.at.astimezone(zone).date(),
            invoice_number=invoice["invoice_number"],
            invoice_issued_on=_day(invoice["issued_at"], zone),
            cancels=True,
            reason=issued.reason,
        )

    def _account(self, document: Json, language: str) -> dict[str, Any]:
        """What an invoice and a credit memo say alike."""
        bill_to, ship_to = _buyer(document), document["shipping_address"]
        note = tax_note(self._stationery, document, bill_to.vat_id, language)
        category = untaxed_category(self._stationery, document, bill_to.vat_id, note)
        return {
            "bill_to": bill_to,
            "ship_to": address(ship_to) if ship_to and ship_to != document["billing_address"] else None,
            "currency": document["currency"],
            "order_number": document["order_number"],
            "external_reference": document.get("external_reference"),
            "purchase_order": document.get("purchase_order"),
            "lines": (*map(money_line, document["lines"]), *charge_lines(document)),
            "taxes": tuple(tax_line(tax, note, category) for tax in document["taxes"]),
            "total_net": document["totals"]["net"],
            "total_tax": document["totals"]["tax"],
            "grand_total": document["grand_total"],
            "tax_in_base": self._tax_in_base(document),
        }

    def _tax_in_base(self, document: Json) -> TaxInBase | None:
        base, rate = self._stationery.base_currency, document["base_rate"]
        if document["currency"] == base or rate is None:
            return None
        smallest = Decimal(1).scaleb(-exponent(base))
        tax = (Decimal(document["totals"]["tax"]) * Decimal(rate)).quantize(smallest, ROUND_HALF_UP)
        return TaxInBase(currency=base, rate=rate, tax=str(tax))

    def manifest(self, issued: Issued) -> Manifest:
        """The packages of a closed dispatch, in the order in which they are looked for."""
        dispatch, location = issued.detail, self._stationery.locations.get(issued.detail["location"])
        zone = self._stationery.zone_of(dispatch["location"])
        return Manifest(
            **self.ours(),
            number=dispatch["manifest_number"],
            dispatch_number=dispatch["dispatch_number"],
            carrier=self._carrier(dispatch["carrier"]),
            location=location.name if location else dispatch["location"],
            location_address=self._origin(dispatch["location"]),
            ready_at=_moment(dispatch["ready_at"], zone),
            issued_at=_moment(dispatch["closed_at"], zone),
            packages=tuple(_on_manifest(package) for package in sorted(dispatch["packages"], key=_place)),
        )

    def ours(self, store: str | None = None) -> dict[str, Any]:
        """Who sells, and in which language: that of the store's customers, or on what only we read our own."""
        language = self._stationery.languages[0] if store is None else self._stationery.language_of(store)
        return {"seller": self._stationery.seller, "language": language}

    def _carrier(self, code: str) -> str:
        return self._stationery.carriers.get(code, code)

    def _origin(self, code: str) -> Address:
        location = self._stationery.locations.get(code)
        return location.address if location else self._stationery.seller.address


def _bank(seller: Seller) -> tuple[str, ...]:
    """The lines that a transfer needs."""
    named = (f"IBAN {seller.iban}" if seller.iban else None, f"BIC {seller.bic}" if seller.bic else None)
    return seller.bank or tuple(line for line in named if line)


def _buyer(document: Json) -> Party:
    """Who is billed, with the numbers that the order or its billing address names."""
    billing = document["billing_address"] or {}
    return Party(
        address=address(document["billing_address"]),
        vat_id=document.get("vat_id") or billing.get("vat_id"),
        registration_id=document.get("registration_id") or billing.get("registration_id"),
        email=document.get("customer_email"),
    )


def _moment(text: str, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)


def _day(text: str, zone: tzinfo) -> date:
    return _moment(text, zone).date()


def _packed(line: Json, quantity: int) -> PackedLine:
    chosen = tuple(f"{name}: {text}" for name, text in line["attributes"].items())
    return PackedLine(sku=line["sku"], name=line["name"], quantity=quantity, ordered=line["ordered"], remarks=chosen)


SIZES = ("length_mm", "width_mm", "height_mm")


def _parcel(package: Json, lines: list[Json]) -> Parcel:
    named = {line["line_id"]: line for line in lines}
    return Parcel(
        sscc=package["sscc"] or "",
        weight_grams=package["weight_grams"],
        tracking_number=package["tracking_number"],
        type=package["type"],
        **{size: package[size] for size in SIZES},
        contents=tuple(_packed(named[units["line_id"]], units["quantity"]) for units in package["contents"]),
    )


def _place(package: Json) -> tuple[str, str, str]:
    """By service, then by shipment; the packages of one in their order."""
    return package["service"] or "", package["shipment_number"], package["sscc"] or ""


ON_MANIFEST = ("shipment_number", "order_number", "sscc", "weight_grams", "service", "reference", "tracking_number")


def _on_manifest(package: Json) -> ManifestPackage:
    facts = (*ON_MANIFEST, *SIZES)
    return ManifestPackage(ship_to=address(package["ship_to"]), **{name: package[name] for name in facts})
