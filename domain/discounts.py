"""Price reductions over an order, and tax that is only known for all of it: spread exactly over what they belong to.

Every part is found by largest remainder on what each thing costs, so that the parts always add up to the whole.
"""

from collections.abc import Mapping, Sequence

from domain.order_values import Discount
from domain.refusals import invalid
from domain.values import spread

SHIPPING = "shipping"
LINES = "lines"


def take_off(discounts: Sequence[Discount], costs: Mapping[str, int], delivery: int) -> tuple[dict[str, int], int]:
    """What ``discounts`` take off each line that costs ``costs`` (by line id), and off the ``delivery``.

    Each one counts on what those before it left. Refuses one that exceeds what it is for.
    """
    left, delivery_left = dict(costs), delivery
    for index, discount in enumerate(discounts):
        if discount.target == SHIPPING:
            _check(discount, delivery_left, index)
            delivery_left -= discount.amount
            continue
        names = _lines(discount, left, index)
        _check(discount, sum(left[name] for name in names), index)
        if discount.amount:
            for name, part in zip(names, spread(discount.amount, [left[name] for name in names]), strict=True):
                left[name] -= part
    return {name: cost - left[name] for name, cost in costs.items()}, delivery - delivery_left


def spread_tax(total: int, costs: Sequence[int]) -> list[int]:
    """The part of the order's tax ``total`` that falls on each thing that costs ``costs``."""
    if not total:
        return [0] * len(costs)
    if not any(costs):
        raise invalid("invalid_amount", "Nothing in the order costs anything that could bear its tax.", "/tax_total")
    return spread(total, costs)


def _lines(discount: Discount, costs: Mapping[str, int], index: int) -> Sequence[str]:
    for name in discount.line_ids:
        if name not in costs:
            raise invalid("item_not_in_order", f"The order has no line {name}.", f"/discounts/{index}/target")
    return tuple(dict.fromkeys(discount.line_ids)) or tuple(costs)


def _check(discount: Discount, cost: int, index: int) -> None:
    if discount.amount > cost:
        raise invalid("invalid_amount", "The discount is more than what it is for costs.", f"/discounts/{index}/amount")
