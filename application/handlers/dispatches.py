"""Dispatches: what a carrier collects, and the manifest over it."""

from uuid import UUID

from application.book import Book
from application.claims import READY, on_dispatch, ready
from application.handlers.tracking import check_carrier
from application.work import Work
from domain.dispatch import SHIPMENTS_MAX


def create(book: Book, work: Work) -> None:
    """Put booked shipments (or all that are ready) on a dispatch; each is on at most one."""
    body = work.body
    check_carrier(work, body["carrier"])
    shipments = work.lookup.attach_shipments(_wanted(work))
    book.dispatch.schedule(body["carrier"], body["location"], body["ready_at"], shipments, work.at)
    for shipment in shipments:
        work.claims.append(on_dispatch(book.dispatch.id, shipment))
        work.releases.append(ready(shipment, book.partition_of(shipment)))


def _wanted(work: Work) -> list[UUID]:
    wanted = work.body["shipments"]
    if wanted != "all_ready":
        return list(dict.fromkeys(wanted))
    prefix = f"{work.body['carrier']}:{work.body['location']}:"
    waiting = work.lookup.claims(READY, prefix, SHIPMENTS_MAX)
    return [UUID(claim.key.removeprefix(prefix)) for claim in waiting]


def close(book: Book, work: Work) -> None:
    """Hand the shipments over and issue the manifest."""
    book.dispatch.require_open()
    shipments = work.lookup.attach_shipments(book.dispatch.state.shipments)
    book.dispatch.close(shipments, work.at, book.stationery())


def cancel(book: Book, work: Work) -> None:
    """Call the pickup off; what is still booked is ready for another dispatch."""
    book.dispatch.cancel(work.at)
    for shipment in work.lookup.attach_shipments(book.dispatch.state.shipments):
        work.releases.append(on_dispatch(book.dispatch.id, shipment))
        if shipment.state.state == "booked":
            work.claims.append(ready(shipment, book.partition_of(shipment)))
