"""Discounts known per line on one side and per coupon on the other: which coupon took what off which line.

Both sums are facts of the source and both are kept to the cent.
"""

from collections.abc import Sequence

from daybook.importing.sources.order import Discount, Notes, SourceLine
from domain.values import spread

Coupon = tuple[str | None, str | None, int]
"""Code, name and amount."""


def _called(code: str | None, name: str | None) -> str:
    return f"coupon {code or name}" if code or name else "the discount without a code"


def allot(coupons: Sequence[Coupon], lines: Sequence[SourceLine], taken: Sequence[int], notes: Notes) -> list[Discount]:
    """The discounts that take exactly ``taken`` off each of the lines and have exactly the amounts of the coupons.

    Where the amounts differ in sum, what the lines say holds and the rest has no code, or no amount.
    """
    off = {line.line_id: amount for line, amount in zip(lines, taken, strict=True) if amount}
    named = [coupon for coupon in coupons if coupon[2] > 0]
    costs = [line.amount for line in lines]
    if len(named) == 1 and sum(taken) == named[0][2] and any(costs) and spread(named[0][2], costs) == list(taken):
        code, name, amount = named[0]
        notes.spread.append(f"{_called(code, name)} over the lines, as the source did")
        return [Discount(amount, "lines", code, name)]
    found = []
    for code, name, amount in named:
        left = amount
        for line_id in list(off):
            part = min(left, off[line_id])
            if part:
                found.append(Discount(part, (line_id,), code, name))
                off[line_id] -= part
                left -= part
        if left:
            notes.differs.append(f"{_called(code, name)} took {left} minor units more than the lines show")
    if len(named) > 1:
        notes.spread.append("several coupons over the lines one after another: the source has only their sums")
    found += [Discount(amount, (line_id,)) for line_id, amount in off.items() if amount]
    return found
