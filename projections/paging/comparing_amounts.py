"""Amounts of several currencies in one comparison: whoever asks for more than 100 is told what was compared."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from projections.paging.query import Range, Warned


class _Priced(msgspec.Struct):
    currency: str


_read = msgspec.json.Decoder(list[_Priced]).decode


def warnings(items: bytes, numbers: Mapping[str, Range[Decimal]], choices: Mapping[str, Any]) -> list[Warned]:
    """A word about each filter by amounts in the orders' own currencies, where its rows are of more than one.

    Nobody is bothered who has only one, or has chosen one.
    """
    compared = sorted(numbers)
    if not compared or len(choices.get("currency", ())) == 1:
        return []
    currencies = sorted({item.currency for item in _read(b"[" + items + b"]")})
    if len(currencies) < 2:
        return []
    told = (
        f"Compared as plain numbers in each order's own currency, here {', '.join(currencies)}. "
        f"Add currency={currencies[0]}, or ask base_grand_total_min and _max for amounts in the base currency."
    )
    return [Warned(f"{column}_{end}", told) for column in compared for end in _ends(numbers[column])]


def _ends(span: Range[Decimal]) -> list[str]:
    return [end for end, given in (("min", span.low), ("max", span.high)) if given is not None]
