"""Following parcels: tracking numbers, and what carriers report about them."""

from application.book import Book
from application.work import Work
from domain.refusals import invalid
from domain.shipment import Shipment
from domain.shipment_state import number_key


def check_carrier(work: Work, carrier: str) -> None:
    """Refuse carriers that are not configured."""
    if carrier not in work.merchant.carriers:
        known = ", ".join(sorted(work.merchant.carriers))
        raise invalid("unknown_carrier", f"{carrier} is none of {known}.", "/carrier")


def ready_key(shipment: Shipment) -> str:
    """Under which a shipment that waits for a carrier is found."""
    return f"{shipment.state.carrier}:{shipment.state.origin}:{shipment.id}"


def claim_number(book: Book, work: Work, shipment: Shipment, number: str) -> None:
    """Make a number findable. Carriers recycle theirs: only together with the shipment is one unique."""
    work.claim("tracking", f"{number}:{shipment.id}", book.partition_of(shipment))


def release_number(book: Book, work: Work, shipment: Shipment, number: str) -> None:
    """Forget a number that is not this shipment's."""
    work.release("tracking", f"{number}:{shipment.id}", book.partition_of(shipment))


def add(book: Book, work: Work) -> None:
    """Follow a package under a carrier's number."""
    body, shipment = work.body, book.shipment(work.target)
    check_carrier(work, body["carrier"])
    known = set(shipment.state.numbers)
    shipment.assign_tracking(body["carrier"], body["tracking_number"], body.get("package_id"), work.at)
    for number in set(shipment.state.numbers) - known:
        claim_number(book, work, shipment, number)


def correct(book: Book, work: Work) -> None:
    """Replace a wrong number."""
    body, shipment = work.body, book.shipment(work.target)
    shipment.correct_tracking(body["carrier"], body["tracking_number"], body["new_tracking_number"], work.at)
    release_number(book, work, shipment, number_key(body["carrier"], body["tracking_number"]))
    claim_number(book, work, shipment, number_key(body["carrier"], body["new_tracking_number"]))


def retract(book: Book, work: Work) -> None:
    """Say that a number is not this shipment's."""
    body, shipment = work.body, book.shipment(work.target)
    shipment.retract_tracking(body["carrier"], body["tracking_number"], work.at)
    release_number(book, work, shipment, number_key(body["carrier"], body["tracking_number"]))


def record_scan(book: Book, work: Work) -> None:
    """Record what the carrier reports about a number of this shipment."""
    shipment = book.shipment(work.target)
    waited = shipment.state.state == "booked"
    shipment.record_scan(work.body, work.at)
    if waited and shipment.state.state == "dispatched":
        work.release("ready", ready_key(shipment), book.partition_of(shipment))
