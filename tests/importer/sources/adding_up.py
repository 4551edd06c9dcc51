"""What the lines of an import say of each order, added up without a line of Daybook's own arithmetic.

Decimals throughout; parts are spread by largest remainder in the currency's cents. It knows the contract of a request
and nothing of how the requests are made.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")

Json = dict[str, Any]


def money(value: Any) -> Decimal:
    return Decimal(str(value or 0))


def rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    cents = int(amount / CENT)
    whole = sum(weights)
    exact = [cents * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in order[: cents - sum(parts)]:
        parts[n] += 1
    return [part * CENT for part in parts]


@dataclass
class Added:
    """An order as its commands make it; `tax` is what is part of the total, `collected` what a marketplace keeps."""

    body: Json
    grand_total: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    collected: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    discount_by_line: list[Decimal] = field(default_factory=list)
    taxes: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    paid: Decimal = Decimal(0)
    remitted: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    canceled: int = 0
    shipped: int = 0
    invoices: list[Json] = field(default_factory=list)
    shipments: list[Json] = field(default_factory=list)
    memos: list[Json] = field(default_factory=list)
    payments: list[Json] = field(default_factory=list)
    tracking: list[str] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return list(dict.fromkeys(each["code"] for each in self.body.get("discounts", []) if "code" in each))


def add_up(lines: Iterable[Json]) -> dict[str, Added]:
    """By order number, from the lines of the file."""
    orders: dict[str, Added] = {}
    by_id: dict[str, Added] = {}
    for line in lines:
        path, body = line["command"].split("/"), line["body"]
        if path == ["orders"]:
            by_id[body["order_id"]] = orders[body["order_number"]] = placed(body)
            continue
        order = by_id[path[1]]
        order.verbs.append(path[-1])
        for name in ("invoice_id", "shipment_id"):
            if name in body:
                by_id[body[name]] = order
        happened(order, path[-1], body)
    return orders


def placed(body: Json) -> Added:
    added = Added(body)
    gross = body.get("prices_include_tax", False)
    costs = [rounded(money(each["unit_price"]) * each["quantity"]) for each in body["lines"]]
    left = [cost - money(each.get("discount")) for cost, each in zip(costs, body["lines"], strict=True)]
    delivery = body.get("shipping", {})
    shipping = money(delivery.get("amount"))
    for discount in body.get("discounts", []):
        amount, target = money(discount["amount"]), discount["target"]
        if target == "shipping":
            shipping -= amount
            continue
        names = [each["line_id"] for each in body["lines"]] if target == "lines" else target
        places = [n for n, each in enumerate(body["lines"]) if each["line_id"] in names]
        for n, part in zip(places, spread(amount, [left[n] for n in places]), strict=True):
            left[n] -= part
    added.discount_by_line = [cost - rest for cost, rest in zip(costs, left, strict=True)]
    added.discount = sum(added.discount_by_line, Decimal(0))
    charges = body.get("charges", [])
    taxes = [tax_of(each, added) for each in [*body["lines"], delivery, *charges]]
    if "tax_total" in body:
        taxes = [money(body["tax_total"])] + [Decimal(0)] * (len(taxes) - 1)
    amounts = [*left, shipping, *(money(each["amount"]) for each in charges)]
    nets = [amount - (tax if gross else 0) for amount, tax in zip(amounts, taxes, strict=True)]
    added.tax = sum(taxes, Decimal(0))
    added.grand_total = sum(nets, Decimal(0)) + added.tax
    count = len(left)
    kinds = ["shipping", *(each["kind"] for each in charges)]
    added.shipping = sum((net for net, kind in zip(nets[count:], kinds, strict=True) if kind == "shipping"), Decimal(0))
    added.fees = sum((net for net, kind in zip(nets[count:], kinds, strict=True) if kind != "shipping"), Decimal(0))
    return added


def tax_of(taxed: Json, added: Added) -> Decimal:
    assert not ("taxes" in taxed and "tax_amount" in taxed)
    total = money(taxed.get("tax_amount"))
    for tax in taxed.get("taxes", []):
        if tax.get("collected_by") == "marketplace":
            added.collected += money(tax["amount"])
        else:
            total += money(tax["amount"])
            added.taxes[tax["name"]] += money(tax["amount"])
    return total


def happened(order: Added, verb: str, body: Json) -> None:
    match verb:
        case "capture-payment":
            order.paid += money(body["amount"])
            order.remitted += money(body.get("remitted"))
            order.payments.append(body)
        case "refund-payment":
            order.refunded += money(body["amount"])
        case "refund":
            order.memos.append(body | {"total": credited(order, body)})
            order.refunded += order.memos[-1]["total"]
        case "invoices":
            order.invoices.append(body | {"total": invoiced(order, body)})
        case "shipments":
            order.shipments.append(body)
            order.shipped += sum(line["quantity"] for line in body["lines"])
        case "add-tracking":
            order.tracking.append(body["tracking_number"])
        case "cancel":
            everything = sum(line["quantity"] for line in order.body["lines"])
            order.canceled += sum(line["quantity"] for line in body.get("lines", [])) or everything


def worth(order: Added, line_id: str, quantity: int) -> Decimal:
    """Units of a line with discount and tax."""
    (n,) = [n for n, each in enumerate(order.body["lines"]) if each["line_id"] == line_id]
    line = order.body["lines"][n]
    left = rounded(money(line["unit_price"]) * line["quantity"]) - order.discount_by_line[n]
    tax = Decimal(0) if order.body.get("prices_include_tax") else tax_of(line, Added({}))
    return rounded(left * quantity / line["quantity"]) + rounded(tax * quantity / line["quantity"])


def invoiced(order: Added, body: Json) -> Decimal:
    if body["lines"] == "all_remaining":
        return order.grand_total - sum((each["total"] for each in order.invoices), Decimal(0))
    total = sum((worth(order, line["line_id"], line["quantity"]) for line in body["lines"]), Decimal(0))
    if not order.invoices:
        others = [order.body.get("shipping", {}), *order.body.get("charges", [])]
        total += order.shipping + order.fees + sum((tax_of(each, Added({})) for each in others), Decimal(0))
    return total


def credited(order: Added, body: Json) -> Decimal:
    if "amount" in body:
        return money(body["amount"])
    total = sum((worth(order, line["line_id"], line["quantity"]) for line in body["lines"]), Decimal(0))
    if shipping := money(body.get("shipping")):
        total += shipping + rounded(tax_of(order.body["shipping"], Added({})) * shipping / order.shipping)
    return total + money(body.get("adjustment_refund")) - money(body.get("adjustment_fee"))
