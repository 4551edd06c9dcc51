"""The lifecycle as a table: which command an order accepts in which status, and how it says no.

Verbs ask ``require`` before anything else; ``allowed_commands`` reads the same table, so what an
order claims to accept and what it accepts cannot drift apart. Commands are named by their path
segment under ``/commands/orders/{order_id}/``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.covering import can_invoice, can_ship
from domain.order_state import OrderState
from domain.refusals import Refusal
from domain.status import Status, status

ALL = frozenset(Status)
REVIEW = frozenset({Status.PAYMENT_REVIEW, Status.SUSPECTED_FRAUD})
STOPPED = REVIEW | {Status.ON_HOLD}
UNPAID = frozenset({Status.PENDING, Status.PENDING_PAYMENT})
ENDED = frozenset({Status.CANCELED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Rule:
    """In which statuses a command is accepted, and the code of the refusal in the others.

    ``names_the_stop`` commands answer a hold or a review with that reason instead.
    """

    statuses: frozenset[Status]
    code: str
    names_the_stop: bool = False
    condition: Callable[[OrderState], bool] = lambda _: True


def _editable(order: OrderState) -> bool:
    return not (order.anything_held or order.intents or order.invoices or order.anything_booked)


def _address_changeable(order: OrderState) -> bool:
    return status(order) not in ENDED or not order.anything_booked


def _cancelable(order: OrderState) -> bool:
    return order.charge_alone or any(line.to_cancel for line in order.lines.values())


def _under_review(order: OrderState) -> bool:
    return order.review is not None


def _acceptable(order: OrderState) -> bool:
    """Under review, and there is something to accept: money, a promise of money, or nothing to pay."""
    return order.review is not None and (order.anything_held or order.authorized > 0 or order.due == 0)


def _money_to_return(order: OrderState) -> bool:
    return any(order.returnable(currency) > 0 for currency in (order.currency, *order.foreign))


def _authorizable(order: OrderState) -> bool:
    return order.due > order.authorized


def _expirable(order: OrderState) -> bool:
    return order.expires_at is not None and not order.anything_received and not order.authorized


LIFECYCLE: dict[str, Rule] = {
    "amend": Rule(UNPAID | {Status.PROCESSING}, "order_not_editable", condition=_editable),
    "change-address": Rule(ALL, "address_locked", condition=_address_changeable),
    "comment": Rule(ALL, ""),
    "hold": Rule(UNPAID | {Status.PROCESSING}, "hold_not_available"),
    "release": Rule(frozenset({Status.ON_HOLD}), "not_on_hold"),
    "cancel": Rule(ALL - STOPPED, "nothing_to_cancel", names_the_stop=True, condition=_cancelable),
    "expire": Rule(UNPAID, "expiry_not_due", names_the_stop=True, condition=_expirable),
    "authorize-payment": Rule(ALL - {Status.CANCELED}, "order_canceled", condition=_authorizable),
    "capture-payment": Rule(ALL, ""),
    "fail-payment": Rule(ALL, ""),
    "void-payment": Rule(ALL, ""),
    "flag-payment": Rule(ALL - {Status.CANCELED}, "order_canceled"),
    "accept-payment": Rule(REVIEW | {Status.ON_HOLD}, "not_under_review", condition=_acceptable),
    "deny-payment": Rule(REVIEW | {Status.ON_HOLD}, "not_under_review", condition=_under_review),
    "refund-payment": Rule(ALL, "refund_exceeds_uninvoiced_payment", condition=_money_to_return),
    "reorder": Rule(ALL - STOPPED, "reorder_not_allowed"),
    "invoices": Rule(ALL - STOPPED, "nothing_to_invoice", names_the_stop=True, condition=can_invoice),
    "shipments": Rule(ALL - STOPPED, "nothing_to_ship", names_the_stop=True, condition=can_ship),
}


def allowed_commands(order: OrderState, now: datetime) -> list[str]:
    """The commands that the order accepts at the moment ``now``, as path segments: for each some body is accepted."""
    current = status(order)
    allowed = [name for name, rule in LIFECYCLE.items() if current in rule.statuses and rule.condition(order)]
    overdue = order.expires_at is not None and order.expires_at <= now
    return [name for name in allowed if name != "expire" or overdue]


def require(order: OrderState, command: str) -> None:
    """Refuse ``command`` where the order's status does not admit it."""
    require_not_stopped(order, command)
    rule = LIFECYCLE[command]
    now = status(order)
    if now not in rule.statuses:
        raise Refusal(rule.code, f"{command} is not possible while the order is {now}.")


def require_not_stopped(order: OrderState, command: str) -> None:
    """Refuse a ``command`` that a hold or a review stops, with that reason."""
    now = status(order)
    if LIFECYCLE[command].names_the_stop and now in STOPPED:
        code = "order_on_hold" if now is Status.ON_HOLD else "payment_under_review"
        raise Refusal(code, f"{command} is not possible while the order is {now}.")
