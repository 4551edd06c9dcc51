"""The money of an invoice or a credit memo as readers see it: lines, delivery charge, taxes by rate.

It adds up what was fixed when the document was issued and never calculates a price or a tax again.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from domain.order_events import OrderLine
from domain.values import RefundedShare, Share, portion, to_text
from projections.order_story import OrderStory

NO_LINE = OrderLine(line_id="", sku="", quantity=0, unit_price=0, subtotal=0)


def order_lines(story: OrderStory) -> dict[str, OrderLine]:
    """The lines of an order by their id."""
    return {line.line_id: line for line in story.lines}


def money_lines(story: OrderStory, shares: Iterable[Share]) -> list[dict[str, Any]]:
    """The shares of order lines with what they are of; ``net`` is without tax and after the discount."""
    ordered, currency = order_lines(story), story.order.currency
    return [_line(ordered.get(share.line_id, NO_LINE), share, currency) for share in shares]


def _line(line: OrderLine, share: Share, currency: str) -> dict[str, Any]:
    shown = {
        "line_id": share.line_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": share.quantity,
        "unit_price": to_text(line.unit_price, currency),
        "net_unit_price": to_text(portion(share.subtotal, 1, share.quantity), currency),
        "tax_rate": line.tax_rate,
        "subtotal": to_text(share.subtotal, currency),
        "discount": to_text(share.discount, currency),
        "net": to_text(share.subtotal - share.discount, currency),
        "tax": to_text(share.tax, currency),
        "total": to_text(share.total, currency),
    }
    return shown | ({"disposition": share.disposition} if isinstance(share, RefundedShare) else {})


def shipping_shown(story: OrderStory, amount: int, tax: int) -> dict[str, Any] | None:
    """A delivery charge on a document; None when there is none."""
    if not amount and not tax:
        return None
    charge, currency = story.shipping, story.order.currency
    return {
        "description": (charge.description or charge.method) if charge else None,
        "tax_rate": charge.tax_rate if charge else "0",
        "net": to_text(amount, currency),
        "tax": to_text(tax, currency),
        "total": to_text(amount + tax, currency),
    }


def taxes(story: OrderStory, shares: Sequence[Share], shipping: int, shipping_tax: int) -> list[dict[str, str]]:
    """Taxable amount and tax of each rate, the highest rate first."""
    ordered, currency = order_lines(story), story.order.currency
    parts = [(ordered.get(s.line_id, NO_LINE).tax_rate, s.subtotal - s.discount, s.tax) for s in shares]
    if shipping or shipping_tax:
        parts.append((story.shipping.tax_rate if story.shipping else "0", shipping, shipping_tax))
    sums: dict[Decimal, tuple[int, int]] = {}
    for rate, net, tax in parts:
        nets, rate_taxes = sums.get(Decimal(rate), (0, 0))
        sums[Decimal(rate)] = (nets + net, rate_taxes + tax)
    return [
        {"tax_rate": format(rate.normalize(), "f"), "net": to_text(net, currency), "tax": to_text(tax, currency)}
        for rate, (net, tax) in sorted(sums.items(), reverse=True)
    ]


def totals(shares: Sequence[Share], shipping: int, shipping_tax: int, currency: str) -> dict[str, str]:
    """What the lines and the delivery charge of a document add up to."""
    amounts = {
        "subtotal": sum(share.subtotal for share in shares),
        "discount": sum(share.discount for share in shares),
        "shipping": shipping,
        "net": sum(share.subtotal - share.discount for share in shares) + shipping,
        "tax": sum(share.tax for share in shares) + shipping_tax,
    }
    return {name: to_text(minor, currency) for name, minor in amounts.items()}
