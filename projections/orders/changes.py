"""What an amendment or a new address changed: each part of the order that differs, before and after."""

from collections.abc import Mapping
from typing import Any

from domain import order_events as e
from projections.order_history.history import OrderHistory
from projections.orders.detail import order_detail
from projections.orders.shapes.detail import PartChanged

# The events that are told with what they changed, and the parts of the order that they can change.
CHANGING: Mapping[type[Any], tuple[str, ...]] = {
    e.OrderAmended: ("lines", "shipping", "charges", "discounts", "note", "totals"),
    e.AddressChanged: ("billing_address", "shipping_address"),
}
LINE = ("line_id", "sku", "name", "quantity", "unit_price", "tax_rate", "discount", "tax", "total")
TOTALS = ("subtotal", "discount", "shipping", "charges", "tax", "grand_total")

Parts = Mapping[str, Any]


def parts(history: OrderHistory, event: Any) -> Parts | None:
    """What the order is now of that which ``event`` can change; None for events that are told without."""
    names = CHANGING.get(type(event))
    detail = None if names is None else order_detail(history, 0, history.updated_at)
    if names is None or detail is None:
        return None
    found: Parts = {**detail}
    return {name: _plain(name, found[name]) for name in names}


def changes(before: Parts, after: Parts) -> dict[str, PartChanged]:
    """By name of the part, ``{"before", "after"}`` where they differ."""
    return {name: {"before": before[name], "after": after[name]} for name in after if before[name] != after[name]}


def _plain(name: str, value: Any) -> Any:
    """A part without the counters that other events move."""
    if name == "lines":
        return [{field: line.get(field) for field in LINE} for line in value]
    return {field: value.get(field) for field in TOTALS} if name == "totals" else value
