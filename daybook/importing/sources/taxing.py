"""Taxes that a source knows of the whole order only, put on lines, delivery and charges so that they add up.

Where the name of a tax says its rate ("GST 5%"), the rate tells what it was taken of; else it is spread over everything
taxable in proportion. Either way the parts make the amount to the cent.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from daybook.importing.sources.amounts import spread_over, to_text
from daybook.importing.sources.order import Notes, SourceCharge, SourceLine, SourceOrder, Tax, Taxed
from daybook.importing.sources.refused import Refused
from domain.discounts import LINES, SHIPPING, take_off
from domain.order_values import Discount
from domain.refusals import Refusal
from domain.values import portion, tax_on, tax_within

CHOSEN_FROM_MAX = 10
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")


def rate_in(name: str) -> Decimal | None:
    """The rate that the name of a tax says, as a fraction."""
    found = _RATE.search(name)
    rate = Decimal(found[1]) / 100 if found else None
    return rate if rate is not None and rate <= 1 else None


def worth(order: SourceOrder) -> dict[str, int]:
    """What each line costs after all discounts, by line id: by the arithmetic that Daybook itself will use."""
    left, _ = _left(order)
    return left


def delivery_worth(order: SourceOrder) -> int:
    """What the delivery costs after its discounts."""
    return _left(order)[1]


def _left(order: SourceOrder) -> tuple[dict[str, int], int]:
    costs = {line.line_id: line.amount - line.discount for line in order.lines}
    delivery = order.delivery.amount if order.delivery else 0
    discounts = [
        Discount(amount=each.amount, target=SHIPPING)
        if each.target == SHIPPING
        else Discount(amount=each.amount, line_ids=() if each.target == LINES else tuple(each.target))
        for each in order.discounts
    ]
    try:
        off, off_delivery = take_off(discounts, costs, delivery)
    except Refusal as refusal:
        raise Refused(f"A discount does not fit the order: {refusal.detail}") from None
    return {name: cost - off[name] for name, cost in costs.items()}, delivery - off_delivery


def credited(order: SourceOrder, lines: Sequence[tuple[str, int]], shipping: int) -> int:
    """What Daybook will credit for the first refund of these units and of so much delivery, taxes included."""
    left = worth(order)
    total = 0
    for line_id, quantity in lines:
        line = order.line(line_id)
        taxes = [left[line_id]] if order.prices_include_tax else [left[line_id], line.tax]
        total += sum(portion(part, quantity, line.quantity) for part in taxes)
    delivery = delivery_worth(order)
    if shipping and delivery:
        tax = 0 if order.prices_include_tax or order.delivery is None else order.delivery.tax
        total += shipping + portion(tax, shipping, delivery)
    return total


def put_tax(
    order: SourceOrder,
    name: str,
    amount: int,
    taxable: Sequence[SourceLine],
    charges: Sequence[SourceCharge] = (),
    *,
    marketplace: bool = False,
) -> None:
    """One named tax of the order onto its taxable lines, its delivery and ``charges``."""
    rate = None if marketplace else rate_in(name)
    left = worth(order)
    lines: list[tuple[Taxed, int]] = [(line, left[line.line_id]) for line in taxable if left[line.line_id] > 0]
    delivery: list[tuple[Taxed, int]] = []
    if order.delivery is not None and delivery_worth(order) > 0:
        delivery = [(order.delivery, delivery_worth(order))]
    others: list[tuple[Taxed, int]] = [(charge, charge.amount) for charge in charges]
    bearers, fits = _bearers(amount, rate, (lines + delivery, lines, lines + delivery + others), order)
    if not bearers:
        bearers = [(line, 1) for line in order.lines[:1]]
    parts = spread_over(amount, [weight for _, weight in bearers])
    for (bearer, _), part in zip(bearers, parts, strict=True):
        bearer.taxes.append(Tax(name, part, rate if fits else None, marketplace))
    _say(order.notes, name, amount, order.currency, bearers=len(bearers), known=fits, rate=rate)


def settle_rates(order: SourceOrder) -> None:
    """Rates of what bears no tax beside things that do: what costs something was taxed at nothing, which is 0 %.

    What costs nothing goes by the rate of most of the order. Where one rate is not known, all that is open stays so.
    """
    left = worth(order)
    parts: list[tuple[str, Taxed, int]] = [(f"line {line.line_id}", line, left[line.line_id]) for line in order.lines]
    parts += [(charge.name or charge.kind, charge, charge.amount) for charge in order.charges]
    if order.delivery is not None:
        parts.append(("the delivery", order.delivery, delivery_worth(order)))
    costs: Counter[tuple[tuple[str, Decimal | None], ...]] = Counter()
    for _, taxed, cost in parts:
        if taxed.taxes:
            costs[tuple((tax.name, tax.rate) for tax in taxed.taxes)] += cost
    open_rates = any(taxed.tax_amount and taxed.tax_rate is None for _, taxed, _ in parts)
    if not costs or open_rates or any(rate is None for taxes in costs for _, rate in taxes):
        return
    ((most, _),) = costs.most_common(1)
    for called, taxed, cost in parts:
        if taxed.taxes or taxed.tax_amount or taxed.tax_rate is not None:
            continue
        if cost:
            taxed.tax_rate = Decimal(0)
            order.notes.assumed.append(f"{called} bears no tax, beside what does: it is at 0 %")
        else:
            taxed.taxes = [Tax(name, 0, rate) for name, rate in most]
            order.notes.assumed.append(f"{called} costs nothing: it goes by {' and '.join(name for name, _ in most)}")


def _bearers(
    amount: int, rate: Decimal | None, choices: Sequence[list[tuple[Taxed, int]]], order: SourceOrder
) -> tuple[list[tuple[Taxed, int]], bool]:
    """What the tax was taken of, where the rate tells; else all that is taxable."""
    taken = tax_within if order.prices_include_tax else tax_on
    if rate is not None:
        for choice in choices:
            base = sum(weight for _, weight in choice)
            if base > 0 and amount in {taken(base, rate), sum(taken(weight, rate) for _, weight in choice)}:
                return choice, True  # rounded once, or part by part
        fits = [some for some in _some_of(choices[0]) if taken(sum(weight for _, weight in some), rate) == amount]
        if len(fits) == 1:  # goods of several rates: only these make the amount
            return fits[0], True
    return choices[0], False


def _some_of(parts: list[tuple[Taxed, int]]) -> Iterator[list[tuple[Taxed, int]]]:
    """Each choice of some of them, where they are few."""
    if len(parts) <= CHOSEN_FROM_MAX:
        for count in range(1, len(parts)):
            yield from map(list, combinations(parts, count))


def _say(
    notes: Notes, name: str, amount: int, currency: str, *, bearers: int, known: bool, rate: Decimal | None
) -> None:
    said = f"{name} of {to_text(amount, currency)}"
    if bearers > 1:
        notes.spread.append(f"{said} over {bearers} of lines and delivery, in proportion to what they cost")
    if rate is not None and not known:
        notes.assumed.append(f"{said} is not {rate * 100:f} % of anything here: its rate is left open")
