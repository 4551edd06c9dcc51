"""Following parcels: tracking numbers, and what carriers report about them."""

from application.book import Book
from application.claims import ready, tracking
from application.work import Work
from domain.refusals import invalid
from domain.shipment_state import number_key


def check_carrier(work: Work, carrier: str) -> None:
    """Refuse carriers that are not configured."""
    if carrier not in work.merchant.carriers:
        known = ", ".join(sorted(work.merchant.carriers))
        raise invalid("unknown_carrier", f"{carrier} is none of {known}.", "/carrier")


def add(book: Book, work: Work) -> None:
    """Follow a package under a carrier's number."""
    body, shipment = work.body, book.shipment(work.target)
    check_carrier(work, body["carrier"])
    known = set(shipment.state.numbers)
    shipment.assign_tracking(body["carrier"], body["tracking_number"], body.get("package_id"), work.at)
    new = set(shipment.state.numbers) - known
    work.claims += [tracking(number, shipment, book.order.id) for number in new]


def correct(book: Book, work: Work) -> None:
    """Replace a wrong number."""
    body, shipment = work.body, book.shipment(work.target)
    shipment.correct_tracking(body["carrier"], body["tracking_number"], body["new_tracking_number"], work.at)
    wrong, right = body["tracking_number"], body["new_tracking_number"]
    work.releases.append(tracking(number_key(body["carrier"], wrong), shipment, book.order.id))
    work.claims.append(tracking(number_key(body["carrier"], right), shipment, book.order.id))


def retract(book: Book, work: Work) -> None:
    """Say that a number is not this shipment's."""
    body, shipment = work.body, book.shipment(work.target)
    shipment.retract_tracking(body["carrier"], body["tracking_number"], work.at)
    number = number_key(body["carrier"], body["tracking_number"])
    work.releases.append(tracking(number, shipment, book.order.id))


def record_scan(book: Book, work: Work) -> None:
    """Record what the carrier reports about a number of this shipment."""
    shipment = book.shipment(work.target)
    waited = shipment.state.state == "booked"
    shipment.record_scan(work.body, work.at)
    if waited and shipment.state.state == "dispatched":
        work.releases.append(ready(shipment, book.order.id))
