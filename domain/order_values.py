"""What an order is made of, as its events carry it: lines, charges, discounts, details; in computed amounts.

Amounts are minor units of the order's currency.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTax:
    """One of several taxes on the same amount, as the shop names it; ``rate`` is None where only ``amount`` is known.

    ``collected_by`` is "merchant", or "marketplace" for tax that is no part of any total, invoice or payment here.
    """

    name: str
    rate: str | None = None
    amount: int = 0
    collected_by: str = "merchant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A price reduction over several lines, or of the delivery: ``amount`` as quoted (gross when prices include tax).

    ``target`` is "lines" or "shipping"; ``line_ids`` names the lines where it is not for all of them. What it took off
    each line stands in the lines.
    """

    code: str | None = None
    name: str | None = None
    amount: int = 0
    target: str = "lines"
    line_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDetails:
    """What a line says beyond its price and quantity.

    ``exact_unit_price`` is the price of one unit where it has more decimals than the currency; ``parent_line_id`` the
    bundle that the line is a part of; ``unit`` what is counted ("m", "box").
    """

    parent_line_id: str | None = None
    gtin: str | None = None
    unit: str | None = None
    exact_unit_price: str | None = None
    taxes: tuple[NamedTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line as ordered; it is worth subtotal - discount + tax, both net.

    ``unit_price`` is as quoted (gross when the order's prices include tax). ``tax_rate`` is None where only the
    tax itself is known.
    """

    line_id: str
    sku: str
    name: str | None = None
    quantity: int
    unit_price: int
    tax_rate: str | None = "0"
    subtotal: int
    discount: int = 0
    tax: int = 0
    weight_grams: int | None = None
    shippable: bool = True
    details: LineDetails | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingCharge:
    """What the delivery costs: ``amount`` net of ``tax``, and without the (net) ``discount`` that was taken off it."""

    method: str | None = None
    description: str | None = None
    amount: int = 0
    tax_rate: str | None = "0"
    tax: int = 0
    discount: int = 0
    taxes: tuple[NamedTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What is billed beside the goods and their delivery, and never packed: ``amount`` net of ``tax``.

    ``kind`` is "fee", "tip", "duty", "wrap", "surcharge" or "shipping".
    """

    charge_id: str
    name: str
    kind: str = "fee"
    amount: int = 0
    tax_rate: str | None = "0"
    tax: int = 0
    taxes: tuple[NamedTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails:
    """What an order says beyond its goods and its people.

    ``source`` is the channel that it came by, ``purchase_order`` the customer's own number, ``delivery`` is "ship" or
    "pickup", ``payment_title`` what the shop called the way of paying.
    """

    source: str | None = None
    tags: tuple[str, ...] = ()
    purchase_order: str | None = None
    due_date: date | None = None
    delivery: str = "ship"
    payment_title: str | None = None
