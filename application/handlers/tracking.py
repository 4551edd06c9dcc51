"""Following parcels: tracking numbers, and what carriers report about them."""

from collections.abc import Iterator
from contextlib import contextmanager

from application.book import Book
from application.claims import DISPATCH, ready, tracking
from application.work import Work
from domain.refusals import invalid
from domain.shipment import Shipment


def check_carrier(work: Work, carrier: str) -> None:
    """Refuse carriers that are not configured."""
    if carrier not in work.merchant.carriers:
        known = ", ".join(sorted(work.merchant.carriers))
        raise invalid("unknown_carrier", f"{carrier} is none of {known}.", "/carrier")


def add(book: Book, work: Work) -> None:
    """Follow a package under a carrier's number."""
    body = work.body
    check_carrier(work, body["carrier"])
    with _following(book, work) as shipment:
        shipment.assign_tracking(body["carrier"], body["tracking_number"], body.get("package_id"), work.at)


def correct(book: Book, work: Work) -> None:
    """Replace a wrong number; its scans go with it."""
    body = work.body
    numbers = body["tracking_number"], body["new_tracking_number"]
    with _following(book, work) as shipment:
        shipment.correct_tracking(body["carrier"], *numbers, body.get("package_id"), work.at)


def retract(book: Book, work: Work) -> None:
    """Say that a number is not this shipment's; its scans go with it."""
    body = work.body
    with _following(book, work) as shipment:
        shipment.retract_tracking(body["carrier"], body["tracking_number"], body.get("package_id"), work.at)


def record_scan(book: Book, work: Work) -> None:
    """Record what the carrier reports about a number of this shipment."""
    with _following(book, work) as shipment:
        shipment.record_scan(work.body, work.at)


@contextmanager
def _following(book: Book, work: Work) -> Iterator[Shipment]:
    """The shipment, to be followed otherwise: what it is found by, and whether it is ready, follows along."""
    shipment, order_id = book.shipment(work.target), book.order.id
    numbers, waited = set(shipment.state.numbers), shipment.state.state == "booked"
    yield shipment
    now = set(shipment.state.numbers)
    work.claims += [tracking(number, shipment, order_id) for number in now - numbers]
    work.releases += [tracking(number, shipment, order_id) for number in numbers - now]
    waits = shipment.state.state == "booked"
    if waited and not waits:
        work.releases.append(ready(shipment, order_id))
    elif waits and not waited and not work.lookup.claims(DISPATCH, str(shipment.id), 1):
        work.claims.append(ready(shipment, order_id))
