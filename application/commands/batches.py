"""Batches: select orders, say how they are packed, have them booked in the background."""

from collections.abc import Mapping
from typing import Any

from application.claims import batch_work, in_batch
from application.command_context import CommandContext
from application.commands.tracking import check_carrier
from application.unit_of_work import UnitOfWork
from domain.batch import BatchPackage
from domain.packing import in_packaging
from domain.refusals import invalid
from domain.values import Units


def create(work: UnitOfWork, context: CommandContext) -> None:
    """Select orders; each is in at most one open batch."""
    body = context.body
    check_carrier(context, body["carrier"])
    if body["origin"] not in context.merchant.locations:
        known = ", ".join(sorted(context.merchant.locations))
        raise invalid("unknown_location", f"{body['origin']} is none of {known}.", "/origin")
    context.lookup.require_orders(body["orders"], "/orders")
    work.batch.create(body["orders"], body["origin"], body["carrier"], body["service"], context.at)
    context.claims += [in_batch(work.batch, order_id) for order_id in body["orders"]]


def set_entry(work: UnitOfWork, context: CommandContext) -> None:
    """Add an order, say how it is packed, or take it out."""
    order_id, batch = context.body["order_id"], work.batch
    if context.body.get("remove"):
        batch.remove_entry(order_id, context.at)
        context.releases.append(in_batch(batch, order_id))
        return
    context.lookup.require_orders([order_id], "/order_id")
    is_new = str(order_id) not in batch.state.entries
    batch.set_entry(order_id, _packages(context), context.at)
    if is_new:
        context.claims.append(in_batch(batch, order_id))


def _packages(context: CommandContext) -> tuple[BatchPackage, ...] | None:
    """How the order is packed, as asked for; the boxes are checked at once, the rest when it is booked."""
    packages = context.body.get("packages")
    if packages is None:
        return None
    if not packages:
        raise invalid("items_not_packed", "Leave packages out for one package of everything.", "/packages")
    for index, package in enumerate(packages):
        in_packaging(package, index, context.merchant.packagings)
    return tuple(_package(package, index) for index, package in enumerate(packages))


def _package(package: Mapping[str, Any], index: int) -> BatchPackage:
    name = package.get("package_id") or str(index + 1)
    contents = tuple(Units(each["line_id"], each["quantity"]) for each in package["contents"])
    return BatchPackage(**{**package, "package_id": name, "contents": contents})


def process(work: UnitOfWork, context: CommandContext) -> None:
    """Ask for processing; the claim on the work stays until every entry was tried."""
    tried = work.batch.start(context.at)
    if work.batch.state.attempt > 1:
        context.claims += [in_batch(work.batch, order_id) for order_id in tried]
    context.claims.append(batch_work(work.batch.id))


def cancel(work: UnitOfWork, context: CommandContext) -> None:
    """Give up a batch that was not processed."""
    work.batch.cancel(context.at)
    context.releases += [in_batch(work.batch, entry.order_id) for entry in work.batch.state.entries.values()]
