"""The price of one unit, such that quantity x price is the amount of the line to the last cent.

Amounts of a line are rounded once, and parts of an order take the remainder; prices that include the tax have a net
that no price of two decimals gives. So where the printed net price, times the quantity, does not round to the amount,
the price is said with as few further decimals as make it do so: the standard limits the decimals of amounts, not those
of prices.
"""

from decimal import ROUND_HALF_UP, Decimal

_DECIMALS_MAX = 12
# Amounts are compared to the hundredth, in currencies without decimals too: so do those who check the line.
_HUNDREDTH = 2


def exact_price(shown: Decimal, quantity: int, amount: Decimal) -> Decimal:
    """The ``shown`` price if ``quantity`` of it round to ``amount``, else the shortest one that does."""
    if not quantity or _rounded(shown * quantity, _HUNDREDTH) == amount:
        return shown
    candidates = (_rounded(amount / quantity, decimals) for decimals in range(_HUNDREDTH, _DECIMALS_MAX))
    return next(price for price in candidates if _rounded(price * quantity, _HUNDREDTH) == amount)


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
