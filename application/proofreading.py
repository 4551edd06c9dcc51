"""Whether what a booking wants printed can be printed: said with the answer, before anybody stands at the printer.

A warning refuses nothing, because fonts can be installed before the label is needed.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from domain.aggregate import Aggregate
from domain.events import Event
from domain.order_events import AddressChanged, OrderPlaced
from domain.shipment_events import ShipmentBooked

UNPRINTABLE = "unprintable_characters"

Proofread = Callable[[Sequence[str]], str | None]
"""Says what is wrong with texts that are to be printed; None when nothing is."""


def unconcerned(_texts: Sequence[str]) -> str | None:
    """Finds nothing: where nothing is printed."""
    return None


def warnings(events: Sequence[Event], done: Iterable[tuple[Aggregate, Event]], proofread: Proofread) -> list[Any]:
    """A warning for a booking whose label would be refused; ``events`` are those of the order until then."""
    if not any(isinstance(event, ShipmentBooked) for _, event in done):
        return []
    complaint = proofread(list(_texts(_receiver(events))))
    return [{"code": UNPRINTABLE, "detail": complaint}] if complaint else []


def _receiver(events: Sequence[Event]) -> Any:
    """The shipping address as last given; nothing once it was erased."""
    for event in reversed(events):
        if isinstance(event, OrderPlaced) or (isinstance(event, AddressChanged) and "shipping_address" in event.kinds):
            return event.shipping_address
    return None


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
