"""The money of an invoice or a credit memo as readers see it: lines, delivery charge, taxes by rate.

It adds up what was fixed when the document was issued and never calculates a price or a tax again.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from domain.order_events import OrderLine
from domain.values import RefundedShare, Share, TaxPart, portion, round_half_up, to_text
from projections.order_history.history import OrderHistory

# A delivery charge: its net amount and its tax.
Charge = tuple[int, int]
TaxShown = dict[str, str | None]

NO_LINE = OrderLine(line_id="", sku="", quantity=0, unit_price=0, subtotal=0)


def order_lines(history: OrderHistory) -> dict[str, OrderLine]:
    """The lines of an order by their id."""
    return {line.line_id: line for line in history.lines}


def money_lines(history: OrderHistory, shares: Iterable[Share]) -> list[dict[str, Any]]:
    """The shares of order lines with what they are of; ``net`` is without tax and after the discount."""
    ordered, currency = order_lines(history), history.order.currency
    gross = history.order.prices_include_tax
    return [_line(ordered.get(share.line_id, NO_LINE), share, currency, gross=gross) for share in shares]


def _net_unit_price(line: OrderLine, share: Share, *, gross: bool) -> int:
    """The price of one unit without tax and before the discount: by the rate, or by the share where that is unknown."""
    if not gross:
        return line.unit_price
    if line.tax_rate is None:
        return portion(share.subtotal, 1, share.quantity)
    return round_half_up(line.unit_price / (1 + Decimal(line.tax_rate)))


def _line(line: OrderLine, share: Share, currency: str, *, gross: bool) -> dict[str, Any]:
    shown = {
        "line_id": share.line_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": share.quantity,
        "unit_price": to_text(line.unit_price, currency),
        "net_unit_price": to_text(_net_unit_price(line, share, gross=gross), currency),
        "tax_rate": line.tax_rate,
        "subtotal": to_text(share.subtotal, currency),
        "discount": to_text(share.discount, currency),
        "net": to_text(share.subtotal - share.discount, currency),
        "tax": to_text(share.tax, currency),
        "total": to_text(share.total, currency),
    }
    return shown | ({"disposition": share.disposition} if isinstance(share, RefundedShare) else {})


def shipping_shown(history: OrderHistory, amount: int, tax: int) -> dict[str, Any] | None:
    """A delivery charge on a document; None when there is none."""
    if not amount and not tax:
        return None
    charge, currency = history.shipping, history.order.currency
    return {
        "description": (charge.description or charge.method) if charge else None,
        "tax_rate": charge.tax_rate if charge else None,
        "net": to_text(amount, currency),
        "tax": to_text(tax, currency),
        "total": to_text(amount + tax, currency),
    }


def taxes(
    history: OrderHistory, shares: Sequence[Share], charge: Charge, more: Sequence[TaxPart] = ()
) -> list[TaxShown]:
    """Taxable amount and tax of each rate, the highest rate first; at the end what is of no known rate (None).

    ``more`` is what an adjustment contains.
    """
    ordered, currency = order_lines(history), history.order.currency
    parts = [(ordered.get(s.line_id, NO_LINE).tax_rate, s.subtotal - s.discount, s.tax) for s in shares]
    if any(charge):
        parts.append((history.shipping.tax_rate if history.shipping else None, *charge))
    parts += [(part.tax_rate, part.net, part.tax) for part in more]
    sums: dict[Decimal | None, tuple[int, int]] = {}
    for rate, net, tax in parts:
        number = None if rate is None else Decimal(rate)
        nets, rate_taxes = sums.get(number, (0, 0))
        sums[number] = (nets + net, rate_taxes + tax)
    highest_first = sorted(sums, key=lambda rate: Decimal(-1) if rate is None else rate, reverse=True)
    return [
        {
            "tax_rate": None if rate is None else format(rate.normalize(), "f"),
            "net": to_text(sums[rate][0], currency),
            "tax": to_text(sums[rate][1], currency),
        }
        for rate in highest_first
    ]


def totals(shares: Sequence[Share], charge: Charge, currency: str, more: Sequence[TaxPart] = ()) -> dict[str, str]:
    """What the lines, the delivery charge and an adjustment (``more``) of a document add up to."""
    shipping, shipping_tax = charge
    amounts = {
        "subtotal": sum(share.subtotal for share in shares),
        "discount": sum(share.discount for share in shares),
        "shipping": shipping,
        "net": sum(share.subtotal - share.discount for share in shares) + shipping + sum(part.net for part in more),
        "tax": sum(share.tax for share in shares) + shipping_tax + sum(part.tax for part in more),
    }
    return {name: to_text(minor, currency) for name, minor in amounts.items()}
