"""The lifecycle as a table: which command an order accepts in which status, what it needs, and how it says no.

Verbs ask ``require`` before anything else; ``allowed_commands`` reads the same table, so what an
order claims to accept and what it accepts cannot drift apart. Commands are named by their path
segment under ``/commands/orders/{order_id}/``. What depends on the body (quantities, amounts, packing) is each verb's
own; a verb never asks again what its rule asks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.conditions import (
    ACCEPTABLE,
    ADDRESS,
    AUTHORIZABLE,
    CANCELABLE,
    EDITABLE,
    INVOICEABLE,
    MAY_SHIP,
    MONEY_TO_RETURN,
    NO_PAYMENT,
    NO_VOID_UNDER_WAY,
    SHIPPABLE,
    TO_INVOICE,
    TO_SHIP,
    UNDER_REVIEW,
    Condition,
    cancelable_once_back,
)
from domain.order_state import OrderState
from domain.refusals import Refusal
from domain.shipment_state import ShipmentState
from domain.status import Status, status

ALL = frozenset(Status)
REVIEW = frozenset({Status.PAYMENT_REVIEW, Status.SUSPECTED_FRAUD})
STOPPED = REVIEW | {Status.ON_HOLD}
UNPAID = frozenset({Status.PENDING, Status.PENDING_PAYMENT})


@dataclass(frozen=True, slots=True)
class Rule:
    """In which statuses a command is accepted, and the code of the refusal in the others.

    ``names_the_stop`` commands answer a hold or a review with that reason instead. ``conditions`` must hold besides, in
    their order; those among ``before`` are asked before the status. Where ``once_back`` holds of an order and its
    shipments, goods that a carrier is bringing back make up for a condition that does not hold yet. ``after_deadline``
    commands wait until the order's deadline has passed, and are refused with the same code as in another status.
    """

    statuses: frozenset[Status]
    code: str
    names_the_stop: bool = False
    before: tuple[Condition, ...] = ()
    conditions: tuple[Condition, ...] = ()
    once_back: Callable[[OrderState, Iterable[ShipmentState]], bool] | None = None
    after_deadline: bool = False


LIFECYCLE: dict[str, Rule] = {
    "amend": Rule(UNPAID | {Status.PROCESSING}, "order_not_editable", conditions=(EDITABLE,)),
    "change-address": Rule(ALL, "address_locked", conditions=(ADDRESS,)),
    "comment": Rule(ALL, ""),
    "tag": Rule(ALL, ""),
    "hold": Rule(UNPAID | {Status.PROCESSING}, "hold_not_available"),
    "release": Rule(frozenset({Status.ON_HOLD}), "not_on_hold"),
    "cancel": Rule(
        ALL - STOPPED,
        "nothing_to_cancel",
        names_the_stop=True,
        conditions=(CANCELABLE,),
        once_back=cancelable_once_back,
    ),
    "expire": Rule(UNPAID, "expiry_not_due", names_the_stop=True, before=(NO_PAYMENT,), after_deadline=True),
    "authorize-payment": Rule(ALL - {Status.CANCELED}, "order_canceled", conditions=(AUTHORIZABLE,)),
    "capture-payment": Rule(ALL, ""),
    "fail-payment": Rule(ALL, ""),
    "void-payment": Rule(ALL, ""),
    "flag-payment": Rule(ALL - {Status.CANCELED}, "order_canceled"),
    "accept-payment": Rule(REVIEW | {Status.ON_HOLD}, "not_under_review", conditions=(UNDER_REVIEW, ACCEPTABLE)),
    "deny-payment": Rule(REVIEW | {Status.ON_HOLD}, "not_under_review", conditions=(UNDER_REVIEW, NO_VOID_UNDER_WAY)),
    "refund-payment": Rule(ALL, "refund_exceeds_uninvoiced_payment", conditions=(MONEY_TO_RETURN,)),
    "reorder": Rule(ALL - STOPPED, "reorder_not_allowed"),
    "invoices": Rule(ALL - STOPPED, "nothing_to_invoice", names_the_stop=True, conditions=(TO_INVOICE, INVOICEABLE)),
    "shipments": Rule(ALL - STOPPED, "nothing_to_ship", names_the_stop=True, conditions=(SHIPPABLE, TO_SHIP, MAY_SHIP)),
}


def allowed_commands(order: OrderState, now: datetime, shipments: Iterable[ShipmentState] = ()) -> list[str]:
    """The commands that the order accepts at the moment ``now``, as path segments: for each some body is accepted."""
    current = status(order)

    def is_accepted(name: str, rule: Rule) -> bool:
        if _refusal(order, current, name, now) is None:
            return True
        return rule.once_back is not None and current in rule.statuses and rule.once_back(order, shipments)

    return [name for name, rule in LIFECYCLE.items() if is_accepted(name, rule)]


def refused_commands(order: OrderState, now: datetime, shipments: Iterable[ShipmentState] = ()) -> dict[str, Refusal]:
    """Every other command, with the refusal that it would meet at the moment ``now``."""
    allowed = allowed_commands(order, now, shipments)
    current = status(order)
    refusals = {name: _refusal(order, current, name, now) for name in LIFECYCLE if name not in allowed}
    return {name: refusal for name, refusal in refusals.items() if refusal is not None}


def accepts(order: OrderState, command: str, now: datetime) -> bool:
    """Whether the order accepts ``command`` with some body at the moment ``now``."""
    return _refusal(order, status(order), command, now) is None


def require(order: OrderState, command: str, now: datetime) -> None:
    """Refuse ``command`` where the order accepts it with no body, whatever it says, at the moment ``now``."""
    refusal = _refusal(order, status(order), command, now)
    if refusal is not None:
        raise refusal


def require_not_stopped(order: OrderState, command: str) -> None:
    """Refuse a ``command`` that a hold or a review stops, with that reason."""
    stop = _stop(status(order), command)
    if stop is not None:
        raise stop


def _stop(current: Status, command: str) -> Refusal | None:
    if not LIFECYCLE[command].names_the_stop or current not in STOPPED:
        return None
    code = "order_on_hold" if current is Status.ON_HOLD else "payment_under_review"
    return Refusal(code, f"{command} is not possible while the order is {current}.")


def _refusal(order: OrderState, current: Status, command: str, now: datetime) -> Refusal | None:
    rule = LIFECYCLE[command]
    stop = _stop(current, command)
    if stop is not None:
        return stop
    for condition in rule.before:
        if not condition.holds(order):
            return condition.refusal(order)
    if current not in rule.statuses:
        return Refusal(rule.code, f"{command} is not possible while the order is {current}.")
    for condition in rule.conditions:
        if not condition.holds(order):
            return condition.refusal(order)
    if rule.after_deadline and (order.expires_at is None or order.expires_at > now):
        return Refusal(rule.code, "The order has no deadline that has passed.")
    return None
