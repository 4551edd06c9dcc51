"""Exact money: integer minor units inside, decimal text at the edge.

Every amount in the domain is an ``int`` of the currency's minor unit (ISO 4217 exponent), every
rounding is half up, and a part of an amount is taken so that the parts always add up to the whole.
Nothing here knows a tolerance or a binary float.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from iso4217 import Currency

from domain.refusals import invalid


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Decimal places of ``currency``; refuses codes that name no money (XAU, unknown ones)."""
    try:
        places = Currency(currency).exponent
    except ValueError:
        places = None
    if places is None:
        raise invalid("unknown_currency", f"{currency} is not an ISO 4217 currency code, such as EUR.", "/currency")
    return int(places)


def to_minor(amount: Decimal, currency: str, pointer: str | None = None) -> int:
    """``amount`` in minor units of ``currency``; refuses more decimals than the currency has."""
    scaled = amount.scaleb(exponent(currency))
    minor = int(scaled)
    if minor != scaled:
        places = exponent(currency)
        raise invalid("invalid_amount", f"An amount in {currency} has at most {places} decimal places.", pointer)
    return minor


def to_text(minor: int, currency: str) -> str:
    """The decimal text of ``minor`` units, with exactly the currency's decimal places."""
    return minor_text(minor, exponent(currency))


def minor_text(minor: int, places: int) -> str:
    """The decimal text of an integer that counts units of 10**-places."""
    if places == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def round_half_up(value: Decimal) -> int:
    """The integer nearest to ``value``; halves go away from zero."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def portion(amount: int, quantity: int, of_quantity: int) -> int:
    """``amount x quantity / of_quantity`` rounded half up; all of it when the quantities agree."""
    return (2 * amount * quantity + of_quantity) // (2 * of_quantity)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` (0 or more) over ``weights`` (the same, not all 0) by largest remainder: the parts add up exactly."""
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def tax_on(net: int, rate: Decimal) -> int:
    """The tax on a net amount."""
    return round_half_up(net * rate)


def tax_within(gross: int, rate: Decimal) -> int:
    """The tax that a gross amount contains."""
    return round_half_up(gross * rate / (1 + rate))


@dataclass(frozen=True, slots=True)
class Units:
    """A quantity of one order line."""

    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an order line that a document covers, in minor units; worth net - discount + tax."""

    line_id: str
    quantity: int
    subtotal: int
    discount: int
    tax: int

    @property
    def total(self) -> int:
        """What the share is worth, tax included."""
        return self.subtotal - self.discount + self.tax

    def part(self, quantity: int, *, gross: bool) -> "Share":
        """What ``quantity`` of these units is worth; all of them take the remainder.

        Where prices include the tax (``gross``), the worth is what is divided, then its tax; the net is the
        difference. Otherwise the net is divided and the tax beside it.
        """
        discount = portion(self.discount, quantity, self.quantity)
        tax = portion(self.tax, quantity, self.quantity)
        if gross:
            subtotal = portion(self.total, quantity, self.quantity) - tax + discount
        else:
            subtotal = portion(self.subtotal, quantity, self.quantity)
        return Share(self.line_id, quantity, subtotal, discount, tax)

    def without(self, taken: "Share") -> "Share":
        """What is left when ``taken`` is gone."""
        return Share(
            self.line_id,
            self.quantity - taken.quantity,
            self.subtotal - taken.subtotal,
            self.discount - taken.discount,
            self.tax - taken.tax,
        )


@dataclass(frozen=True, slots=True)
class RefundedShare(Share):
    """A part of an invoice whose money is given back.

    ``disposition`` is "shipped" or "unshipped", and "corrected" where the units are the order's again.
    """

    disposition: str = "shipped"


def refunded(share: Share, disposition: str) -> RefundedShare:
    """``share`` as given back."""
    return RefundedShare(share.line_id, share.quantity, share.subtotal, share.discount, share.tax, disposition)


@dataclass(frozen=True, slots=True)
class ChargeShare:
    """The part of a charge that a document covers, in minor units; ``amount`` is net of ``tax``."""

    charge_id: str
    amount: int
    tax: int

    @property
    def total(self) -> int:
        """What the share is worth, tax included."""
        return self.amount + self.tax

    def without(self, taken: "ChargeShare") -> "ChargeShare":
        """What is left when ``taken`` is gone."""
        return ChargeShare(self.charge_id, self.amount - taken.amount, self.tax - taken.tax)


@dataclass(frozen=True, slots=True)
class External:
    """A document that another system issued: its number there, and where it can be looked at."""

    number: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class TaxPart:
    """What of an amount is taxed at one rate, its ``net`` and ``tax``; ``tax_rate`` is None where nobody knows it."""

    tax_rate: str | None
    net: int
    tax: int

    def negated(self) -> "TaxPart":
        """The same, taken away."""
        return TaxPart(self.tax_rate, -self.net, -self.tax)
