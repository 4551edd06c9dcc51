"""Booking shipments, undoing them, and taking back what had left."""

from application.book import Book
from application.claims import ready, tracking
from application.handlers.tracking import check_carrier
from application.work import Work
from domain import returning, shipping
from domain.refusals import invalid
from domain.shipment import Shipment


def book(book: Book, work: Work) -> None:
    """Book named quantities, or all that remain, in packages; they are ready for pickup at once."""
    request = {"origin": "main"} | work.body | {"gs1_prefix": work.merchant.gs1_prefix}
    check_carrier(work, request["carrier"])
    if request["origin"] not in work.merchant.locations:
        known = ", ".join(sorted(work.merchant.locations))
        raise invalid("unknown_location", f"{request['origin']} is none of {known}.", "/origin")
    shipment = book.new(Shipment, work.chosen_id("shipment_id"))
    shipping.book(book.order, shipment, request, work.merchant.packagings, work.at)
    work.claims.append(ready(shipment, book.order.id))
    work.claims += [tracking(number, shipment, book.order.id) for number in shipment.state.numbers]


def cancel(book: Book, work: Work) -> None:
    """Undo a booking that has not left."""
    cancel_booked(book, work, book.shipment(work.target))


def cancel_booked(book: Book, work: Work, shipment: Shipment) -> None:
    """Undo the booking of a shipment; its numbers are only looked for last from now on."""
    work.releases += [tracking(number, shipment, book.order.id) for number in shipment.state.numbers]
    shipping.cancel(book.order, shipment, work.at)
    work.releases.append(ready(shipment, book.order.id))
    work.claims += [tracking(number, shipment, book.order.id) for number in shipment.state.numbers]


def take_back(book: Book, work: Work) -> None:
    """Record units that left and came back, or are lost."""
    returning.take_back(book.order, book.shipment(work.target), work.body["lines"], work.at)
