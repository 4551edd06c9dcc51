"""What a form has in it when it is opened: what is left to do, as the order or the document shows it.

It only copies what readers show; it must never calculate what would be allowed.
"""

from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Shown = Mapping[str, Any]


def prefilled(name: str, shown: Shown, order: Shown) -> Json:
    """The values of a command's form over a document, which for commands of orders is the order itself."""
    fill = FILLS.get(name)
    return fill(shown, order) if fill else {}


def _lines(order: Shown, rest: str) -> list[Json]:
    """A row for each line of which something is left."""
    return [
        {"line_id": line["line_id"], "quantity": line[rest], "_rest": line[rest], "_label": line_label(line)}
        for line in order["lines"]
        if line.get(rest)
    ]


def line_label(line: Shown) -> str:
    name = line.get("name")
    return f"{line['sku']} · {name}" if name and name != line["sku"] else str(line["sku"])


def _invoice(order: Shown, _: Shown) -> Json:
    return {"lines": _lines(order, "to_invoice")}


def _cancel(order: Shown, _: Shown) -> Json:
    return {"lines": _lines(order, "to_cancel")}


def _ship(order: Shown, _: Shown) -> Json:
    lines = _lines(order, "to_ship")
    contents = [row | {} for row in lines]
    empty = [row | {"quantity": 0} for row in lines]
    return {"lines": lines, "packages": [{"contents": contents}, {"contents": empty}, {"contents": empty}]}


def _due(order: Shown, _: Shown) -> Json:
    return {"amount": order["totals"]["due"]} if order["totals"]["due"].strip("0.") else {}


def _uninvoiced(order: Shown, _: Shown) -> Json:
    return {"amount": order["payment"]["uninvoiced"]}


def _addresses(order: Shown, _: Shown) -> Json:
    return {
        name: {key: value for key, value in (order[name] or {}).items() if value}
        for name in ("billing_address", "shipping_address")
    }


def _amend(order: Shown, _: Shown) -> Json:
    shipping = order["shipping"] or {}
    return {
        "lines": [{key: value for key, value in line.items() if value is not None} for line in order["lines"]]
        + [{}, {}],
        "shipping": {name: shipping.get(name) for name in ("method", "description", "amount", "tax_rate")},
        "note": order.get("note"),
    }


def _refund(invoice: Shown, order: Shown) -> Json:
    """Each line of the invoice; of what was shipped as shipped, nothing decided about how much."""
    lines = {line["line_id"]: line for line in order["lines"]}
    return {
        "lines": [
            {
                "line_id": each["line_id"],
                "quantity": 0,
                "_rest": each["quantity"],
                "_label": line_label(lines[each["line_id"]]),
                "disposition": "shipped" if lines[each["line_id"]]["shipped"] else "unshipped",
            }
            for each in invoice["lines"]
            if each["line_id"] in lines
        ]
    }


def _return(shipment: Shown, order: Shown) -> Json:
    lines = {line["line_id"]: line for line in order["lines"]}
    return {
        "lines": [
            {
                "line_id": each["line_id"],
                "quantity": each["quantity"] - each.get("returned", 0),
                "_rest": each["quantity"] - each.get("returned", 0),
                "_label": line_label(lines[each["line_id"]]),
            }
            for each in shipment["lines"]
            if each["quantity"] and each["line_id"] in lines
        ]
    }


def _tracking(shipment: Shown, _: Shown) -> Json:
    package = shipment["packages"][0]
    return {"carrier": shipment["carrier"], "package_id": package["package_id"]} | (
        {"tracking_number": package["tracking_number"]} if package.get("tracking_number") else {}
    )


def _new_tracking(shipment: Shown, order: Shown) -> Json:
    return {name: value for name, value in _tracking(shipment, order).items() if name != "tracking_number"}


FILLS: dict[str, Callable[[Shown, Shown], Json]] = {
    "orders/invoices": _invoice,
    "orders/shipments": _ship,
    "orders/cancel": _cancel,
    "orders/amend": _amend,
    "orders/change-address": _addresses,
    "orders/capture-payment": _due,
    "orders/authorize-payment": _due,
    "orders/refund-payment": _uninvoiced,
    "invoices/refund": _refund,
    "shipments/return": _return,
    "shipments/add-tracking": _new_tracking,
    "shipments/correct-tracking": _tracking,
    "shipments/retract-tracking": _tracking,
    "shipments/tracking-events": _tracking,
}
