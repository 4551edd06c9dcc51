"""What is printed of a document: what the read models say of it, put into the words of the printer.

Here the two meet that must not know each other: the queries, which know no PDF, and ``adapters.documents``,
which knows no order. It decides nothing and calculates no price; only the tax is also stated in the
currency of the books, where an invoice is in another.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from adapters.documents.contents import (
    Address,
    CreditMemo,
    Invoice,
    Manifest,
    ManifestPackage,
    MoneyLine,
    PackedLine,
    PackingSlip,
    Parcel,
    Party,
    ShippingLabel,
    TaxInBase,
    TaxLine,
)
from adapters.stationery import Stationery
from domain.values import exponent

Json = Mapping[str, Any]
ERASED = "[erased]"


def address(shown: Json | None) -> Address:
    """An address as an order has it; of one that was erased that is said."""
    if shown is None:
        return Address(name=ERASED)
    known = {field.name: shown.get(field.name) for field in fields(Address)}
    return Address(**known | {"street": tuple(shown.get("street") or ())})


class Contents:
    """Turns the detail of a document into what is printed of it on a stationery."""

    def __init__(self, stationery: Stationery) -> None:
        self._stationery = stationery

    def label(self, shipment: Json) -> ShippingLabel:
        """A label per package."""
        return ShippingLabel(**self._ours(), **self._travel(shipment), ship_from=self._origin(shipment["origin"]))

    def packing_slip(self, shipment: Json) -> PackingSlip:
        """What is in the packages, and what follows."""
        zone = self._stationery.zone_of(shipment["origin"])
        follow = [line for line in shipment["lines"] if line["to_follow"]]
        return PackingSlip(
            **self._ours(shipment["store"]),
            **self._travel(shipment),
            ship_from=self._origin(shipment["origin"]),
            ordered_on=_day(shipment["purchased_at"], zone),
            booked_on=_day(shipment["booked_at"], zone),
            external_reference=shipment["external_reference"],
            to_follow=tuple(_packed(line, line["to_follow"]) for line in follow),
            note=shipment["note"],
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

    def invoice(self, invoice: Json) -> Invoice:
        """The invoice with what was paid of it when it was issued."""
        zone = self._stationery.zone_of(None)
        ship_to = invoice["shipping_address"]
        return Invoice(
            **self._ours(invoice["store"]),
            **self._account(invoice),
            number=invoice["invoice_number"],
            issued_on=_day(invoice["issued_at"], zone),
            ordered_on=_day(invoice["purchased_at"], zone),
            ship_to=address(ship_to) if ship_to and ship_to != invoice["billing_address"] else None,
            external_reference=invoice["external_reference"],
            payment_method=invoice["payment_method"].replace("_", " ").capitalize(),
            paid=invoice["paid"],
            due=invoice["due"],
            state="canceled" if invoice["state"] in {"canceled", "voided"} else invoice["state"],
        )

    def credit_memo(self, memo: Json) -> CreditMemo:
        """The credit memo with the invoice that it amends."""
        zone = self._stationery.zone_of(None)
        return CreditMemo(
            **self._ours(memo["store"]),
            **self._account(memo),
            number=memo["credit_memo_number"],
            issued_on=_day(memo["issued_at"], zone),
            invoice_number=memo["invoice_number"],
            invoice_issued_on=_day(memo["invoice_issued_at"], zone),
            adjustment_refund=memo["adjustment_refund"],
            adjustment_fee=memo["adjustment_fee"],
        )

    def _account(self, document: Json) -> dict[str, Any]:
        """What an invoice and a credit memo say alike."""
        charge = document["shipping"]
        lines = [_money_line(line) for line in document["lines"]]
        return {
            "bill_to": Party(address=address(document["billing_address"])),
            "currency": document["currency"],
            "order_number": document["order_number"],
            "lines": tuple(lines if charge is None else [*lines, _charge_line(charge)]),
            "taxes": tuple(
                TaxLine(rate=tax["tax_rate"], taxable=tax["net"], tax=tax["tax"]) for tax in document["taxes"]
            ),
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

    def manifest(self, dispatch: Json) -> Manifest:
        """The packages of a closed dispatch."""
        zone, location = (
            self._stationery.zone_of(dispatch["location"]),
            self._stationery.locations.get(dispatch["location"]),
        )
        return Manifest(
            **self._ours(),
            number=dispatch["manifest_number"],
            dispatch_number=dispatch["dispatch_number"],
            carrier=self._carrier(dispatch["carrier"]),
            location=location.name if location else dispatch["location"],
            location_address=self._origin(dispatch["location"]),
            ready_at=_moment(dispatch["ready_at"], zone),
            issued_at=_moment(dispatch["closed_at"], zone),
            packages=tuple(_on_manifest(package) for package in dispatch["packages"]),
        )

    def _ours(self, store: str | None = None) -> dict[str, Any]:
        """Who sells, and in which language: that of the store's customers, or on what only we read our own."""
        language = self._stationery.languages[0] if store is None else self._stationery.language_of(store)
        return {"seller": self._stationery.seller, "language": language}

    def _carrier(self, code: str) -> str:
        return self._stationery.carriers.get(code, code)

    def _origin(self, code: str) -> Address:
        location = self._stationery.locations.get(code)
        return location.address if location else self._stationery.seller.address


def _moment(text: str, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)


def _day(text: str, zone: tzinfo) -> date:
    return _moment(text, zone).date()


def _packed(line: Json, quantity: int) -> PackedLine:
    return PackedLine(sku=line["sku"], name=line["name"], quantity=quantity, ordered=line["ordered"])


SIZES = ("length_mm", "width_mm", "height_mm")


def _parcel(package: Json, lines: list[Json]) -> Parcel:
    named = {line["line_id"]: line for line in lines}
    return Parcel(
        sscc=package["sscc"],
        weight_grams=package["weight_grams"],
        tracking_number=package["tracking_number"],
        type=package["type"],
        **{size: package[size] for size in SIZES},
        contents=tuple(_packed(named[units["line_id"]], units["quantity"]) for units in package["contents"]),
    )


def _on_manifest(package: Json) -> ManifestPackage:
    facts = ("shipment_number", "order_number", "sscc", "weight_grams", "reference", "tracking_number", *SIZES)
    return ManifestPackage(ship_to=address(package["ship_to"]), **{name: package[name] for name in facts})


def _money_line(line: Json) -> MoneyLine:
    return MoneyLine(
        name=line["name"],
        sku=line["sku"],
        quantity=line["quantity"],
        unit_price=line["net_unit_price"],
        discount=line["discount"],
        net=line["net"],
        tax_rate=line["tax_rate"],
        tax=line["tax"],
        disposition=line.get("disposition"),
    )


def _charge_line(charge: Json) -> MoneyLine:
    return MoneyLine(
        name=charge["description"],
        quantity=1,
        unit_price=charge["net"],
        net=charge["net"],
        tax_rate=charge["tax_rate"],
        tax=charge["tax"],
    )
