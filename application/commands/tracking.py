"""Following parcels: tracking numbers, and what carriers report about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from application.claims import DISPATCH, ready, tracking
from application.command_context import CommandContext
from application.command_type import CommandType
from application.unit_of_work import UnitOfWork
from domain import labelling
from domain.requests import Scan
from domain.shipment import Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTracking:
    """A carrier's number of a package: of the only one, when none is named."""

    package_id: str | None = None
    carrier: str
    tracking_number: str


def add(work: UnitOfWork, command: AddTracking, context: CommandContext) -> None:
    """Follow a package under a carrier's number."""
    context.merchant.require_carrier(command.carrier)
    with _following(work, context) as shipment:
        shipment.assign_tracking(command.carrier, command.tracking_number, command.package_id, context.at)
        labelling.supersede(shipment, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectTracking:
    """The right number in place of a wrong one."""

    package_id: str | None = None
    carrier: str
    tracking_number: str
    new_tracking_number: str


def correct(work: UnitOfWork, command: CorrectTracking, context: CommandContext) -> None:
    """Replace a wrong number; its scans go with it."""
    numbers = command.tracking_number, command.new_tracking_number
    with _following(work, context) as shipment:
        shipment.correct_tracking(command.carrier, *numbers, command.package_id, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractTracking:
    """A number that is not this shipment's."""

    package_id: str | None = None
    carrier: str
    tracking_number: str


def retract(work: UnitOfWork, command: RetractTracking, context: CommandContext) -> None:
    """Say that a number is not this shipment's; its scans go with it."""
    with _following(work, context) as shipment:
        shipment.retract_tracking(command.carrier, command.tracking_number, command.package_id, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScan(Scan):
    """What a carrier says of a parcel; when it happened stands beside it."""


def record_scan(work: UnitOfWork, command: RecordScan, context: CommandContext) -> None:
    """Record what the carrier reports about a number of this shipment."""
    with _following(work, context) as shipment:
        shipment.record_scan(command, context.at)


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


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="shipments/add-tracking",
        value=AddTracking,
        handle=add,
        summary="Follow a package under a carrier's number.",
        codes=(
            "package_not_in_shipment",
            "package_required",
            "shipment_canceled",
            "tracking_number_in_use",
            "tracking_number_required",
            "unknown_carrier",
        ),
    ),
    CommandType(
        name="shipments/correct-tracking",
        value=CorrectTracking,
        handle=correct,
        summary="Replace a wrong number by the right one.",
        codes=("shipment_canceled", "tracking_number_in_use", "tracking_number_required", "unknown_tracking"),
    ),
    CommandType(
        name="shipments/retract-tracking",
        value=RetractTracking,
        handle=retract,
        summary="Take back a number that is not this shipment's.",
        codes=("shipment_canceled", "tracking_number_required", "unknown_tracking"),
    ),
    CommandType(
        name="shipments/tracking-events",
        value=RecordScan,
        handle=record_scan,
        summary="Record what a carrier reports about a number of the shipment.",
        codes=("unknown_tracking",),
    ),
    CommandType(
        name="tracking-events",
        value=RecordScan,
        handle=record_scan,
        summary="Record what a carrier reports; the shipment is found by the number.",
        codes=("ambiguous_tracking", "unknown_tracking"),
    ),
)
