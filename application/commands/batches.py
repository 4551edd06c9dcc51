"""Batches: select orders, say how they are packed, have them booked in the background."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from application.claims import batch_work, in_batch
from application.command_context import CommandContext
from application.command_type import CommandType
from application.unit_of_work import UnitOfWork
from domain.batch import BatchPackage
from domain.document_kinds import BATCH
from domain.packing import in_packaging
from domain.refusals import invalid
from domain.requests import RequestedPackage
from eventstore.event_keys import event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBatch:
    """Orders to be booked together."""

    origin: str
    carrier: str
    service: str
    orders: tuple[UUID, ...]
    batch_id: UUID | None = None


def create(work: UnitOfWork, command: CreateBatch, context: CommandContext) -> None:
    """Select orders; each is in at most one open batch."""
    context.merchant.require_carrier(command.carrier)
    context.merchant.require_location(command.origin, "/origin")
    context.lookup.require_orders(command.orders, "/orders")
    work.batch.create(command.orders, command.origin, command.carrier, command.service, context.at)
    context.claims += [in_batch(work.batch, order_id) for order_id in command.orders]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBatchEntry:
    """An order of a batch and how it is packed (without packages: in one), or that it leaves the batch."""

    order_id: UUID
    packages: tuple[RequestedPackage, ...] | None = None
    remove: bool = False


def set_entry(work: UnitOfWork, command: SetBatchEntry, context: CommandContext) -> None:
    """Add an order, say how it is packed, or take it out."""
    order_id, batch = command.order_id, work.batch
    if command.remove:
        batch.remove_entry(order_id, context.at)
        context.releases.append(in_batch(batch, order_id))
        return
    context.lookup.require_orders([order_id], "/order_id")
    is_new = str(order_id) not in batch.state.entries
    batch.set_entry(order_id, _packages(command, context), context.at)
    if is_new:
        context.claims.append(in_batch(batch, order_id))


def _packages(command: SetBatchEntry, context: CommandContext) -> tuple[BatchPackage, ...] | None:
    """How the order is packed, as asked for; the boxes are checked at once, the rest when it is booked."""
    packages = command.packages
    if packages is None:
        return None
    if not packages:
        raise invalid("items_not_packed", "Leave packages out for one package of everything.", "/packages")
    for index, package in enumerate(packages):
        in_packaging(package, index, context.merchant.packagings)
    return tuple(BatchPackage.of(each, each.package_id or str(index)) for index, each in enumerate(packages, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessBatch:
    """The orders of a batch are to be booked."""


def process(work: UnitOfWork, _command: ProcessBatch, context: CommandContext) -> None:
    """Ask for processing; the claim on the work stays until every entry was tried."""
    tried = work.batch.start(context.at)
    if work.batch.state.attempt > 1:
        context.claims += [in_batch(work.batch, order_id) for order_id in tried]
    context.claims.append(batch_work(work.batch.id))
    context.because = event_id(work.batch.id, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBatch:
    """A batch that was not processed is given up."""


def cancel(work: UnitOfWork, _command: CancelBatch, context: CommandContext) -> None:
    """Give up a batch that was not processed."""
    work.batch.cancel(context.at)
    context.releases += [in_batch(work.batch, entry.order_id) for entry in work.batch.state.entries.values()]


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="batches",
        value=CreateBatch,
        handle=create,
        summary="Select orders to be booked together.",
        codes=("duplicate_order", "id_in_use", "order_in_other_batch", "unknown_carrier", "unknown_location"),
        creates=BATCH,
        begins=True,
        id_field="batch_id",
    ),
    CommandType(
        name="batches/entries",
        value=SetBatchEntry,
        handle=set_entry,
        summary="Add an order to a batch, say how it is packed, or take it out.",
        codes=(
            "batch_not_open",
            "item_not_in_batch",
            "items_not_packed",
            "order_in_other_batch",
            "package_overweight",
            "too_many_orders",
            "unknown_packaging",
        ),
    ),
    CommandType(
        name="batches/process",
        value=ProcessBatch,
        handle=process,
        summary="Have the orders of a batch booked in the background.",
        codes=("batch_not_open", "order_in_other_batch"),
        continues=True,
    ),
    CommandType(
        name="batches/cancel",
        value=CancelBatch,
        handle=cancel,
        summary="Give up a batch that was not processed.",
        codes=("batch_not_open",),
    ),
)
