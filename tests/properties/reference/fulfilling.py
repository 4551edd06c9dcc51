"""Goods in the model: booking, scanning, canceling a shipment, recording what came back."""

from tests.properties.reference.billing import Wanted, named, require_free, require_known
from tests.properties.reference.documents import Parcel
from tests.properties.reference.state import No, Order


def ship(order: Order, wanted: Wanted, packed: dict[str, int] | None, *, numbered: bool) -> None:
    """Book quantities; ``packed`` is what the packages hold, None for one package of everything."""
    require_known(order, wanted)
    require_free(order)
    units = _all_that_may_go(order) if isinstance(wanted, str) else named(wanted)
    reasons = [] if covered(order, units) else ["payment_required"]
    reasons += _quantity_reasons(order, wanted, units)
    if packed is not None and packed != units:
        reasons.append("items_not_packed")
    if reasons:
        raise No(*reasons)
    for name, quantity in units.items():
        order.lines[name].booked += quantity
    order.parcels.append(Parcel(units, numbered=numbered))


def _all_that_may_go(order: Order) -> dict[str, int]:
    """All that is left; of an order that is not covered what stands on paid invoices, if there is any."""
    left = {name: line.to_ship for name, line in order.lines.items() if line.shippable and line.to_ship}
    if covered(order, left):
        return left
    paid = {name: _paid(order, name) + order.lines[name].refunded_shipped - order.lines[name].booked for name in left}
    return {name: min(left[name], count) for name, count in paid.items() if count > 0} or left


def _quantity_reasons(order: Order, wanted: Wanted, units: dict[str, int]) -> list[str]:
    if not any(line.to_ship for line in order.lines.values() if line.shippable):
        return ["nothing_to_ship", "virtual_only", "quantity_exceeds_unshipped"]
    if any(not order.lines[name].shippable for name in units):
        return ["virtual_only", "quantity_exceeds_unshipped", "payment_required"]
    if any(quantity > order.lines[name].to_ship for name, quantity in units.items()):
        return ["quantity_exceeds_unshipped"]
    return []


def covered(order: Order, units: dict[str, int]) -> bool:
    """Whether these units may go: covered by money, by an authorization, or on a paid invoice."""
    if order.method.ships == "before":
        return True
    held = order.staying
    # What was given up for money means nothing once that money is gone.
    forgone = bool(order.waived) and not order.received_anything
    if held >= order.owed and not forgone:
        return True
    if (
        not forgone
        and order.method.ships == "authorized"
        and order.authorized
        and held + order.authorized >= order.owed
    ):
        return True
    return all(
        order.lines[name].booked + quantity <= _paid(order, name) + order.lines[name].refunded_shipped
        for name, quantity in units.items()
    )


def _paid(order: Order, name: str) -> int:
    # An invoice that a waiver paid counts as long as nothing is due again.
    paid = (each for each in order.invoices if each.state == "paid" and not each.waived)
    having = (each for each in paid if name in each.left)
    # Where all money of an invoice went back, only what costs nothing may still go.
    return sum(each.left[name][0] for each in having if each.holding or not each.lines[name][1].total)


def scan(order: Order, number: int, status: str) -> None:
    """A carrier's report, later than all before it."""
    if number >= len(order.parcels):
        raise No("not_found")
    parcel = order.parcels[number]
    if not parcel.numbered:
        raise No("unknown_tracking")
    if parcel.state == "canceled":
        return
    if status != "pending":
        parcel.state = "dispatched"
    parcel.last_scan = status
    if status == "delivered":
        parcel.delivered = True
    elif status == "return_to_sender":
        parcel.delivered = False


def cancel(order: Order, number: int) -> None:
    if number >= len(order.parcels):
        raise No("not_found")
    parcel = order.parcels[number]
    if parcel.state != "booked":
        raise No("already_dispatched", "shipment_canceled")
    for name, quantity in parcel.contents.items():
        _unbook(order, name, quantity, came_back=False)
    parcel.state = "canceled"


def _unbook(order: Order, name: str, quantity: int, *, came_back: bool) -> None:
    """Units are the order's again; those that were refunded as shipped are no longer shipped.

    What never left is the last to have been refunded as shipped, what came back is the first.
    """
    line = order.lines[name]
    line.booked -= quantity
    turned = min(quantity, line.refunded_shipped) if came_back else max(0, line.refunded_shipped - line.booked)
    line.refunded_shipped -= turned
    line.refunded_unshipped += turned


def take_back(order: Order, number: int, wanted: Wanted) -> None:
    """Record that dispatched units came back or were lost."""
    if number >= len(order.parcels):
        raise No("not_found")
    parcel = order.parcels[number]
    units = _returned(parcel, wanted)
    known = parcel.state == "dispatched" and any(units.values())
    if not known or any(quantity > parcel.out(name) for name, quantity in units.items()):
        raise No("quantity_exceeds_shipped", "shipment_canceled", "item_not_in_order", "*")
    for name, quantity in units.items():
        parcel.back[name] = parcel.back.get(name, 0) + quantity
        _unbook(order, name, quantity, came_back=True)


def take_back_refused(order: Order) -> None:
    """What the carrier brings back of goods that no invoice holds is the order's again."""
    for number, parcel in enumerate(order.parcels):
        coming_back = parcel.state == "dispatched" and not parcel.delivered and parcel.last_scan == "return_to_sender"
        if coming_back and any(parcel.out(name) and order.lines[name].to_invoice for name in parcel.contents):
            take_back(order, number, "all_remaining")


def _returned(parcel: Parcel, wanted: Wanted) -> dict[str, int]:
    if isinstance(wanted, str):
        return {name: parcel.out(name) for name in parcel.contents if parcel.out(name)}
    return named(wanted)
