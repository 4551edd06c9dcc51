"""Dispatches: what a carrier collects, and the manifest over it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from application import labels
from application.claims import READY, manifest_work, on_dispatch, ready
from application.command_context import CommandContext
from application.command_type import CommandType
from application.unit_of_work import UnitOfWork
from domain.dispatch import SHIPMENTS_MAX, held_back
from domain.document_kinds import DISPATCH
from domain.order import Order
from domain.shipment import Shipment
from eventstore.errors import Unreadable

# How many waiting shipments are looked through for those that may leave.
WAITING_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDispatch:
    """Shipments that a carrier collects at a place: the named ones, or all that are ready and not stopped."""

    carrier: str
    location: str
    ready_at: datetime
    shipments: Literal["all_ready"] | tuple[UUID, ...]
    dispatch_id: UUID | None = None


def create(work: UnitOfWork, command: CreateDispatch, context: CommandContext) -> None:
    """Put booked shipments on a dispatch: the named ones, or all that are ready and not stopped."""
    context.merchant.require_carrier(command.carrier)
    if command.shipments == "all_ready":
        shipments = _all_ready(work, command, context)
    else:
        shipments = context.lookup.attach_shipments(list(dict.fromkeys(command.shipments)))
    pickup = command.carrier, command.location, command.ready_at
    work.dispatch.schedule(pickup, shipments, _stopped(work, shipments), context.at)
    for shipment in shipments:
        context.claims.append(on_dispatch(work.dispatch.id, shipment.id))
        context.releases.append(ready(shipment, work.partition_of(shipment)))


def _all_ready(work: UnitOfWork, command: CreateDispatch, context: CommandContext) -> list[Shipment]:
    """As many as a dispatch takes of those that wait; stopped ones in front keep nobody from being found."""
    prefix = f"{command.carrier}:{command.location}:"
    waiting = [UUID(each.key.removeprefix(prefix)) for each in context.lookup.claims(READY, prefix, WAITING_MAX)]
    free: list[Shipment] = []
    for start in range(0, len(waiting), SHIPMENTS_MAX):
        shipments, _ = _readable(context, waiting[start : start + SHIPMENTS_MAX])
        stopped = _stopped(work, shipments)
        free += [each for each in shipments if each.id not in stopped and each.state.state == "booked"]
        if len(free) >= SHIPMENTS_MAX:
            break
    return free[:SHIPMENTS_MAX]


def _stopped(work: UnitOfWork, shipments: Sequence[Shipment]) -> dict[UUID, str]:
    """By shipment, what keeps it here."""
    codes = {each.id: held_back(work.document(Order, work.partition_of(each)).state, each.state) for each in shipments}
    return {shipment_id: code for shipment_id, code in codes.items() if code is not None}


def _readable(context: CommandContext, shipment_ids: Sequence[UUID]) -> tuple[list[Shipment], list[UUID]]:
    """The shipments, and the ids of those whose orders cannot be read: they hold up no other."""
    with suppress(Unreadable):
        return context.lookup.attach_shipments(shipment_ids), []
    found: list[Shipment] = []
    unreadable: list[UUID] = []
    for shipment_id in shipment_ids:
        try:
            found += context.lookup.attach_shipments([shipment_id])
        except Unreadable:
            unreadable.append(shipment_id)
    return found, unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDispatch:
    """The carrier takes the shipments along."""


def close(work: UnitOfWork, _command: CloseDispatch, context: CommandContext) -> None:
    """Hand the shipments over and issue the manifest; what stays behind is ready for another dispatch."""
    work.dispatch.require_open()
    shipments, unreadable = _readable(context, work.dispatch.state.shipments)
    stopped = _stopped(work, shipments) | dict.fromkeys(unreadable, "order_unreadable")
    work.dispatch.close(shipments, stopped, context.at, work.stationery())
    left = set(work.dispatch.state.shipments)
    if work.dispatch.state.carrier in context.merchant.carrier_manifests and labels.references(shipments, left):
        work.dispatch.ask_manifest(context.new_id(), context.at)
        context.claims.append(manifest_work(context.now, work.dispatch.id, work.dispatch.state.carrier))
    _give_back(work, context, [shipment for shipment in shipments if shipment.id not in left], unreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDispatch:
    """The pickup is called off."""


def cancel(work: UnitOfWork, _command: CancelDispatch, context: CommandContext) -> None:
    """Call the pickup off; what is still booked is ready for another dispatch."""
    work.dispatch.cancel(context.at)
    _give_back(work, context, *_readable(context, work.dispatch.state.shipments))


def _give_back(
    work: UnitOfWork, context: CommandContext, shipments: Sequence[Shipment], unreadable: Sequence[UUID]
) -> None:
    """Free the shipments for another dispatch; what cannot be read now can be named for one later."""
    freed = [*(shipment.id for shipment in shipments), *unreadable]
    context.releases += [on_dispatch(work.dispatch.id, shipment_id) for shipment_id in freed]
    booked = [shipment for shipment in shipments if shipment.state.state == "booked"]
    context.claims += [ready(shipment, work.partition_of(shipment)) for shipment in booked]


_STOPS = (
    "label_not_bought",
    "order_closed",
    "order_on_hold",
    "order_unreadable",
    "payment_required",
    "payment_under_review",
)
COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="dispatches",
        value=CreateDispatch,
        handle=create,
        summary="Put booked shipments on a dispatch for a carrier's pickup.",
        codes=(
            *_STOPS,
            "already_on_dispatch",
            "id_in_use",
            "mixed_carrier",
            "mixed_location",
            "ready_at_too_soon",
            "shipment_not_ready",
            "too_many_shipments",
            "unknown_carrier",
        ),
        creates=DISPATCH,
        begins=True,
        id_field="dispatch_id",
    ),
    CommandType(
        name="dispatches/close",
        value=CloseDispatch,
        handle=close,
        summary="Hand the shipments over and issue the manifest.",
        codes=(*_STOPS, "dispatch_not_open", "shipment_not_ready"),
    ),
    CommandType(
        name="dispatches/cancel",
        value=CancelDispatch,
        handle=cancel,
        summary="Call the pickup off.",
        codes=("dispatch_not_open",),
    ),
)
