"""Dispatches: what a carrier collects, and the manifest over it."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from application.book import Book
from application.claims import READY, on_dispatch, ready
from application.handlers.tracking import check_carrier
from application.work import Work
from domain.dispatch import SHIPMENTS_MAX, stopped_by
from domain.order import Order
from domain.shipment import Shipment
from eventstore.errors import Unreadable

# How many waiting shipments are looked through for those that may leave.
WAITING_MAX = 10_000


def create(book: Book, work: Work) -> None:
    """Put booked shipments on a dispatch: the named ones, or all that are ready and not stopped."""
    body = work.body
    check_carrier(work, body["carrier"])
    wanted = body["shipments"]
    if wanted == "all_ready":
        shipments = _all_ready(book, work)
    else:
        shipments = work.lookup.attach_shipments(list(dict.fromkeys(wanted)))
    pickup = body["carrier"], body["location"], body["ready_at"]
    book.dispatch.schedule(pickup, shipments, _stopped(book, shipments), work.at)
    for shipment in shipments:
        work.claims.append(on_dispatch(book.dispatch.id, shipment.id))
        work.releases.append(ready(shipment, book.partition_of(shipment)))


def _all_ready(book: Book, work: Work) -> list[Shipment]:
    """As many as a dispatch takes of those that wait; stopped ones in front keep nobody from being found."""
    prefix = f"{work.body['carrier']}:{work.body['location']}:"
    waiting = [UUID(each.key.removeprefix(prefix)) for each in work.lookup.claims(READY, prefix, WAITING_MAX)]
    free: list[Shipment] = []
    for start in range(0, len(waiting), SHIPMENTS_MAX):
        shipments, _ = _readable(work, waiting[start : start + SHIPMENTS_MAX])
        stopped = _stopped(book, shipments)
        free += [each for each in shipments if each.id not in stopped and each.state.state == "booked"]
        if len(free) >= SHIPMENTS_MAX:
            break
    return free[:SHIPMENTS_MAX]


def _stopped(book: Book, shipments: Sequence[Shipment]) -> dict[UUID, str]:
    """By shipment, what holds its order."""
    codes = {each.id: stopped_by(book.document(Order, book.partition_of(each)).state) for each in shipments}
    return {shipment_id: code for shipment_id, code in codes.items() if code is not None}


def _readable(work: Work, shipment_ids: Sequence[UUID]) -> tuple[list[Shipment], list[UUID]]:
    """The shipments, and the ids of those whose orders cannot be read: they hold up no other."""
    with suppress(Unreadable):
        return work.lookup.attach_shipments(shipment_ids), []
    found: list[Shipment] = []
    unreadable: list[UUID] = []
    for shipment_id in shipment_ids:
        try:
            found += work.lookup.attach_shipments([shipment_id])
        except Unreadable:
            unreadable.append(shipment_id)
    return found, unreadable


def close(book: Book, work: Work) -> None:
    """Hand the shipments over and issue the manifest; what stays behind is ready for another dispatch."""
    book.dispatch.require_open()
    shipments, unreadable = _readable(work, book.dispatch.state.shipments)
    stopped = _stopped(book, shipments) | dict.fromkeys(unreadable, "order_unreadable")
    book.dispatch.close(shipments, stopped, work.at, book.stationery())
    left = set(book.dispatch.state.shipments)
    _give_back(book, work, [shipment for shipment in shipments if shipment.id not in left], unreadable)


def cancel(book: Book, work: Work) -> None:
    """Call the pickup off; what is still booked is ready for another dispatch."""
    book.dispatch.cancel(work.at)
    _give_back(book, work, *_readable(work, book.dispatch.state.shipments))


def _give_back(book: Book, work: Work, shipments: Sequence[Shipment], unreadable: Sequence[UUID]) -> None:
    """Free the shipments for another dispatch; what cannot be read now can be named for one later."""
    freed = [*(shipment.id for shipment in shipments), *unreadable]
    work.releases += [on_dispatch(book.dispatch.id, shipment_id) for shipment_id in freed]
    booked = [shipment for shipment in shipments if shipment.state.state == "booked"]
    work.claims += [ready(shipment, book.partition_of(shipment)) for shipment in booked]
