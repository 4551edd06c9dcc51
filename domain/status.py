"""The three axes of an order and its one status: pure functions of what happened.

Nothing else ever decides a status, and nothing stores one as a fact.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from domain.order_state import OrderState
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


def awaits_external_payment(order: OrderState) -> bool:
    """Whether the customer was sent to an external page and nothing came back yet."""
    return order.method.external_page and order.owed > 0 and not order.anything_received and not order.authorized


def _nothing_left(order: OrderState) -> bool:
    """Whether nothing is left to invoice or to ship, a delivery charge included."""
    if order.charge_open:
        return False
    return all(line.to_invoice == 0 and line.to_ship == 0 for line in order.lines.values())


def _closed(order: OrderState) -> bool:
    if not _nothing_left(order) or order.due or order.open_invoices or order.refunding or order.unsettled:
        return False
    all_refunded = all(line.to_refund == 0 for line in order.lines.values())
    return all_refunded or (order.held == 0 and order.returned > 0)


def _canceled(order: OrderState) -> bool:
    return not order.invoices and order.all_canceled


def _in_progress(order: OrderState) -> bool:
    return bool(order.anything_received or order.authorized or order.invoices or order.anything_booked)


NameT = TypeVar("NameT", bound=str)


class StatusRule(NamedTuple, Generic[NameT]):
    """A status, or a place on the payment axis: when it holds, as a function and in words."""

    name: NameT
    matches: Callable[[OrderState], bool]
    when: str


RULES: tuple[StatusRule[Status], ...] = (
    StatusRule(Status.CANCELED, _canceled, "every unit is canceled and no invoice is active"),
    StatusRule(Status.ON_HOLD, lambda order: order.on_hold, "a hold is active"),
    StatusRule(Status.PAYMENT_REVIEW, lambda order: order.review == "request", "somebody put the payment under review"),
    StatusRule(
        Status.SUSPECTED_FRAUD,
        lambda order: order.review is not None,
        "the payment is under review because its amount or its currency does not fit",
    ),
    StatusRule(
        Status.PENDING_PAYMENT,
        awaits_external_payment,
        "the customer was sent to an external page, and nothing is authorized or captured",
    ),
    StatusRule(
        Status.CLOSED,
        _closed,
        "nothing is left to invoice or to ship, and every invoiced unit is refunded or all money has gone back; nothing"
        " is due, no invoice is open, no refund is under way or declined and still here",
    ),
    StatusRule(
        Status.COMPLETE,
        _nothing_left,
        "nothing is left to invoice or to ship; goods that are not shipped count as shipped once invoiced",
    ),
    StatusRule(Status.PROCESSING, _in_progress, "there is an authorization, a capture, an invoice or a shipment"),
)
"""The first that matches decides; where none does, the status is ``Pending``."""


def status(order: OrderState) -> Status:
    """The status of the first rule that matches, or ``Pending``."""
    for name, matches, _ in RULES:
        if matches(order):
            return name
    return Status.PENDING


PAYMENT_RULES: tuple[StatusRule[str], ...] = (
    StatusRule("refunded", lambda order: order.returned > 0 and order.held == 0, "money went back and none is held"),
    StatusRule("partially_paid", lambda order: order.held > 0 and order.due > 0, "money is held and some is due"),
    StatusRule(
        "partially_refunded",
        lambda order: order.held > 0 and order.credited > 0,
        "money is held, nothing is due and something was credited",
    ),
    StatusRule(
        "paid",
        lambda order: order.held > 0 or (order.owed == 0 and not order.all_canceled),
        "money is held and nothing is due, or there is nothing to pay",
    ),
    StatusRule("authorized", lambda order: order.authorized > 0, "an authorization is open"),
    StatusRule(
        "pending",
        lambda order: awaits_external_payment(order) and not order.all_canceled,
        "the customer was sent to an external page",
    ),
    StatusRule("voided", lambda order: order.voided, "an authorization or a capture was voided"),
)


def payment_status(order: OrderState) -> str:
    """The payment axis: the first rule that matches, or "none"."""
    return next((name for name, matches, _ in PAYMENT_RULES if matches(order)), "none")


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
