"""Booking shipments and following them."""

from uuid import UUID

from application.book import OrderBook
from application.work import Work
from domain import shipping
from domain.refusals import invalid
from domain.shipment_state import number_key


def book(book: OrderBook, work: Work) -> None:
    """Book named quantities, or all that remain, in packages."""
    request = {"origin": "main"} | work.body | {"gs1_prefix": work.merchant.gs1_prefix}
    _check_carrier(work, request["carrier"])
    if request["origin"] not in work.merchant.locations:
        raise invalid("unknown_location", f"There is no location {request['origin']}.", "/origin")
    shipment = book.new_shipment(work.chosen_id("shipment_id"))
    shipping.book(book.order, shipment, request, work.at)
    for package in request["packages"]:
        if package.get("tracking_number"):
            _claim_number(book, work, shipment.id, request["carrier"], package["tracking_number"])


def _check_carrier(work: Work, carrier: str) -> None:
    if carrier not in work.merchant.carriers:
        known = ", ".join(sorted(work.merchant.carriers))
        raise invalid("unknown_carrier", f"{carrier} is none of {known}.", "/carrier")


def _claim_number(book: OrderBook, work: Work, shipment_id: UUID, carrier: str, number: str) -> None:
    # Carriers recycle their numbers: only together with the shipment is one unique.
    work.claim("tracking", f"{number_key(carrier, number)}:{shipment_id}", book.order.id)


def add_tracking(book: OrderBook, work: Work) -> None:
    """Follow a package under a carrier's number."""
    body, shipment = work.body, book.shipment(work.target)
    _check_carrier(work, body["carrier"])
    number = body["tracking_number"]
    is_new = number_key(body["carrier"], number) not in shipment.state.numbers
    shipment.assign_tracking(body["carrier"], number, body.get("package_id"), work.at)
    if is_new:
        _claim_number(book, work, shipment.id, body["carrier"], number)


def record_scan(book: OrderBook, work: Work) -> None:
    """Record what the carrier reports about a number of this shipment."""
    book.shipment(work.target).record_scan(work.body, work.at)


def cancel(book: OrderBook, work: Work) -> None:
    """Undo a booking that has not left."""
    shipping.cancel(book.order, book.shipment(work.target), work.at)
