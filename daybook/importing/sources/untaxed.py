"""Orders of a merchant who charges no VAT: that nothing was taxed is then a rate of 0 %, not one that nobody knows.

No export says which it is. The merchant does, with --untaxed-at-zero; without it the rate stays open.
"""

from decimal import Decimal

from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.reading import RefusedOrder


def at_zero(order: SourceOrder | RefusedOrder) -> SourceOrder | RefusedOrder:
    """The same order; where nothing at all is taxed, whatever says no rate is at 0 %."""
    if isinstance(order, RefusedOrder):
        return order
    parts = [*order.lines, *order.charges, *([order.delivery] if order.delivery else [])]
    if order.tax_total or any(part.tax for part in parts):
        return order
    order.tax_total = None
    for part in parts:
        if not part.taxes and part.tax_rate is None:
            part.tax_rate = Decimal(0)
    order.notes.assumed.append("nothing is taxed: 0 %, as --untaxed-at-zero says")
    return order
