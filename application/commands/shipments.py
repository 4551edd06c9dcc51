"""Booking shipments, undoing them, and taking back what had left."""

from application.claims import ready, tracking
from application.command_context import CommandContext
from application.commands.tracking import check_carrier
from application.unit_of_work import UnitOfWork
from domain import returning, shipping
from domain.refusals import invalid
from domain.shipment import Shipment


def book(work: UnitOfWork, context: CommandContext) -> None:
    """Book named quantities, or all that remain, in packages; they are ready for pickup at once."""
    request = {"origin": "main"} | context.body | {"gs1_prefix": context.merchant.gs1_prefix}
    check_carrier(context, request["carrier"])
    if request["origin"] not in context.merchant.locations:
        known = ", ".join(sorted(context.merchant.locations))
        raise invalid("unknown_location", f"{request['origin']} is none of {known}.", "/origin")
    shipment = work.new(Shipment, context.chosen_id("shipment_id"))
    shipping.book(work.order, shipment, request, context.merchant.packagings, context.at)
    context.claims.append(ready(shipment, work.order.id))
    context.claims += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]


def cancel(work: UnitOfWork, context: CommandContext) -> None:
    """Undo a booking that has not left."""
    cancel_booked(work, context, work.shipment(context.target))


def cancel_booked(work: UnitOfWork, context: CommandContext, shipment: Shipment) -> None:
    """Undo the booking of a shipment; its numbers are only looked for last from now on."""
    context.releases += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]
    shipping.cancel(work.order, shipment, context.at)
    context.releases.append(ready(shipment, work.order.id))
    context.claims += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]


def take_back(work: UnitOfWork, context: CommandContext) -> None:
    """Record units that left and came back, or are lost."""
    returning.take_back(work.order, work.shipment(context.target), context.body["lines"], context.at)
