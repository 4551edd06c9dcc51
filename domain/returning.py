"""Taking back what had left: refused, undeliverable, lost, or sent back by the customer.

The units are the order's again, as after a canceled shipment: they can be sent anew, canceled if no invoice holds
them, or refunded as unshipped. Units that were refunded as shipped come back first: whoever got the money back must
not get the goods again. Nothing else follows by itself, and no money moves.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain import order_events as e
from domain.order import Order
from domain.order_state import LineState
from domain.refusals import Refusal, invalid
from domain.requests import ReturnedUnits
from domain.shipment import Shipment
from domain.shipment_events import UnitsBack
from domain.shipment_state import PackageState
from domain.values import Units


def take_back(order: Order, shipment: Shipment, lines: str | Sequence[ReturnedUnits], at: datetime) -> None:
    """Record that units of the shipment, all that are out or those of ``lines``, are out no more.

    A line may say how many of its units had been ``refunded`` as shipped; else as many as can be.
    """
    shipment.require_standing()
    out = shipment.state.units_out
    wanted = out if isinstance(lines, str) else _named(order, out, lines)
    if not wanted:
        raise Refusal(
            "quantity_exceeds_shipped", "No unit of the shipment is out. Cancel a shipment that has not left."
        )
    refunded = _refunded(order, wanted, () if isinstance(lines, str) else lines)
    order.trigger(
        e.ItemsReturned(
            occurred_at=at,
            shipment_id=shipment.id,
            lines=tuple(Units(name, quantity) for name, quantity in wanted.items()),
            refunded=tuple(Units(name, quantity) for name, quantity in refunded.items() if quantity),
        )
    )
    shipment.take_back(tuple(_from_packages(shipment, wanted)), at)


def _named(order: Order, out: Mapping[str, int], lines: Sequence[ReturnedUnits]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for index, line in enumerate(lines):
        name = line.line_id
        if name not in order.state.lines:
            raise invalid("item_not_in_order", f"The order has no line {name}.", f"/lines/{index}/line_id")
        wanted[name] = wanted.get(name, 0) + line.quantity
        if wanted[name] > out.get(name, 0):
            detail = f"Only {out.get(name, 0)} units of line {name} are out on this shipment, not {wanted[name]}."
            raise Refusal("quantity_exceeds_shipped", detail, pointer=f"/lines/{index}/quantity")
    return wanted


def _refunded(order: Order, wanted: Mapping[str, int], lines: Sequence[ReturnedUnits]) -> dict[str, int]:
    """How many of the units had been refunded: as many as can be, unless the caller knows better."""
    found = {name: min(quantity, order.state.lines[name].refunded_shipped) for name, quantity in wanted.items()}
    said: dict[str, int] = {}
    for index, line in enumerate(lines):
        if line.refunded is not None:
            name = line.line_id
            said[name] = said.get(name, 0) + line.refunded
            _check_refunded(order.state.lines[name], wanted[name], said[name], index)
    return found | said


def _check_refunded(line: LineState, quantity: int, refunded: int, index: int) -> None:
    most = min(quantity, line.refunded_shipped)
    least = max(0, quantity - (line.booked - line.refunded_shipped))
    if not least <= refunded <= most:
        detail = f"Of {quantity} units of line {line.line_id}, {least} to {most} were refunded as shipped."
        raise Refusal("disposition_mismatch", detail, pointer=f"/lines/{index}/refunded")


def _from_packages(shipment: Shipment, wanted: Mapping[str, int]) -> list[UnitsBack]:
    """Out of which packages the units come: of those on their way back first, of delivered ones last."""
    left, contents = dict(wanted), []
    for parcel in sorted(shipment.state.parcels_out(), key=_how_settled):
        for name, quantity in parcel.held.items():
            taken = min(quantity, left.get(name, 0))
            if taken:
                left[name] -= taken
                contents.append(UnitsBack(package_id=parcel.package_id, line_id=name, quantity=taken))
    return contents


def _how_settled(parcel: PackageState) -> int:
    return {"return_to_sender": 0, "delivered": 2}.get(parcel.status, 1)
