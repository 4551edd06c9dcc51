"""What callers ask for, as values: read and checked for shape, nothing decided yet.

Amounts are decimals as the caller wrote them; the order's currency turns them into minor units. Commands of the
application carry these values, and the domain's verbs take them. They must never be stored: events have parts of their
own, so that a request can change without the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from domain.values import External, Units

AllRemaining = Literal["all_remaining"]
ALL_REMAINING: Final[AllRemaining] = "all_remaining"

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedTax:
    """One of several taxes on the same thing; what a "marketplace" collects is no part of the order's total."""

    name: str
    rate: Decimal | None = None
    amount: Decimal
    collected_by: str = "merchant"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedDiscount:
    """A reduction of the price of all lines, of some (their ids), or of the delivery ("shipping")."""

    code: str | None = None
    name: str | None = None
    amount: Decimal
    target: str | tuple[str, ...] = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCharge:
    """What is billed beside the goods and their delivery."""

    charge_id: str
    name: str
    kind: str
    amount: Decimal
    tax_rate: Decimal | None = None
    tax_amount: Decimal | None = None
    taxes: tuple[RequestedTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedLine:
    """One line as a checkout asks for it; without anything of taxes it bears its part of the order's, if that has any.

    ``parent_line_id`` is the bundle that it is a part of.
    """

    line_id: str
    sku: str
    name: str | None = None
    quantity: int
    unit_price: Decimal
    tax_rate: Decimal | None = None
    tax_amount: Decimal | None = None
    discount: Decimal = ZERO
    weight_grams: int | None = None
    shippable: bool = True
    taxes: tuple[RequestedTax, ...] = ()
    parent_line_id: str | None = None
    gtin: str | None = None
    unit: str | None = None
    attributes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedShipping:
    """How the goods travel and what that costs."""

    method: str | None = None
    description: str | None = None
    amount: Decimal = ZERO
    tax_rate: Decimal | None = None
    tax_amount: Decimal | None = None
    taxes: tuple[RequestedTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedPayment:
    """By which method the order is paid, and what the shop calls that."""

    method: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who buys; ``group`` and ``guest`` say how the shop sees the customer, and are not personal."""

    id: str
    email: str | None = None
    name: str | None = None
    group: str | None = None
    guest: bool = False

    def stored(self) -> dict[str, Any]:
        """The personal part as events keep it: what was said, by field."""
        return _said(self, ("id", "email", "name"))


ADDRESS = ("name", "company", "street", "city", "region", "postcode", "country", "phone", "vat_id", "registration_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a party is, and under which numbers its country knows it as a business."""

    name: str | None = None
    company: str | None = None
    street: tuple[str, ...] | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None
    vat_id: str | None = None
    registration_id: str | None = None

    def stored(self) -> dict[str, Any]:
        """The address as events keep it: what was said, by field."""
        said = _said(self, ADDRESS)
        if self.street is not None:
            said["street"] = list(self.street)
        return said


def _said(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: said for name in names if (said := getattr(value, name)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """By what money moved: the shop's own words for it, and of which kind it is ("card", "gift_card", ...)."""

    method: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRequest:
    """What to invoice; ``capture`` is None for the usual mode of the payment method."""

    lines: AllRemaining | tuple[Units, ...]
    capture: str | None = None
    notify: bool = False
    external: External | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedUnits:
    """Units to refund; ``disposition`` says whether they had been "shipped" or are "unshipped"."""

    line_id: str
    quantity: int
    disposition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedCharge:
    """A charge to give back, or ``amount`` of it."""

    charge_id: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """What of an invoice to give back: units, shipping and charges, adjustments; or an ``amount`` and nothing of these.

    Shipping and charges are net, or contain their tax where prices do.
    """

    lines: AllRemaining | tuple[RefundedUnits, ...] = ()
    amount: Decimal | None = None
    shipping: Decimal = ZERO
    charges: tuple[RefundedCharge, ...] = ()
    adjustment_refund: Decimal = ZERO
    adjustment_fee: Decimal = ZERO
    mode: str = "offline"
    notify: bool = False
    external: External | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedPackage:
    """A package and what is in it; what is left open is settled when it is booked."""

    package_id: str | None = None
    type: str | None = None
    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    max_weight_grams: int | None = None
    contents: tuple[Units, ...]
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRequest:
    """What to ship, how it is packed (None: in one package) and who carries it."""

    lines: AllRemaining | tuple[Units, ...]
    carrier: str
    service: str | None = None
    origin: str = "main"
    reference: str | None = None
    packages: tuple[RequestedPackage, ...] | None = None
    notify: bool = False
    external: External | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedUnits:
    """Units that came back or are lost, and how many of them had been refunded as shipped, where somebody knows."""

    line_id: str
    quantity: int
    refunded: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a carrier says of a parcel."""

    carrier: str
    tracking_number: str
    status: str
    location: str | None = None
    description: str | None = None
