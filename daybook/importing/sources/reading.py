"""What every reader is told, and what it gives: orders one at a time, and refusals with the place they stand at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from daybook.importing.sources.order import Place, SourceOrder

UTC = ZoneInfo("UTC")


def _uncounted(_orders: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the files do not say: the zone of their times, the currency where none is named, their encoding.

    ``place_without_amounts``: orders that were canceled and carry no amounts are placed at 0.00, not refused.
    ``untaxed_at_zero``: the merchant charges no tax, so that what has none is at 0 % and not at a rate nobody knows.
    ``base_currency`` is that of the books here, blank where nobody was asked.
    ``counted`` is told how many orders there are once a file was read, before the first of them is given.
    """

    time_zone: ZoneInfo = UTC
    currency: str = ""
    encoding: str = "utf-8-sig"
    place_without_amounts: bool = False
    untaxed_at_zero: bool = False
    base_currency: str = ""
    counted: Callable[[int], None] = _uncounted


@dataclass(frozen=True, slots=True)
class RefusedOrder:
    """An order, or a row, that is not taken, and why."""

    number: str
    place: Place
    reason: str


Reading = Iterator[SourceOrder | RefusedOrder]
Reader = Callable[[Sequence[Path], Options], Reading]


@dataclass(frozen=True, slots=True)
class Source:
    """One system: its name, how its export is made, how it is read, and where each of its fields goes by part."""

    name: str
    title: str
    files: str
    read: Reader
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
