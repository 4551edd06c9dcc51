"""Following parcels: tracking numbers, and what carriers report about them."""

from collections.abc import Iterator
from contextlib import contextmanager

from application.claims import DISPATCH, ready, tracking
from application.command_context import CommandContext
from application.unit_of_work import UnitOfWork
from domain.refusals import invalid
from domain.shipment import Shipment


def check_carrier(context: CommandContext, carrier: str) -> None:
    """Refuse carriers that are not configured."""
    if carrier not in context.merchant.carriers:
        known = ", ".join(sorted(context.merchant.carriers))
        raise invalid("unknown_carrier", f"{carrier} is none of {known}.", "/carrier")


def add(work: UnitOfWork, context: CommandContext) -> None:
    """Follow a package under a carrier's number."""
    body = context.body
    check_carrier(context, body["carrier"])
    with _following(work, context) as shipment:
        shipment.assign_tracking(body["carrier"], body["tracking_number"], body.get("package_id"), context.at)


def correct(work: UnitOfWork, context: CommandContext) -> None:
    """Replace a wrong number; its scans go with it."""
    body = context.body
    numbers = body["tracking_number"], body["new_tracking_number"]
    with _following(work, context) as shipment:
        shipment.correct_tracking(body["carrier"], *numbers, body.get("package_id"), context.at)


def retract(work: UnitOfWork, context: CommandContext) -> None:
    """Say that a number is not this shipment's; its scans go with it."""
    body = context.body
    with _following(work, context) as shipment:
        shipment.retract_tracking(body["carrier"], body["tracking_number"], body.get("package_id"), context.at)


def record_scan(work: UnitOfWork, context: CommandContext) -> None:
    """Record what the carrier reports about a number of this shipment."""
    with _following(work, context) as shipment:
        shipment.record_scan(context.body, context.at)


@contextmanager
def _following(work: UnitOfWork, context: CommandContext) -> Iterator[Shipment]:
    """The shipment, to be followed otherwise: what it is found by, and whether it is ready, follows along."""
    shipment, order_id = work.shipment(context.target), work.order.id
    numbers, waited = set(shipment.state.numbers), shipment.state.state == "booked"
    yield shipment
    now = set(shipment.state.numbers)
    context.claims += [tracking(number, shipment, order_id) for number in now - numbers]
    context.releases += [tracking(number, shipment, order_id) for number in numbers - now]
    waits = shipment.state.state == "booked"
    if waited and not waits:
        context.releases.append(ready(shipment, order_id))
    elif waits and not waited and not context.lookup.claims(DISPATCH, str(shipment.id), 1):
        context.claims.append(ready(shipment, order_id))
