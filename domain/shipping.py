"""Booking and canceling shipments: the order counts its units, the shipment its packages.

Every unit is packed exactly once, nothing leaves before the payment method lets it, and a canceled
shipment gives its units back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from domain import order_events as e
from domain.conditions import MAY_SHIP, TO_SHIP
from domain.covering import everything_may_leave
from domain.lifecycle import require
from domain.order import Order
from domain.packing import Packagings, pack
from domain.refusals import Refusal
from domain.requests import ALL_REMAINING, RequestedPackage, ShipmentRequest
from domain.shipment import Shipment, require_number
from domain.shipment_events import ShipmentBooked
from domain.tracking_numbers import number_key
from domain.values import Units


def book(
    order: Order, shipment: Shipment, request: ShipmentRequest, packagings: Packagings, at: datetime, *, gs1_prefix: str
) -> None:
    """Book what is asked for in packages, handed to a carrier; ``gs1_prefix`` begins their SSCC.

    Without packages it is one package of everything, as heavy as the weights that are known; an empty list says the
    same of all that remains, and is refused where units are named that are in none.
    """
    require(order.state, "shipments", at)
    units = _units_to_ship(order, request.lines)
    packages = request.packages
    if packages is None or (not packages and request.lines == ALL_REMAINING):
        packages = (_one_package(order, units),)
    weights = {line.line_id: line.weight_grams for line in order.basket.lines}
    parcels = pack(packages, units, weights, packagings)
    _check_numbers(request.carrier, packages)
    lines = tuple(Units(name, quantity) for name, quantity in units.items())
    order.trigger(e.ItemsAllocated(occurred_at=at, shipment_id=shipment.id, lines=lines))
    shipment.trigger(
        ShipmentBooked(
            occurred_at=at,
            order_id=order.id,
            carrier=request.carrier,
            service=request.service,
            origin=request.origin,
            reference=request.reference,
            gs1_prefix=gs1_prefix,
            notify=request.notify,
            packages=parcels,
            external=request.external,
        )
    )
    for parcel, package in zip(parcels, packages, strict=True):
        if package.tracking_number:
            shipment.assign_tracking(request.carrier, package.tracking_number, parcel.package_id, at)


def _units_to_ship(order: Order, lines: str | Sequence[Units]) -> dict[str, int]:
    """The quantities asked for. Payment is looked at first: of all that remains nothing is left out in silence."""
    named: Counter[str] = Counter()
    for line in () if isinstance(lines, str) else lines:
        named[line.line_id] += line.quantity
    remaining = {name: line.to_ship for name, line in order.state.lines.items()}
    _require_payment(order, remaining if isinstance(lines, str) else named)
    known = order.state.lines
    asked = known if isinstance(lines, str) else [line.line_id for line in lines]
    virtual = [name for name in asked if name in known and not known[name].shippable]
    if virtual and not isinstance(lines, str):
        raise Refusal("virtual_only", f"Line {virtual[0]} is not shipped. Leave it out of the shipment.")
    return order.quantities(lines, lambda line: line.to_ship, (TO_SHIP, "quantity_exceeds_unshipped"))


def _require_payment(order: Order, asked: Mapping[str, int]) -> None:
    """Refuse units that neither the payment method lets leave nor a paid invoice covers."""
    state = order.state
    if everything_may_leave(state):
        return
    paid = {name: state.paid_units(name) for name in state.lines}
    if any(quantity > paid[name] for name, quantity in asked.items() if name in paid):
        covered = ", ".join(f"{quantity} of line {name}" for name, quantity in paid.items() if quantity)
        raise Refusal("payment_required", f"{MAY_SHIP.refusal(state).detail} Only {covered} are paid for.")


def _one_package(order: Order, units: Mapping[str, int]) -> RequestedPackage:
    weights = {line.line_id: line.weight_grams or 0 for line in order.basket.lines}
    return RequestedPackage(
        weight_grams=sum(weights[name] * quantity for name, quantity in units.items()),
        contents=tuple(Units(name, quantity) for name, quantity in units.items()),
    )


def _check_numbers(carrier: str, packages: Sequence[RequestedPackage]) -> None:
    """Refuse one number on two packages, before anything is recorded."""
    seen: set[str] = set()
    for index, package in enumerate(packages):
        if package.tracking_number:
            require_number(package.tracking_number, f"/packages/{index}/tracking_number")
            number = number_key(carrier, package.tracking_number)
            if number in seen:
                detail = f"Two packages have the tracking number {package.tracking_number}. Give each its own."
                raise Refusal("tracking_number_in_use", detail, pointer=f"/packages/{index}/tracking_number")
            seen.add(number)


def cancel(order: Order, shipment: Shipment, at: datetime) -> None:
    """Undo a booking that has not left; its units can be shipped again."""
    shipment.cancel(at)
    packed: Counter[str] = Counter()
    for package in shipment.state.packages.values():
        packed += package.held
    order.trigger(
        e.AllocationCanceled(
            occurred_at=at,
            shipment_id=shipment.id,
            lines=tuple(Units(name, quantity) for name, quantity in packed.items()),
        )
    )
