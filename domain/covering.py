"""What the money of an order lets happen: which goods may leave, and whether an invoice can be issued.

Covered means that nothing is due, and nothing else. An open authorization lets goods leave where the payment method
says so, and units on a paid invoice leave whatever else of the order is unpaid.
"""

from domain.order_state import OrderState
from domain.payment_methods import Capture, ShipWhen


def is_covered(order: OrderState) -> bool:
    """Whether nothing is due: what is owed was received and is still here."""
    return order.due == 0


def everything_may_leave(order: OrderState) -> bool:
    """Whether the payment method lets all goods of the order leave now.

    Where it asks for cover, what was waived lets nothing leave once the money that it was waived for is gone.
    """
    if order.method.ship_when is ShipWhen.ALWAYS:
        return True
    if order.waived and not order.anything_held:
        return False
    promised = order.authorized if order.method.ship_when is ShipWhen.AUTHORIZED else 0
    return order.due <= promised


def may_leave(order: OrderState, line_id: str) -> int:
    """How many units of a line may leave now."""
    return order.lines[line_id].to_ship if everything_may_leave(order) else order.paid_units(line_id)


def booked_may_leave(order: OrderState) -> bool:
    """Whether what is booked may leave still: the money that let it be booked may have gone back since."""
    return everything_may_leave(order) or all(order.paid_beyond_booked(line_id) >= 0 for line_id in order.lines)


def can_ship(order: OrderState) -> bool:
    """Whether some unit may leave now."""
    return any(may_leave(order, line_id) for line_id in order.lines)


def claim(order: OrderState, rest: int) -> tuple[int, int, int]:
    """What becomes of ``rest``, asked by an invoice: (taken from money received, still to be paid, waived).

    Nobody is asked for more than is due, so what is beyond was waived by an accepted review.
    """
    received = min(rest, max(0, order.uninvoiced_money))
    missing = min(rest - received, order.due)
    return received, missing, rest - received - missing


def can_invoice(order: OrderState) -> bool:
    """Whether some invoice can be issued now: something is left for it, and a capture mode of the method fits."""
    if not order.anything_to_invoice:
        return False
    modes = order.method.captures
    if Capture.OFFLINE in modes or Capture.NONE in modes:
        return True
    units = [order.share(name, 1).total for name, line in order.lines.items() if line.to_invoice]
    _, missing, _ = claim(order, order.charges_worth + min(units, default=0))
    return missing == 0 or (Capture.ONLINE in modes and missing <= order.authorized - order.capturing)
