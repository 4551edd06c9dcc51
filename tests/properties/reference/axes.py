"""The three axes and the status of the model, by the first line of each table that matches."""

from tests.properties.reference.documents import Line
from tests.properties.reference.state import Order


def left_to_ship(order: Order) -> bool:
    """Whether goods are still to go; what is not shippable counts as shipped once invoiced."""
    return any(line.to_ship if line.shippable else line.to_invoice for line in order.lines.values())


def left_to_invoice(order: Order) -> bool:
    return any(line.to_invoice for line in order.lines.values()) or order.charge_alone


def _ended(order: Order) -> bool:
    """Whether it can be called Closed: all refunded or all sent back, and nothing waits for anything."""
    invoiced = sum(line.invoiced for line in order.lines.values())
    refunded = sum(line.refunded for line in order.lines.values())
    back = (invoiced > 0 and invoiced == refunded) or (order.held == 0 and order.returned > 0)
    waits = (
        order.due
        or order.refunding
        or min(order.unsettled, order.uninvoiced) > 0
        or any(each.state == "open" for each in order.invoices)
    )
    return back and not waits


def status(order: Order) -> str:
    started = (
        order.authorized
        or order.captured
        or order.foreign
        or any(each.active for each in order.invoices)
        or any(line.booked for line in order.lines.values())
    )
    if order.all_canceled:
        found = "Canceled"
    elif order.hold:
        found = "On Hold"
    elif order.review:
        found = "Suspected Fraud" if order.review == "suspected" else "Payment Review"
    elif order.method.external and not order.authorized and not order.ever_captured and order.due:
        found = "Pending Payment"
    elif not left_to_ship(order) and not left_to_invoice(order):
        found = "Closed" if _ended(order) else "Complete"
    else:
        found = "Processing" if started else "Pending"
    return found


def payment_axis(order: Order) -> str:
    nothing_to_pay = order.owed == 0 and not all(each.canceled == each.ordered for each in order.lines.values())
    rules = (
        (order.returned > 0 and order.held == 0, "refunded"),
        (order.held > 0 and order.due > 0, "partially_paid"),
        (order.held > 0 and order.due == 0 and order.credited > 0, "partially_refunded"),
        ((order.held > 0 and order.due == 0) or nothing_to_pay, "paid"),
        (order.authorized > 0, "authorized"),
        (order.method.external and not order.ever_captured and not order.all_canceled, "pending"),
        (order.voided, "voided"),
        (True, "none"),
    )  # fmt: skip
    return next(name for holds, name in rules if holds)


def _count(order: Order, name: str, line: Line, what: str) -> int:
    if what == "booked":
        return line.booked
    wanted = [each for each in order.parcels if each.state == "dispatched" and (what == "dispatched" or each.delivered)]
    return sum(each.out(name) for each in wanted)


def fulfilment_axis(order: Order) -> str:
    goods = {name: line for name, line in order.lines.items() if line.shippable and line.live}
    if not goods:
        return "unfulfilled"

    def every(what: str) -> bool:
        return all(_count(order, name, line, what) >= line.live for name, line in goods.items())

    def some(what: str) -> bool:
        return any(_count(order, name, line, what) for name, line in goods.items())

    rules = (
        (every("delivered"), "delivered"),
        (every("dispatched"), "dispatched"),
        (some("dispatched"), "partially_dispatched"),
        (every("booked"), "booked"),
        (some("booked"), "partially_booked"),
        (True, "unfulfilled"),
    )
    return next(name for holds, name in rules if holds)
