"""A parcel in EasyPost's words: addresses, inches and ounces, and what customs ask for.

Nothing is declared that nobody said: a parcel that crosses a customs border without what its declaration needs is
refused with what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from adapters.documents.contents import Address
from adapters.documents.filling.tax_notes import EU
from application.carrier import Content, Parcel
from domain.values import to_text

GRAMS_PER_OUNCE = Decimal("28.349523125")
MM_PER_INCH = Decimal("25.4")
TENTH = Decimal("0.1")
# Attributes of a line that customs need.
ORIGIN, TARIFF = "origin_country", "hs_tariff_number"

Json = dict[str, Any]


class Undeclared(Exception):
    """What a carrier needs and nobody said, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Where parcels leave from, by location, and who signs customs declarations, if anybody does."""

    places: Mapping[str, Address]
    customs_signer: str | None = None


def shipment(parcel: Parcel, sender: Sender, label_format: str) -> Json:
    """What EasyPost is told of a parcel; raises Undeclared."""
    place = sender.places.get(parcel.origin)
    if place is None:
        raise Undeclared(f"The location {parcel.origin} is not configured any more.")
    if parcel.weight_grams <= 0:
        raise Undeclared("The package has no weight: book it with weight_grams.")
    ship_to = _address(parcel.ship_to)
    told: Json = {
        "to_address": ship_to,
        "from_address": _address({name: getattr(place, name) for name in Address.__dataclass_fields__}),
        "parcel": _parcel(parcel),
        "options": {"label_format": label_format, "label_size": "4x6"},
    }
    if parcel.reference:
        told["options"]["print_custom_1"] = parcel.reference
    countries = {told["from_address"]["country"], ship_to["country"]}
    if len(countries) > 1 and not countries <= EU:
        told["customs_info"] = _customs(parcel, sender.customs_signer)
    return told


def _address(shown: Mapping[str, Any]) -> Json:
    street = [line for line in shown.get("street") or () if line]
    told = {
        "name": shown.get("name"),
        "company": shown.get("company"),
        "street1": street[0] if street else None,
        "street2": ", ".join(street[1:]) or None,
        "city": shown.get("city"),
        "state": shown.get("region"),
        "zip": shown.get("postcode"),
        "country": shown.get("country"),
        "phone": shown.get("phone"),
    }
    return {name: value for name, value in told.items() if value}


def _parcel(parcel: Parcel) -> Json:
    sizes = {"length": parcel.length_mm, "width": parcel.width_mm, "height": parcel.height_mm}
    inches = {name: float(_up(size / MM_PER_INCH)) for name, size in sizes.items() if size}
    return {"weight": ounces(parcel.weight_grams)} | (inches if len(inches) == len(sizes) else {})


def ounces(grams: int) -> float:
    """A weight in tenths of an ounce, rounded up: a parcel that is declared too light comes back."""
    return float(_up(grams / GRAMS_PER_OUNCE))


def _up(value: Decimal) -> Decimal:
    return value.quantize(TENTH, ROUND_UP)


def _customs(parcel: Parcel, signer: str | None) -> Json:
    if signer is None:
        raise Undeclared("It crosses a customs border, and nobody signs: set customs_signer of the carrier's account.")
    return {
        "customs_certify": True,
        "customs_signer": signer,
        "contents_type": "merchandise",
        "restriction_type": "none",
        "non_delivery_option": "return",
        "customs_items": [_item(content) for content in parcel.contents],
    }


def _item(content: Content) -> Json:
    missing = [name for name in (ORIGIN, TARIFF) if not content.attributes.get(name)]
    if content.weight_grams is None:
        missing.append("weight_grams")
    if content.weight_grams is None or missing:
        raise Undeclared(f"Customs need {' and '.join(missing)} of {content.sku}: amend the order's line with them.")
    return {
        "description": content.name or content.sku,
        "quantity": content.quantity,
        "value": to_text(content.value * content.quantity, content.currency),
        "currency": content.currency,
        "weight": ounces(content.weight_grams * content.quantity),
        "origin_country": content.attributes[ORIGIN],
        "hs_tariff_number": content.attributes[TARIFF],
    }
