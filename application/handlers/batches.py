"""Batches: select orders, say how they are packed, have them booked in the background."""

from collections.abc import Mapping
from typing import Any

from application.book import Book
from application.claims import batch_work, in_batch
from application.handlers.tracking import check_carrier
from application.work import Work
from domain.batch import BatchPackage
from domain.packing import in_packaging
from domain.refusals import invalid
from domain.values import Units


def create(book: Book, work: Work) -> None:
    """Select orders; each is in at most one open batch."""
    body = work.body
    check_carrier(work, body["carrier"])
    if body["origin"] not in work.merchant.locations:
        known = ", ".join(sorted(work.merchant.locations))
        raise invalid("unknown_location", f"{body['origin']} is none of {known}.", "/origin")
    work.lookup.require_orders(body["orders"], "/orders")
    book.batch.create(body["orders"], body["origin"], body["carrier"], body["service"], work.at)
    work.claims += [in_batch(book.batch, order_id) for order_id in body["orders"]]


def set_entry(book: Book, work: Work) -> None:
    """Add an order, say how it is packed, or take it out."""
    order_id, batch = work.body["order_id"], book.batch
    if work.body.get("remove"):
        batch.remove_entry(order_id, work.at)
        work.releases.append(in_batch(batch, order_id))
        return
    work.lookup.require_orders([order_id], "/order_id")
    is_new = str(order_id) not in batch.state.entries
    batch.set_entry(order_id, _packages(work), work.at)
    if is_new:
        work.claims.append(in_batch(batch, order_id))


def _packages(work: Work) -> tuple[BatchPackage, ...] | None:
    """How the order is packed, as asked for; the boxes are checked at once, the rest when it is booked."""
    packages = work.body.get("packages")
    if packages is None:
        return None
    if not packages:
        raise invalid("items_not_packed", "Leave packages out for one package of everything.", "/packages")
    for index, package in enumerate(packages):
        in_packaging(package, index, work.merchant.packagings)
    return tuple(_package(package, index) for index, package in enumerate(packages))


def _package(package: Mapping[str, Any], index: int) -> BatchPackage:
    name = package.get("package_id") or str(index + 1)
    contents = tuple(Units(each["line_id"], each["quantity"]) for each in package["contents"])
    return BatchPackage(**{**package, "package_id": name, "contents": contents})


def process(book: Book, work: Work) -> None:
    """Ask for processing; the claim on the work stays until every entry was tried."""
    tried = book.batch.start(work.at)
    if book.batch.state.attempt > 1:
        work.claims += [in_batch(book.batch, order_id) for order_id in tried]
    work.claims.append(batch_work(book.batch.id))


def cancel(book: Book, work: Work) -> None:
    """Give up a batch that was not processed."""
    book.batch.cancel(work.at)
    work.releases += [in_batch(book.batch, entry.order_id) for entry in book.batch.state.entries.values()]
