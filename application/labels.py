"""Labels in an order's unit of work: what a carrier is told of a package, and what its answer changes.

Nothing here asks a carrier; the process does that between the two.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from application import claims
from application.carrier import Bought, Content, LabelRequest, Parcel, Refused, Voided, VoidUnderWay
from application.command_context import CommandContext
from application.unit_of_work import UnitOfWork
from domain import labelling
from domain.label_state import LabelState, current
from domain.order_events import AddressChanged, OrderPlaced
from domain.shipment import Shipment
from domain.shipment_events import LabelBought, Package, ShipmentBooked
from domain.values import Units

BuyAnswer = Bought | Refused
VoidAnswer = Voided | Refused | VoidUnderWay


def request(context: CommandContext, order_id: UUID, shipment: Shipment, labels: Sequence[LabelState]) -> None:
    """Have the carrier asked about labels by whoever follows the log."""
    context.claims += [claims.carrier_work(context.now, shipment, each.intent_id, order_id) for each in labels]


def booked(work: UnitOfWork, shipment: Shipment) -> ShipmentBooked:
    """How a recorded shipment was booked."""
    for event in work.events:
        if isinstance(event, ShipmentBooked) and event.originator_id == shipment.id:
            return event
    raise LookupError(f"shipment {shipment.id} is not recorded")


def ship_to(work: UnitOfWork) -> Mapping[str, Any] | None:
    """The address that the order goes to; None once it was erased, or where there is none."""
    for event in reversed(work.events):
        if isinstance(event, OrderPlaced) or (isinstance(event, AddressChanged) and "shipping_address" in event.kinds):
            return event.shipping_address
    return None


def awaited(work: UnitOfWork, shipment_id: UUID) -> bool:
    """Whether something is a shipment that waits here for a label, and so for its number."""
    shipment = work.aggregates.get(shipment_id)
    return isinstance(shipment, Shipment) and shipment.state.state == "booked" and shipment.state.unlabelled


def parcels(work: UnitOfWork, shipment: Shipment, service: str | None = None) -> dict[str, Parcel]:
    """What a carrier is told of each package, by its id; empty when nobody knows where it goes."""
    address, facts = ship_to(work), booked(work, shipment)
    if address is None:
        return {}
    return {
        package.package_id: Parcel(
            carrier=facts.carrier,
            service=service or facts.service,
            origin=facts.origin,
            ship_to=address,
            weight_grams=package.weight_grams,
            length_mm=package.length_mm,
            width_mm=package.width_mm,
            height_mm=package.height_mm,
            contents=_contents(work, package),
            reference=facts.reference or work.order.document_number,
        )
        for package in facts.packages
    }


def rest(work: UnitOfWork, carrier: str, origin: str) -> Parcel | None:
    """One package of everything that is left to ship; None when nothing is, or nobody knows where it goes."""
    left = [
        Units(name, line.to_ship)
        for name, line in work.order.state.lines.items()
        if line.shippable and line.to_ship > 0
    ]
    address = ship_to(work)
    if not left or address is None:
        return None
    contents = tuple(_content(work, units) for units in left)
    return Parcel(
        carrier=carrier,
        service=None,
        origin=origin,
        ship_to=address,
        weight_grams=sum((each.weight_grams or 0) * each.quantity for each in contents),
        contents=contents,
        reference=work.order.document_number,
    )


def _contents(work: UnitOfWork, package: Package) -> tuple[Content, ...]:
    return tuple(_content(work, units) for units in package.contents)


def _content(work: UnitOfWork, units: Units) -> Content:
    line = next(each for each in work.order.basket.lines if each.line_id == units.line_id)
    return Content(
        sku=line.sku,
        name=line.name,
        quantity=units.quantity,
        value=line.subtotal // line.quantity,
        currency=work.order.state.currency,
        weight_grams=line.weight_grams,
        attributes=work.order.basket.line_attributes.get(units.line_id, {}),
    )


def label_request(work: UnitOfWork, shipment: Shipment, label: LabelState) -> LabelRequest | None:
    """What the carrier is asked for; None when nobody knows any more where it goes."""
    parcel = parcels(work, shipment, label.service).get(label.package_id)
    return None if parcel is None else LabelRequest(intent_id=label.intent_id, parcel=parcel)


def references(shipments: Iterable[Shipment], among: Collection[UUID]) -> tuple[str, ...]:
    """The carrier's own names for the bought labels of those shipments that are among some."""
    return tuple(
        label.reference
        for shipment in shipments
        if shipment.id in among
        for label in current(shipment.state.labels).values()
        if label.state == "bought"
    )


def asked_in(shipment: Shipment, label: LabelState) -> UUID:
    """The id of the event that asked for a label: the cause of the carrier's answers."""
    return uuid5(shipment.id, str(label.version))


def record_bought(shipment: Shipment, label: LabelState, answer: BuyAnswer, at: datetime) -> None:
    """Record what the carrier answered to a request; nothing when that was recorded already."""
    if label.state != "requested":
        return
    if isinstance(answer, Refused):
        labelling.refused(shipment, label, answer.detail, at)
        return
    fact = LabelBought(
        occurred_at=at,
        intent_id=label.intent_id,
        package_id=label.package_id,
        carrier=label.carrier,
        service=answer.service,
        reference=answer.reference,
        tracking_number=answer.tracking_number,
        amount=answer.amount,
        currency=answer.currency,
    )
    labelling.bought(shipment, fact)


def record_void(shipment: Shipment, label: LabelState, answer: VoidAnswer, at: datetime) -> datetime | None:
    """Record what the carrier answered to a void, if that is news; gives when it is asked again."""
    if label.void not in {"requested", "under_way"}:
        return None
    match answer:
        case Voided():
            labelling.voided(shipment, label, at)
        case Refused():
            labelling.void_refused(shipment, label, answer.detail, at)
        case VoidUnderWay():
            return labelling.void_delayed(shipment, label, at)
    return None
