"""Taxes of a WooCommerce order onto its lines, delivery and charges: by name and rate, as each part says them.

A part lists its taxes by the ids of the order's `tax_lines`, which have the names and rates. Where it lists none, or
others, the rate tells which one it was. Only a rate that makes the amount is taken; 0 % is a rate like any other.
"""

from decimal import Decimal
from typing import Any

from daybook.importing.sources.amounts import minor, number, rounded, scaled, spread_over, to_the_sum
from daybook.importing.sources.order import SourceOrder, Tax, Taxed
from daybook.importing.sources.taxing import worth
from domain.values import tax_on

Json = dict[str, Any]
Named = tuple[Json, Decimal]
"""One of the order's tax lines, and what a part says of it in minor units."""


def put(order: SourceOrder, said: Json, parts: list[Json], bearers: list[Taxed], rebates: list[Json]) -> None:
    """All taxes rounded together, so that they make the order's; what rebates took off is taken off the lines'.

    ``parts`` are what the source says of each of the ``bearers``; those of the lines come first.
    """
    exact = [scaled(each.get("total_tax"), order.currency, "total_tax") for each in parts]
    off = -sum((scaled(each.get("total_tax"), order.currency, "total_tax") for each in rebates), Decimal(0))
    total = minor(said["total_tax"], order.currency, "total_tax")
    whole = to_the_sum(total + rounded(off), exact, "total_tax")
    if any(part != net for part, net in zip(exact, whole, strict=True)):
        order.notes.spread.append("taxes with more decimals than the currency, rounded so that they make total_tax")
    in_lines = len(order.lines)
    less = spread_over(rounded(off), whole[:in_lines]) if off else [0] * in_lines
    less += [0] * (len(whole) - in_lines)
    costs = [*worth(order).values(), *(getattr(each, "amount", 0) for each in bearers[in_lines:])]
    lines = said.get("tax_lines") or []
    for bearer, part, tax, reduced, cost in zip(bearers, parts, whole, less, costs, strict=True):
        _name(order, bearer, (tax - reduced, cost), _own(part, lines, order.currency), lines)


def _own(part: Json, lines: list[Json], currency: str) -> list[Named]:
    """The taxes that a part lists; none where they are not all of the order's, or do not make its total_tax."""
    by_id = {str(line.get("rate_id")): line for line in lines}
    listed = [each for each in part.get("taxes") or [] if each.get("total") not in (None, "")]
    if not listed or any(str(each.get("id")) not in by_id for each in listed):
        return []
    found = [(by_id[str(each["id"])], scaled(each["total"], currency, "taxes")) for each in listed]
    makes = sum((amount for _, amount in found), Decimal(0))
    return found if abs(makes - scaled(part.get("total_tax"), currency, "total_tax")) <= 1 else []


def _name(order: SourceOrder, bearer: Taxed, taxed: tuple[int, int], own: list[Named], lines: list[Json]) -> None:
    """Its own taxes, in their proportion; else the one whose rate makes it, else the only one that there is."""
    amount, cost = taxed
    makes = sum((part for _, part in own), Decimal(0))
    if own and (makes or not amount):
        shares = to_the_sum(amount, [part * amount / makes if makes else Decimal(0) for _, part in own], "taxes")
        for (line, _), share in zip(own, shares, strict=True):
            _take(order, bearer, line, share, cost)
        return
    fitting = [line for line in lines if _is_rate(line, cost, amount)]
    if len(fitting) == 1 and (amount or cost or len(lines) == 1):
        _take(order, bearer, fitting[0], amount, cost)
        if not amount and not cost:
            order.notes.assumed.append(f"what costs nothing goes by the one tax of the order, {_label(fitting[0])}")
    elif amount and len(lines) == 1:
        _take(order, bearer, lines[0], amount, cost)
    else:
        bearer.tax_amount = amount
        if amount:
            order.notes.assumed.append("a tax that is none of the order's tax_lines: it has no name and no rate")


def _take(order: SourceOrder, bearer: Taxed, line: Json, amount: int, cost: int) -> None:
    """One named tax, with its rate if that makes the amount; 0.00 of another rate is none of it."""
    fits = _is_rate(line, cost, amount)
    if not amount and not fits:
        return
    bearer.taxes.append(Tax(_label(line), amount, _rate(line) if fits else None))
    if not fits:
        percent = line.get("rate_percent")
        why = "no rate_percent" if percent in (None, "") else f"not the {percent} % that the order names"
        order.notes.assumed.append(f"{_label(line)} has {why}: its rate is left open")


def _label(line: Json) -> str:
    return str(line.get("label") or line.get("rate_code") or "Tax")


def _rate(line: Json) -> Decimal | None:
    percent = line.get("rate_percent")
    return None if percent in (None, "") else number(percent, "rate_percent") / 100


def _is_rate(line: Json, cost: int, amount: int) -> bool:
    """Within a minor unit: the shop rounded elsewhere. What costs something and is taxed at nothing is at 0 %."""
    rate = _rate(line)
    if rate is None or (cost and not amount and rate and tax_on(cost, rate)):
        return False
    return abs(tax_on(cost, rate) - amount) <= 1 and (bool(rate) or not amount)
