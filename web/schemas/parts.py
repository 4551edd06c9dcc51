"""The parts that several bodies share: addresses, lines, packages, and the sizes of things.

The bounds are there so that nothing is unbounded; each is far above what an order needs.
"""

from typing import Any, ClassVar

from marshmallow.fields import Nested

from domain import requests
from domain.values import External, Units
from web.schemas.body import Part
from web.schemas.countries import COUNTRIES, USUAL_MISTAKES
from web.schemas.faults import impossible
from web.schemas.fields import Choice, Exact, Items, Reference, Text, Whole, WordOr

LINES_MAX = 500
PACKAGES_MAX = 500
CHARGES_MAX = 50
QUANTITY_MAX = 1_000_000
AMOUNT_MAX = 1_000_000_000_000
WEIGHT_GRAMS_MAX = 100_000_000
LENGTH_MM_MAX = 1_000_000

EMAIL = r"[^@\s]{1,64}@[^@\s]{1,190}"
CODE = r"[a-z0-9_-]+"


def money(*, above_zero: bool = False, **options: Any) -> Exact:
    """An amount of money; the domain checks its decimals against the currency."""
    return Exact(high=AMOUNT_MAX, places=4, above_low=above_zero, **options)


def rate(**options: Any) -> Exact:
    """A tax rate as a fraction: 0.23 is 23 percent."""
    return Exact(high=1, places=6, **options)


def code(**options: Any) -> Text:
    """A short name from the merchant's configuration."""
    hint = "Must be lower-case letters, digits, - and _."
    return Text(64, pattern=CODE, hint=hint, **options)


def label(high: int = 255, **options: Any) -> Text:
    """Optional text that may be empty or null."""
    return Text(high, low=0, allow_none=True, **options)


def line_name(**options: Any) -> Text:
    return Text(64, required=True, **options)


def units() -> Whole:
    return Whole(1, QUANTITY_MAX, required=True)


def lines_of(body: type[Part], *, low: int = 1, **options: Any) -> Items:
    return Items(Nested(body), low=low, high=LINES_MAX, **options)


def remaining_or(body: type[Part], *, low: int = 1, required: bool = True) -> WordOr:
    """Everything that remains, or quantities of named lines."""
    return WordOr("all_remaining", lines_of(body, low=low), required=required)


def one_of(body: dict[str, Any], *names: str) -> None:
    """Refuse a body that has none of these fields, for it would change nothing."""
    if not any(name in body for name in names):
        raise impossible(f"Must have at least one of: {', '.join(names)}.")


class Country(Choice):
    """A country; who writes one of the usual wrong codes is told the right one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(COUNTRIES, hint="Must be an ISO 3166-1 code of two capital letters.", **options)

    def read(self, value: Any) -> str:
        right = USUAL_MISTAKES.get(value, value.upper()) if type(value) is str else None
        if right in self.choices and right != value:
            raise impossible(f"{self.hint} Write {right} for {value}.")
        return super().read(value)


class Address(Part):
    """Where a party is, and under which numbers its country knows it as a business."""

    makes = requests.Address

    name = label()
    company = label()
    street = Items(Text(255, low=0), low=0, high=6)
    city = label()
    region = label()
    postcode = label(32)
    country = Country(allow_none=True)
    phone = label(64)
    vat_id = label(32)
    registration_id = label(64)


class ExternalDocument(Part):
    """A document that another system issued: it keeps its number, and is looked at there."""

    makes = External

    number = Reference(64, required=True)
    url = Text(2000, pattern="https?://[^ ]+", hint="Must be an http or https address.", allow_none=True)


class LineQuantity(Part):
    """So many units of an order line."""

    makes: ClassVar[type[Any]] = Units

    line_id = line_name()
    quantity = units()


class Package(Part):
    """A package and what is in it."""

    makes = requests.RequestedPackage

    package_id = Text(64)
    type = label(64)
    weight_grams = Whole(0, WEIGHT_GRAMS_MAX, allow_none=True)
    length_mm = Whole(1, LENGTH_MM_MAX, allow_none=True)
    width_mm = Whole(1, LENGTH_MM_MAX, allow_none=True)
    height_mm = Whole(1, LENGTH_MM_MAX, allow_none=True)
    max_weight_grams = Whole(0, WEIGHT_GRAMS_MAX, allow_none=True)
    contents = lines_of(LineQuantity, low=0, required=True)
    tracking_number = Reference(64, low=0, allow_none=True)


def packages(**options: Any) -> Items:
    return Items(Nested(Package), low=0, high=PACKAGES_MAX, **options)
