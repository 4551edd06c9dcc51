"""The three axes of an order and its one status: pure functions of what happened.

Nothing else ever decides a status, and nothing stores one as a fact.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

from domain.order_state import OrderState
from domain.payment_methods import ShipWhen
from domain.shipment_state import ShipmentState


class Status(StrEnum):
    """The familiar status of an order."""

    PENDING = "Pending"
    PENDING_PAYMENT = "Pending Payment"
    PROCESSING = "Processing"
    ON_HOLD = "On Hold"
    PAYMENT_REVIEW = "Payment Review"
    SUSPECTED_FRAUD = "Suspected Fraud"
    COMPLETE = "Complete"
    CLOSED = "Closed"
    CANCELED = "Canceled"


def _covers(order: OrderState, money: int) -> bool:
    if money > 0:
        return money >= order.needed
    return order.needed <= 0 and not order.all_canceled


def paid_in_full(order: OrderState) -> bool:
    """Whether what was paid covers the order (an accepted review says so too), or nothing is to pay."""
    return (order.accepted and order.anything_paid) or _covers(order, order.captured)


def promised_in_full(order: OrderState) -> bool:
    """Whether what was paid or authorized covers the order, or a review accepted it."""
    promised = order.anything_paid or order.authorized > 0
    return (order.accepted and promised) or _covers(order, order.captured + order.authorized)


def may_ship(order: OrderState) -> bool:
    """Whether the payment method lets goods leave now."""
    if order.all_canceled:
        return True
    match order.method.ship_when:
        case ShipWhen.ALWAYS:
            return True
        case ShipWhen.AUTHORIZED:
            return promised_in_full(order)
        case ShipWhen.CAPTURED:
            return paid_in_full(order)


def awaits_external_payment(order: OrderState) -> bool:
    """Whether the customer was sent to an external page and nothing came back yet."""
    return order.method.external_page and order.needed > 0 and not order.anything_paid and not order.authorized


def _all_invoiced_and_booked(order: OrderState) -> bool:
    return all(line.to_invoice == 0 and line.to_ship == 0 for line in order.lines.values())


def _everything_refunded(order: OrderState) -> bool:
    invoiced = sum(line.invoiced for line in order.lines.values())
    if invoiced and all(line.to_refund == 0 for line in order.lines.values()):
        return True
    return order.refunded > 0 and order.refunded == order.captured


def _canceled(order: OrderState) -> bool:
    return not order.active_invoices and order.all_canceled


def _in_progress(order: OrderState) -> bool:
    return bool(order.anything_paid or order.authorized or order.active_invoices or order.anything_booked)


RULES: tuple[tuple[Status, Callable[[OrderState], bool]], ...] = (
    (Status.CANCELED, _canceled),
    (Status.ON_HOLD, lambda order: order.held),
    (Status.PAYMENT_REVIEW, lambda order: order.review == "request"),
    (Status.SUSPECTED_FRAUD, lambda order: order.review is not None),
    (Status.PENDING_PAYMENT, awaits_external_payment),
    (Status.CLOSED, lambda order: _all_invoiced_and_booked(order) and _everything_refunded(order)),
    (Status.COMPLETE, _all_invoiced_and_booked),
    (Status.PROCESSING, _in_progress),
)


def status(order: OrderState) -> Status:
    """The status of the first rule that matches, or ``Pending``."""
    for name, matches in RULES:
        if matches(order):
            return name
    return Status.PENDING


def payment_status(order: OrderState) -> str:
    """The payment axis."""
    if order.refunded > 0:
        return "refunded" if order.refunded == order.captured else "partially_refunded"
    if paid_in_full(order):
        return "paid"
    if order.anything_paid:
        return "partially_paid"
    if order.authorized:
        return "authorized"
    if awaits_external_payment(order) and not order.all_canceled:
        return "pending"
    return "voided" if order.voided else "none"


def fulfilment_status(order: OrderState, shipments: Iterable[ShipmentState]) -> str:
    """The fulfilment axis: what is booked says the order, what moved and did not come back say its shipments."""
    shippable = [line for line in order.lines.values() if line.shippable]
    live = sum(line.live for line in shippable)
    booked = sum(line.booked for line in shippable)
    out = [parcel for shipment in shipments for parcel in shipment.parcels_out()]
    dispatched = sum(parcel.units for parcel in out)
    delivered = sum(parcel.units for parcel in out if parcel.status == "delivered")
    if live and delivered >= live:
        return "delivered"
    if live and dispatched >= live:
        return "dispatched"
    if dispatched:
        return "partially_dispatched"
    if live and booked >= live:
        return "booked"
    return "partially_booked" if booked else "unfulfilled"
