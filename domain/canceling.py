"""Canceling: giving up units of an order, and its charges with the last of them.

In which statuses, and what else must hold, says the row ``cancel`` of ``lifecycle``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain.conditions import CANCELABLE, brought_back
from domain.lifecycle import require
from domain.order import Order
from domain.order_events import OrderCanceled
from domain.requests import ALL_REMAINING
from domain.returning import take_back
from domain.shipment import Shipment
from domain.values import Units


def cancel(order: Order, shipments: Iterable[Shipment], lines: Sequence[Units] | None, at: datetime) -> None:
    """Cancel the named quantities, or all that can be.

    Without lines that is what is neither invoiced nor booked, and the charges that are on no invoice where no unit
    is left that could take them onto one. It includes what no invoice holds and a carrier is bringing back: refused
    parcels end with the order.
    """
    if lines is None:
        for shipment in shipments:
            if brought_back(order.state, shipment.state):
                take_back(order, shipment, ALL_REMAINING, at)
    require(order.state, "cancel", at)
    if lines is not None or not order.state.charge_alone:
        wanted = order.quantities(
            ALL_REMAINING if lines is None else lines,
            lambda line: line.to_cancel,
            (CANCELABLE, "quantity_exceeds_cancelable"),
        )
        give_up(order, wanted, "request", at)
    if lines is None and order.state.charge_alone:
        give_up(order, {}, "request", at)


def expire(order: Order, now: datetime) -> None:
    """Cancel an order that was not paid in time; always loses against a payment."""
    require(order.state, "expire", now)
    cancel_remaining(order, "expiry", now)


def cancel_remaining(order: Order, cause: str, at: datetime) -> None:
    """Cancel all that is neither invoiced nor booked, if anything is."""
    remaining = {name: line.to_cancel for name, line in order.state.lines.items() if line.to_cancel}
    if remaining:
        give_up(order, remaining, cause, at)


def give_up(order: Order, units: Mapping[str, int], cause: str, at: datetime) -> None:
    """Give up ``units`` (line id to quantity), and the open charges when nothing else is left."""
    state = order.state
    ends = not units or sum(line.live for line in state.lines.values()) == sum(units.values())
    order.trigger(
        OrderCanceled(
            occurred_at=at,
            lines=tuple(state.share(name, quantity) for name, quantity in units.items()),
            shipping=state.shipping_open if ends else 0,
            shipping_tax=state.shipping_tax_open if ends else 0,
            charges=state.open_charges if ends else (),
            cause=cause,
        )
    )
