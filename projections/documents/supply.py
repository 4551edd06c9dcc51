"""When what an invoice charges was supplied, as far as the order tells.

Goods are supplied when they leave; what is not shipped, with its invoice. As long as some of an invoice's units have
not left nobody knows the day, and none is made up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.invoice import InvoiceIssued
from domain.shipment_state import NOT_YET_MOVING
from domain.values import Share
from projections.order_history.history import OrderHistory, ShipmentHistory

WITHDRAWN = frozenset({"canceled", "voided", "corrected"})


def supplied_at(history: OrderHistory, issued: InvoiceIssued) -> datetime | None:
    """When the last units of an invoice left; None while some have not, or nobody knows when they did."""
    goods = goods_of(history, issued.lines)
    if not goods:
        return issued.occurred_at if issued.lines else None
    charged: Counter[str] = Counter()
    for invoice in history.invoices.values():
        if invoice.state.state not in WITHDRAWN or invoice.issued is issued:
            charged.update({share.line_id: share.quantity for share in invoice.issued.lines})
        if invoice.issued is issued:
            break
    departures = list(_departures(history))
    sent: Counter[str] = Counter()
    for _, contents in departures:
        sent += contents
    if any(sent[line_id] < charged[line_id] for line_id in goods):
        return None
    return max(left for left, contents in departures if goods & contents.keys())


def goods_of(history: OrderHistory, shares: Iterable[Share]) -> set[str]:
    """The lines of a document that are shipped; what the order no longer knows (it was amended since) may have been."""
    lines = history.order.lines
    return {s.line_id for s in shares if s.line_id not in lines or lines[s.line_id].shippable}


def _departures(history: OrderHistory) -> Iterator[tuple[datetime, Counter[str]]]:
    """When each parcel left, with the units in it."""
    for shipment in history.shipments.values():
        if shipment.state.canceled:
            continue
        for package_id, package in shipment.state.packages.items():
            left = _left(shipment, package_id)
            if left is not None:
                yield left, package.packed


def _left(shipment: ShipmentHistory, package_id: str) -> datetime | None:
    numbers = shipment.state.packages[package_id].journeys
    moving = [
        scan.occurred_at
        for number in numbers
        for scan in shipment.scans.get(number, ())
        if scan.status not in NOT_YET_MOVING
    ]
    handed_over = [shipment.dispatched_at] if shipment.dispatched_at else []
    return min([*handed_over, *moving], default=None)
