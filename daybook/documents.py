"""Documents on paper: what the read models say of a document, put into the words of the printer.

Here the two meet that must not know each other: the queries, which know no PDF, and ``adapters.documents``,
which knows no order. It decides nothing and calculates no price; only the tax is also stated in the
currency of the books, where an invoice is in another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from adapters.documents import Unprintable, render, unprintable
from adapters.documents.contents import (
    Address,
    CreditMemo,
    Document,
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
from adapters.merchant_config import MerchantConfig
from application.proofreading import UNPRINTABLE, Proofread
from domain.values import exponent
from projections.document_queries import DocumentQueries
from web.queries.ports import NothingToPrint, Printed

Json = Mapping[str, Any]


def address(shown: Json | None) -> Address:
    """An address as an order has it; nothing of it is left once it was erased."""
    fields = {name: value for name, value in (shown or {}).items() if name != "street"}
    return Address(street=tuple((shown or {}).get("street") or ()), **fields)


class Contents:
    """Turns the detail of a document into what is printed of it."""

    def __init__(self, merchant: MerchantConfig) -> None:
        self._merchant = merchant

    def label(self, shipment: Json) -> ShippingLabel:
        """A label per package."""
        return ShippingLabel(**self._ours(), **self._travel(shipment), ship_from=self._origin(shipment["origin"]))

    def packing_slip(self, shipment: Json) -> PackingSlip:
        """What is in the packages, and what follows."""
        zone = self._zone(shipment["origin"])
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
        """The invoice as it was issued, with what is paid of it now."""
        zone = self._zone(None)
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
        zone = self._zone(None)
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
        base, rate = self._merchant.base_currency, document["base_rate"]
        if document["currency"] == base or rate is None:
            return None
        smallest = Decimal(1).scaleb(-exponent(base))
        tax = (Decimal(document["totals"]["tax"]) * Decimal(rate)).quantize(smallest, ROUND_HALF_UP)
        return TaxInBase(currency=base, rate=rate, tax=str(tax))

    def manifest(self, dispatch: Json) -> Manifest:
        """The packages of a closed dispatch."""
        zone, location = self._zone(dispatch["location"]), self._merchant.locations.get(dispatch["location"])
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
        language = self._merchant.languages[0] if store is None else self._merchant.language_of(store)
        return {"seller": self._merchant.seller, "language": language}

    def _carrier(self, code: str) -> str:
        carrier = self._merchant.carriers.get(code)
        return carrier.name if carrier else code

    def _origin(self, code: str) -> Address:
        location = self._merchant.locations.get(code)
        return location.address if location else self._merchant.seller.address

    def _zone(self, code: str | None) -> tzinfo:
        """The time zone of a location; of documents that belong to none, the first one's."""
        locations = self._merchant.locations
        return locations[code if code in locations else next(iter(locations))].time_zone


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


class Press:
    """Prints documents as PDFs (``web.queries.ports.Press``). Thread-safe."""

    def __init__(self, queries: DocumentQueries, merchant: MerchantConfig) -> None:
        self._queries = queries
        self._merchant = merchant
        contents = Contents(merchant)
        self._single: dict[str, tuple[str, Callable[[Json], Document]]] = {
            "packing-slip": ("shipments", contents.packing_slip),
            "label": ("shipments", contents.label),
            "invoice": ("invoices", contents.invoice),
            "credit-memo": ("credit-memos", contents.credit_memo),
            "manifest": ("dispatches", contents.manifest),
        }
        self._merged = {"packing-slips": "packing-slip", "labels": "label"}

    def print(self, form: str, document_id: UUID, min_position: int | None = None) -> Printed | None:
        """The document as a PDF; None when there is none of that id."""
        if form in self._merged:
            return self._batch(form, document_id, min_position)
        kind, contents = self._single[form]
        document = self._queries.detail(kind, document_id, min_position)
        if document is None:
            return None
        if form == "manifest" and document["manifest_number"] is None:
            raise NothingToPrint("manifest_not_issued", "The dispatch is not closed: its manifest is not issued.")
        if document.get("unreadable"):
            raise NothingToPrint("order_unreadable", "Orders on it cannot be read, so their parcels would be missing.")
        return self._printed(f"{form}-{document_id}", [contents(document)])

    def _batch(self, form: str, batch_id: UUID, min_position: int | None) -> Printed | None:
        """The shipments that a batch booked, as one file."""
        batch = self._queries.detail("batches", batch_id, min_position)
        if batch is None:
            return None
        kind, contents = self._single[self._merged[form]]
        booked = [UUID(entry["shipment_id"]) for entry in batch["entries"] if entry["shipment_id"]]
        found = [self._queries.detail(kind, shipment_id, min_position) for shipment_id in booked]
        shipments = [shipment for shipment in found if shipment is not None and shipment["state"] != "canceled"]
        if not shipments:
            raise NothingToPrint("nothing_booked", "The batch has booked no shipment.")
        return self._printed(f"{form}-{batch_id}", [contents(shipment) for shipment in shipments])

    def enclosed(self, form: str, document_id: UUID, language: str) -> bytes:
        """A document for a letter, in the letter's language (``application.letter.Papers``); raises LookupError."""
        kind, contents = self._single[form]
        document = self._queries.detail(kind, document_id)
        if document is None:
            raise LookupError(f"There is no {form} {document_id}.")
        return self._printed(form, [replace(contents(document), language=language)]).pdf

    def _printed(self, name: str, documents: list[Document]) -> Printed:
        try:
            pdf = render(documents, paper=self._merchant.paper, fonts=self._merchant.fonts)
        except Unprintable as missing:
            raise NothingToPrint(UNPRINTABLE, str(missing)) from missing
        return Printed(name, pdf)


def proofreader(merchant: MerchantConfig) -> Proofread:
    """Says what is missing to print texts with the merchant's fonts and those of the machine."""

    def proofread(texts: Sequence[str]) -> str | None:
        missing = unprintable(texts, merchant.fonts)
        return str(Unprintable(missing)) if missing else None

    return proofread
