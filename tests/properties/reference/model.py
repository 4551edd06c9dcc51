"""The model as something that takes steps: what a step would come to, and how the order then looks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.properties.reference import billing, fulfilling, paying, placing, refunding
from tests.properties.reference.amounts import Charges, Worth
from tests.properties.reference.axes import fulfilment_axis, payment_axis, status
from tests.properties.reference.documents import Invoice, Line, Memo
from tests.properties.reference.state import No, Order, Repeat
from tests.properties.reference.steps import Step

Outcome = tuple[str, tuple[str, ...]]
ACCEPTED: Outcome = ("accepted", ())
Parts = dict[Any, tuple[int, Worth]]


class Model:
    """An order as the specification has it; ``now`` is moved by the driver."""

    def __init__(self) -> None:
        self.order: Order | None = None
        self.now = datetime.min.replace(tzinfo=UTC)

    @property
    def placed(self) -> Order:
        assert self.order is not None
        return self.order

    def take(self, step: Step) -> Outcome:
        """Carry the step out, or say which refusals are right."""
        try:
            if step.command == "orders":
                self.order = placing.place(self._timed(step.body), self.now)
            else:
                COMMANDS[step.command](self.placed, step, self.now)
                # Whatever freed money: it settles what is open.
                billing.settle_open(self.placed)
        except No as refusal:
            return "refused", refusal.codes
        except Repeat:
            return "repeated", ()
        return ACCEPTED

    def _timed(self, body: dict[str, Any]) -> dict[str, Any]:
        hours = body.get("expires_in_hours")
        return body if hours is None else body | {"expires_at": self.now + timedelta(hours=hours)}

    def view(self) -> dict[str, Any]:
        """What can be compared with the product, in minor units."""
        order = self.placed
        return {
            "status": status(order),
            "payment": payment_axis(order),
            "fulfilment": fulfilment_axis(order),
            "revision": order.revision,
            "authorized": order.authorized,
            "totals": {
                "grand_total": order.grand_total,
                "paid": order.captured,
                "refunded": order.returned,
                "canceled": order.canceled_value,
                "due": order.due,
                "over": order.over,
                "held": order.held,
                "waived": order.waived,
            },
            "lines": {name: _line(line) for name, line in order.lines.items()},
            "invoices": [_invoice(each) for each in order.invoices],
            "memos": [_memo(each) for each in order.memos],
            "asked": [(each.kind, each.amount, each.currency or order.currency) for each in order.intents],
        }


def _line(line: Line) -> dict[str, int]:
    return {
        "quantity": line.ordered,
        "invoiced": line.invoiced,
        "shipped": line.booked,
        "canceled": line.canceled,
        "refunded": line.refunded,
        "to_invoice": line.to_invoice,
        # What is not shippable is shown as nothing to ship, though it counts in what can be canceled.
        "to_ship": line.to_ship if line.shippable else 0,
        "to_cancel": line.to_cancel,
        "tax": line.whole.tax,
        "total": line.whole.total,
    }


def _parts(lines: Parts) -> dict[Any, tuple[int, int, int]]:
    return {name: (quantity, worth.net, worth.tax) for name, (quantity, worth) in lines.items()}


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "state": invoice.state,
        "total": invoice.total,
        # What once lay on an invoice that no longer counts is told in one way or the other.
        **({"paid": invoice.received} if invoice.active else {}),
        "due": invoice.rest,
        "holding": invoice.holding,
        "lines": _parts(invoice.lines),
        "charge": (invoice.charge.delivery.net, invoice.charge.delivery.tax),
        "charges": _charges(invoice.charge),
    }


def _memo(memo: Memo) -> dict[str, Any]:
    return {
        "total": memo.total,
        "invoice": memo.invoice,
        "lines": _parts(memo.lines),
        "charge": (memo.charge.delivery.net, memo.charge.delivery.tax),
        "charges": _charges(memo.charge),
    }


def _packed(body: dict[str, Any]) -> dict[str, int] | None:
    if "packages" not in body:
        return None
    packed: dict[str, int] = {}
    for package in body["packages"]:
        for each in package["contents"]:
            packed[each["line_id"]] = packed.get(each["line_id"], 0) + each["quantity"]
    return packed


def _ship(order: Order, body: dict[str, Any]) -> None:
    fulfilling.ship(order, body["lines"], _packed(body), numbered="packages" in body)


def _gateway(order: Order, step: Step, now: datetime) -> None:
    number = step.target or 0
    if number >= len(order.intents):
        raise No("not_found")
    paying.answered(order, number, approved=step.body["approved"], reference=step.body["reference"])


Command = Callable[[Order, Step, datetime], None]

COMMANDS: dict[str, Command] = {
    "orders/amend": lambda order, step, now: placing.amend(order, step.body),
    "orders/hold": lambda order, step, now: placing.hold(order),
    "orders/release": lambda order, step, now: placing.release(order),
    "orders/cancel": lambda order, step, now: placing.cancel(order, step.body.get("lines")),
    "orders/expire": lambda order, step, now: placing.expire(order, now),
    "orders/authorize-payment": lambda order, step, now: paying.authorize(order, step.body),
    "orders/capture-payment": lambda order, step, now: paying.capture(order, step.body),
    "orders/fail-payment": lambda order, step, now: paying.fail(order, step.body),
    "orders/void-payment": lambda order, step, now: paying.void(order, step.body),
    "orders/flag-payment": lambda order, step, now: paying.flag(order),
    "orders/accept-payment": lambda order, step, now: paying.accept(order),
    "orders/deny-payment": lambda order, step, now: paying.deny(order),
    "orders/refund-payment": lambda order, step, now: paying.refund_payment(order, step.body),
    "orders/invoices": lambda order, step, now: billing.issue(order, step.body["lines"], step.body.get("capture")),
    "invoices/capture": lambda order, step, now: billing.capture(order, step.target or 0),
    "invoices/cancel": lambda order, step, now: billing.cancel(order, step.target or 0),
    "invoices/void": lambda order, step, now: billing.void(order, step.target or 0),
    "invoices/correct": lambda order, step, now: billing.correct(order, step.target or 0),
    "invoices/refund": lambda order, step, now: refunding.refund(order, step.target or 0, step.body),
    "orders/shipments": lambda order, step, now: _ship(order, step.body),
    "shipments/tracking-events": lambda order, step, now: fulfilling.scan(order, step.target or 0, step.body["status"]),
    "shipments/cancel": lambda order, step, now: fulfilling.cancel(order, step.target or 0),
    "shipments/return": lambda order, step, now: fulfilling.take_back(order, step.target or 0, step.body["lines"]),
    "gateway": _gateway,
    "wait": lambda order, step, now: None,
}


def _charges(charges: Charges) -> dict[str, tuple[int, int]]:
    """Net and tax of what there is beside the delivery."""
    return {name: (each.net, each.tax) for name, each in charges.others.items() if each.total}
