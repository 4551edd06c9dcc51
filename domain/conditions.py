"""What must hold of an order for a command, beside its status: each condition once, with the refusal where it does not.

The rules of the lifecycle are made of them. A condition looks at the order alone, never at a request: it says whether
any request at all could be granted.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.covering import can_invoice, can_ship
from domain.order_state import LineState, OrderState
from domain.refusals import Refusal
from domain.shipment_state import ShipmentState
from domain.status import Status, status
from domain.values import to_text

ENDED = frozenset({Status.CANCELED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of an order for a command, in words, and the refusal where it does not.

    ``pointer`` is the field of the request that is to blame where one always is.
    """

    holds: Callable[[OrderState], bool]
    code: str
    needs: str
    detail: str | Callable[[OrderState], str]
    pointer: str | None = None

    def refusal(self, order: OrderState) -> Refusal:
        """The refusal of an order of which it does not hold."""
        detail = self.detail if isinstance(self.detail, str) else self.detail(order)
        return Refusal(self.code, detail, pointer=self.pointer)


def billing_locked(order: OrderState) -> bool:
    """Whether the billing address stays as it is: the order has ended."""
    return status(order) in ENDED


def shipping_locked(order: OrderState) -> bool:
    """Whether the shipping address stays as it is: a shipment is booked to it."""
    return order.anything_booked


def _editable(order: OrderState) -> bool:
    return not (order.anything_held or order.intents or order.invoices or order.anything_booked)


def _cancelable(order: OrderState) -> bool:
    return order.charge_alone or any(line.to_cancel for line in order.lines.values())


def brought_back(order: OrderState, shipment: ShipmentState) -> bool:
    """Whether a carrier brings back all of a shipment that left, with goods that no invoice holds."""
    if not shipment.comes_back:
        return False
    return any(order.lines[name].to_invoice for name in shipment.units_out)


def cancelable_once_back(order: OrderState, shipments: Iterable[ShipmentState]) -> bool:
    """Whether units can be canceled as soon as the parcels that are brought back are the order's again."""
    back: Counter[str] = Counter()
    for shipment in shipments:
        if brought_back(order, shipment):
            back += shipment.units_out
    return any(_free_once_back(order.lines[name], quantity) for name, quantity in back.items())


def _free_once_back(line: LineState, quantity: int) -> bool:
    """Of units that come back, those refunded as shipped are nobody's to cancel."""
    to_ship = line.to_ship + quantity - min(quantity, line.refunded_shipped)
    return min(line.to_invoice, to_ship) > 0


def _under_review(order: OrderState) -> bool:
    return order.review is not None


def _acceptable(order: OrderState) -> bool:
    """Whether there is something to accept: money, a promise of money, or nothing to pay."""
    return order.anything_held or order.authorized > 0 or order.due == 0


def _no_void_under_way(order: OrderState) -> bool:
    return not any(intent.kind == "void" for intent in order.intents.values())


def _money_to_return(order: OrderState) -> bool:
    return any(order.returnable(currency) > 0 for currency in (order.currency, *order.foreign))


def _authorizable(order: OrderState) -> bool:
    return order.due > order.authorized


def _unpaid(order: OrderState) -> bool:
    return not (order.anything_received or order.authorized)


def _shippable(order: OrderState) -> bool:
    return any(line.shippable for line in order.lines.values())


def _units_to_ship(order: OrderState) -> bool:
    return any(line.to_ship for line in order.lines.values())


def _due(order: OrderState) -> str:
    return f"{to_text(order.due, order.currency)} {order.currency}"


EDITABLE = Condition(
    _editable,
    "order_not_editable",
    "neither money nor an invoice nor a shipment",
    "The order cannot be amended any more: money, an invoice or a shipment depends on it.",
)
ADDRESS = Condition(
    lambda order: not (billing_locked(order) and shipping_locked(order)),
    "address_locked",
    "an address that can still change",
    lambda order: f"The order is {status(order)} and has a shipment: both of its addresses stay as they are.",
)
CANCELABLE = Condition(
    _cancelable,
    "nothing_to_cancel",
    "something that is neither invoiced nor on a shipment",
    "Nothing is left to cancel. Cancel the invoice or the shipment that holds the units, or refund what was paid.",
)
NO_PAYMENT = Condition(
    _unpaid,
    "payment_present",
    "no payment",
    "The order has a payment, so it does not expire. Cancel it instead.",
)
AUTHORIZABLE = Condition(
    _authorizable,
    "amount_exceeds_due",
    "something that is due and not authorized",
    "Nothing is due that is not authorized already.",
    "/amount",
)
UNDER_REVIEW = Condition(
    _under_review,
    "not_under_review",
    "a review",
    "The payment is not under review. Use flag-payment to put it under review.",
)
ACCEPTABLE = Condition(
    _acceptable,
    "nothing_received",
    "money or an authorization, or nothing due",
    "There is no money to accept. Deny the payment, or wait until something was received.",
)
NO_VOID_UNDER_WAY = Condition(
    _no_void_under_way,
    "capture_pending",
    "no void under way at the gateway",
    "The gateway was asked to undo a capture and has not answered yet. Try again later.",
)
MONEY_TO_RETURN = Condition(
    _money_to_return,
    "refund_exceeds_uninvoiced_payment",
    "money that is on no invoice",
    "There is no money that is on no invoice. Refund the invoice instead.",
    "/amount",
)
TO_INVOICE = Condition(
    lambda order: order.anything_to_invoice,
    "nothing_to_invoice",
    "something to invoice",
    "Nothing is left to invoice.",
)
INVOICEABLE = Condition(
    can_invoice,
    "payment_required",
    "money for some of it where the payment method asks for it",
    lambda order: f"{_due(order)} are due and neither paid nor authorized. Capture a payment first.",
)
SHIPPABLE = Condition(
    _shippable,
    "virtual_only",
    "goods that are shipped",
    "The order has no goods to ship.",
)
TO_SHIP = Condition(
    _units_to_ship,
    "nothing_to_ship",
    "something to ship",
    "Nothing is left to ship.",
)
MAY_SHIP = Condition(
    can_ship,
    "payment_required",
    "money for some of it where the payment method asks for it",
    lambda order: f"{_due(order)} are due before the goods may leave.",
)
