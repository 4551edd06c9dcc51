"""Booking shipments, undoing them, and taking back what had left."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from application.claims import ready, tracking
from application.command_context import CommandContext
from application.command_type import CommandType
from application.unit_of_work import UnitOfWork
from domain import returning, shipping
from domain.document_kinds import SHIPMENT
from domain.requests import AllRemaining, ReturnedUnits, ShipmentRequest
from domain.shipment import Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class BookShipment(ShipmentRequest):
    """What to ship, how it is packed, who carries it, and under which id."""

    shipment_id: UUID | None = None


def book(work: UnitOfWork, command: BookShipment, context: CommandContext) -> None:
    """Book named quantities, or all that remain, in packages; they are ready for pickup at once."""
    merchant = context.merchant
    merchant.require_carrier(command.carrier)
    merchant.require_location(command.origin, "/origin")
    shipment = work.new(Shipment, command.shipment_id or context.new_id())
    shipping.book(work.order, shipment, command, merchant.packagings, context.at, gs1_prefix=merchant.gs1_prefix)
    context.claims.append(ready(shipment, work.order.id))
    context.claims += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelShipment:
    """A booking that has not left is undone."""


def cancel(work: UnitOfWork, _command: CancelShipment, context: CommandContext) -> None:
    """Undo a booking that has not left."""
    cancel_booked(work, context, work.shipment(context.target))


def cancel_booked(work: UnitOfWork, context: CommandContext, shipment: Shipment) -> None:
    """Undo the booking of a shipment; its numbers are only looked for last from now on."""
    context.releases += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]
    shipping.cancel(work.order, shipment, context.at)
    context.releases.append(ready(shipment, work.order.id))
    context.claims += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnUnits:
    """What had left on a shipment and came back or is lost: everything that is out, or quantities of lines."""

    lines: AllRemaining | tuple[ReturnedUnits, ...]


def take_back(work: UnitOfWork, command: ReturnUnits, context: CommandContext) -> None:
    """Record units that left and came back, or are lost."""
    returning.take_back(work.order, work.shipment(context.target), command.lines, context.at)


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="orders/shipments",
        value=BookShipment,
        handle=book,
        summary="Book quantities of lines, or all that remains, in packages for a carrier.",
        codes=(
            "duplicate_package",
            "id_in_use",
            "item_not_in_order",
            "items_not_packed",
            "nothing_to_ship",
            "order_on_hold",
            "package_overweight",
            "payment_required",
            "payment_under_review",
            "quantity_exceeds_unshipped",
            "tracking_number_in_use",
            "tracking_number_required",
            "unknown_carrier",
            "unknown_location",
            "unknown_packaging",
            "virtual_only",
            "weight_required",
        ),
        creates=SHIPMENT,
        id_field="shipment_id",
    ),
    CommandType(
        name="shipments/cancel",
        value=CancelShipment,
        handle=cancel,
        summary="Undo a booking that has not left.",
        codes=("already_dispatched", "shipment_canceled"),
    ),
    CommandType(
        name="shipments/return",
        value=ReturnUnits,
        handle=take_back,
        summary="Record units that had left and came back, or are lost.",
        codes=("disposition_mismatch", "item_not_in_order", "quantity_exceeds_shipped", "shipment_canceled"),
    ),
)
