"""Money of foreign files: exact decimals in, minor units of the currency out, and sums that always add up.

Whatever a file writes as a number is read as a decimal, never as a binary float. Nothing is rounded unless the caller
says to which sum the parts must add up.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from daybook.importing.sources.refused import Refused
from domain.refusals import Refusal
from domain.values import exponent, round_half_up, spread, tax_on, tax_within, to_text

PRICE_PLACES = 6
MICRO = Decimal(1).scaleb(-PRICE_PLACES)
MAX_DIGITS = 18
_SPACES = str.maketrans("", "", "\u00a0\u202f")
_THOUSANDS_BY_COMMA = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+")
_THOUSANDS_BY_POINT = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+")
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]{1,2}")

__all__ = [
    "known_rate",
    "minor",
    "number",
    "price_text",
    "quoted",
    "rounded",
    "scaled",
    "spread_over",
    "to_text",
    "to_the_sum",
    "unit_price",
]


def number(value: Any, name: str) -> Decimal:
    """The decimal that a file wrote; blank and missing are 0. ``name`` is the field, for the refusal.

    Thousands and decimals may be marked as a spreadsheet does it, where that can be read in one way only: 1.234,50 and
    10,5 can, 1,234 cannot.
    """
    if value is None or value == "":
        return Decimal(0)
    text = str(value).strip().translate(_SPACES)
    if "," in text:
        text = _with_a_point(text)
    try:
        found = Decimal(text or "0")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or len(found.as_tuple().digits) > MAX_DIGITS:
        raise Refused(f"{name} is no amount: {text[:40]!r}; it must be written like 1234.56")
    return found


def _with_a_point(text: str) -> str:
    """A number with commas as one with at most a decimal point; as it is where that is not certain."""
    if _THOUSANDS_BY_COMMA.fullmatch(text):
        return text.replace(",", "")
    if _THOUSANDS_BY_POINT.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return text


def minor(value: Any, currency: str, name: str) -> int:
    """The amount in minor units; refuses decimals that the currency does not have."""
    scaled = number(value, name).scaleb(_places(currency))
    if scaled != int(scaled):
        raise Refused(f"{name} has more decimals than {currency}: {value}")
    return int(scaled)


def scaled(value: Any, currency: str, name: str) -> Decimal:
    """The amount in minor units, with whatever decimals are left of them."""
    return number(value, name).scaleb(_places(currency))


def rounded(amount: Decimal) -> int:
    """An amount of minor units with decimals left, halves away from zero."""
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _places(currency: str) -> int:
    try:
        return exponent(currency)
    except Refusal:
        said = f"{currency} is no currency of ISO 4217" if currency else "No currency is said"
        raise Refused(f"{said}; name it with --currency") from None


def to_the_sum(total: int, parts: Sequence[Decimal], name: str) -> list[int]:
    """Parts of minor units rounded so that they add up to ``total``, by largest remainder.

    Refuses parts that rounding alone cannot bring there.
    """
    floors = [int(part.to_integral_value(ROUND_FLOOR)) for part in parts]
    missing = total - sum(floors)
    if not 0 <= missing <= len(parts):
        raise Refused(f"{name} does not add up: the parts make {sum(parts)}, the order says {total} (in minor units)")
    by_remainder = sorted(range(len(parts)), key=lambda place: (floors[place] - parts[place], place))
    for place in by_remainder[:missing]:
        floors[place] += 1
    return floors


def spread_over(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` over ``weights`` by largest remainder; evenly where nothing weighs anything."""
    return spread(amount, weights if any(weights) else [1] * len(weights))


def unit_price(total: int, quantity: int, currency: str) -> Decimal:
    """The price of one of ``quantity`` units that cost ``total`` together, with at most six decimals.

    Refuses what no such price makes when it is multiplied and rounded again.
    """
    places = _places(currency)
    price = (Decimal(total).scaleb(-places) / quantity).quantize(MICRO)
    if round_half_up((price * quantity).scaleb(places)) != total:
        raise Refused(f"{quantity} units for {to_text(total, currency)} have no unit price of six decimals")
    return price


def quoted(price: Decimal | None, total: int, quantity: int, currency: str) -> Decimal:
    """The price that a file says, where it makes the total and needs no more decimals than there are."""
    if price is not None and price == price.quantize(MICRO):
        return price
    return unit_price(total, quantity, currency)


def price_text(price: Decimal, currency: str) -> str:
    """The decimal text of a unit price: the currency's decimals, and as many more as it needs."""
    places = _places(currency)
    shortest = price.normalize()
    exponent_of = shortest.as_tuple().exponent
    decimals = max(places, -exponent_of if isinstance(exponent_of, int) else 0)
    return f"{price:.{decimals}f}"


def known_rate(amount: int, tax: int, rates: Sequence[Decimal], *, includes_tax: bool) -> Decimal | None:
    """The first of ``rates`` that makes exactly ``tax`` of ``amount``; None when none does."""
    of = tax_within if includes_tax else tax_on
    return next((rate for rate in rates if of(amount, rate) == tax), None)
