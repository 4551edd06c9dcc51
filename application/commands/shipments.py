"""Booking shipments, undoing them, and taking back what had left."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from application import labels
from application.claims import ready, tracking
from application.command_context import CommandContext
from application.command_type import CommandType
from application.unit_of_work import UnitOfWork
from domain import labelling, returning, shipping
from domain.document_kinds import SHIPMENT
from domain.refusals import Refusal
from domain.requests import AllRemaining, ReturnedUnits, ShipmentRequest
from domain.shipment import Shipment

# Who books for an earlier day writes history down, and needs no postage for it.
LABELLED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookShipment(ShipmentRequest):
    """What to ship, how it is packed, who carries it, and under which id.

    ``label`` is whether the carrier is asked for labels, where there is an account with it.
    """

    shipment_id: UUID | None = None
    label: bool = True


def book(work: UnitOfWork, command: BookShipment, context: CommandContext) -> None:
    """Book named quantities, or all that remain, in packages; they are ready for pickup at once."""
    merchant = context.merchant
    merchant.require_carrier(command.carrier)
    merchant.require_location(command.origin, "/origin")
    shipment = work.new(Shipment, command.shipment_id or context.new_id())
    shipping.book(work.order, shipment, command, merchant.packagings, context.at, gs1_prefix=merchant.gs1_prefix)
    context.claims.append(ready(shipment, work.order.id))
    context.claims += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]
    if command.carrier in merchant.carrier_accounts and _wants_labels(command, context):
        labels.request(context, work.order.id, shipment, labelling.request(shipment, None, context.new_id, context.at))


def _wants_labels(command: BookShipment, context: CommandContext) -> bool:
    return command.label and command.external is None and context.now - context.at < LABELLED_WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLabel:
    """The carrier's labels for the packages that have none, by another service where one is named."""

    service: str | None = None


def request_label(work: UnitOfWork, command: RequestLabel, context: CommandContext) -> None:
    """Ask the carrier for the labels that are missing: refused ones, or of a shipment that was booked without."""
    shipment = work.shipment(context.target)
    if shipment.state.carrier not in context.merchant.carrier_accounts:
        detail = f"There is no account with {shipment.state.carrier}. Connect one, or label the packages yourself."
        raise Refusal("carrier_not_connected", detail)
    order = work.order.state
    wanted = labelling.request_again(order, shipment, command.service, context.new_id, context.at)
    labels.request(context, work.order.id, shipment, wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidLabel:
    """The label of a package that is not needed: of the only one, when none is named."""

    package_id: str | None = None


def void_label(work: UnitOfWork, command: VoidLabel, context: CommandContext) -> None:
    """Have the carrier take a label back; the package does not travel under its number any more."""
    shipment, order_id = work.shipment(context.target), work.order.id
    numbers = set(shipment.state.numbers)
    label = labelling.void(shipment, command.package_id, context.at)
    context.releases += [tracking(number, shipment, order_id) for number in numbers - set(shipment.state.numbers)]
    if label.state == "bought":  # of one that is still asked for there is a claim
        labels.request(context, order_id, shipment, [label])


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelShipment:
    """A booking that has not left is undone."""


def cancel(work: UnitOfWork, _command: CancelShipment, context: CommandContext) -> None:
    """Undo a booking that has not left."""
    cancel_booked(work, context, work.shipment(context.target))


def cancel_booked(work: UnitOfWork, context: CommandContext, shipment: Shipment) -> None:
    """Undo the booking of a shipment; its numbers are only looked for last, and its labels asked to be taken back."""
    context.releases += [tracking(number, shipment, work.order.id) for number in shipment.state.numbers]
    shipping.cancel(work.order, shipment, context.at)
    labels.request(context, work.order.id, shipment, labelling.give_up(shipment, context.at))
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
        name="shipments/request-label",
        value=RequestLabel,
        handle=request_label,
        summary="Ask the carrier for the labels that the shipment lacks.",
        codes=(
            "already_dispatched",
            "carrier_not_connected",
            "label_not_needed",
            "order_closed",
            "order_on_hold",
            "payment_required",
            "payment_under_review",
            "shipment_canceled",
        ),
    ),
    CommandType(
        name="shipments/void-label",
        value=VoidLabel,
        handle=void_label,
        summary="Have the carrier take back the label of a package.",
        codes=(
            "already_dispatched",
            "no_label_to_void",
            "package_not_in_shipment",
            "package_required",
            "shipment_canceled",
        ),
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
