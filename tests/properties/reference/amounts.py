"""Money of the model: whole minor units, divided so that the parts add up.

Fractions are exact; rounding is half up and happens once per amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

EXPONENTS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def half_up(value: Fraction) -> int:
    """The nearest whole number, halves upwards."""
    return (value + Fraction(1, 2)).__floor__()


def minor(amount: Decimal, currency: str) -> int:
    """An exact amount in minor units."""
    return int(amount.scaleb(EXPONENTS[currency]))


def major(amount: int, currency: str) -> Decimal:
    """Minor units as people write them."""
    return Decimal(amount).scaleb(-EXPONENTS[currency])


def part(amount: int, wanted: int, remaining: int) -> int:
    """Of what remains the share of ``wanted``; whoever wants all that remains gets all that remains."""
    return half_up(Fraction(amount * wanted, remaining)) if remaining else 0


@dataclass(frozen=True)
class Worth:
    """What something costs: ``base`` less ``off``, and the ``tax`` beside it or, tax-inclusive, within it."""

    base: int = 0
    off: int = 0
    tax: int = 0
    inclusive: bool = False

    @property
    def total(self) -> int:
        return self.base - self.off + (0 if self.inclusive else self.tax)

    @property
    def net(self) -> int:
        return self.total - self.tax

    def __add__(self, other: "Worth") -> "Worth":
        return Worth(self.base + other.base, self.off + other.off, self.tax + other.tax, self.inclusive)

    def __sub__(self, other: "Worth") -> "Worth":
        return Worth(self.base - other.base, self.off - other.off, self.tax - other.tax, self.inclusive)

    def share(self, wanted: int, remaining: int) -> "Worth":
        """The share of ``wanted`` out of ``remaining`` units (or of a charge's amount)."""
        base, off, tax = (part(each, wanted, remaining) for each in (self.base, self.off, self.tax))
        return Worth(base, off, tax, self.inclusive)

    def nothing(self) -> "Worth":
        """Zero of the same kind."""
        return Worth(inclusive=self.inclusive)


@dataclass(frozen=True)
class Charges:
    """The delivery and other charges by id, billed together; ``base`` is that of the delivery."""

    delivery: Worth
    others: dict[str, Worth] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.delivery.total + sum(each.total for each in self.others.values())

    @property
    def tax(self) -> int:
        return self.delivery.tax + sum(each.tax for each in self.others.values())

    @property
    def base(self) -> int:
        return self.delivery.base

    def __add__(self, more: "Charges") -> "Charges":
        others = {name: worth + more.others.get(name, worth.nothing()) for name, worth in self.others.items()}
        return Charges(self.delivery + more.delivery, others)

    def __sub__(self, less: "Charges") -> "Charges":
        others = {name: worth - less.others.get(name, worth.nothing()) for name, worth in self.others.items()}
        return Charges(self.delivery - less.delivery, others)

    def share(self, wanted: int, remaining: int) -> "Charges":
        """The share of the delivery alone."""
        return Charges(self.delivery.share(wanted, remaining))

    def nothing(self) -> "Charges":
        """Zero of the same kinds."""
        return Charges(self.delivery.nothing(), {name: each.nothing() for name, each in self.others.items()})


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` over ``weights`` by largest remainder, the first of equal ones first."""
    whole = sum(weights)
    exact = [Fraction(amount * weight, whole) for weight in weights]
    parts = [each.__floor__() for each in exact]
    for place in sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def priced(base: int, off: int, rate: Fraction, tax: int | None, *, inclusive: bool) -> Worth:
    """A line or a charge with its tax, rounded half up once unless it was given."""
    paid = base - off
    if tax is None:
        tax = half_up(paid * rate / (1 + rate) if inclusive else paid * rate)
    # What is divided later is the gross amount as a whole where prices include the tax.
    return Worth(paid, 0, tax, True) if inclusive else Worth(base, off, tax)
