"""The request that an order was placed with, made again from what the log says of it.

Amounts come out as they stand in the log, every one of them given, so that the order that is placed anew is the same to
the last minor unit. What a discount of the order took off each line is told apart from the line's own again.
"""

from decimal import Decimal
from typing import Any

from daybook.importing.sources.allotting import allot
from daybook.importing.sources.order import Discount, Notes, SourceLine
from daybook.importing.sources.placing import discount_body, filled
from domain.discounts import LINES, SHIPPING, take_off
from domain.order_values import Discount as Recorded
from domain.refusals import Refusal
from domain.values import exponent, round_half_up, to_text

Json = dict[str, Any]


def placing_of(event: Json, method: str, *, expires: bool) -> Json:
    """The body of `orders` for an OrderPlaced event as the audit trail shows it, paid by ``method``."""
    placed: Json = event["data"]
    currency, details = placed["currency"], placed.get("details") or {}
    lines, discounts = _lines(placed)
    body: Json = {
        "order_id": event["order_id"],
        "order_number": placed.get("order_number") or placed.get("number"),
        "external_reference": placed["external_reference"],
        "store": placed["store"],
        "currency": currency,
        "base_rate": _base_rate(placed),
        "prices_include_tax": placed["prices_include_tax"] or None,
        "customer": _customer(placed, event["order_id"]),
        "shipping_address": placed.get("shipping_address"),
        "payment": filled({"method": method, "title": details.get("payment_title") or _title(placed, method)}),
        "lines": lines,
        "shipping": _delivery(placed),
        "charges": [_charge(charge, placed) for charge in placed.get("charges") or ()],
        "discounts": [discount_body(each, currency) for each in discounts],
        "source": details.get("source"),
        "tags": details.get("tags"),
        "purchase_order": details.get("purchase_order"),
        "due_date": details.get("due_date"),
        "delivery": "pickup" if details.get("delivery") == "pickup" or _erased(placed) else None,
        "attributes": placed.get("attributes"),
        "note": placed.get("note"),
        "customer_note": placed.get("customer_note"),
        "vat_id": placed.get("vat_id"),
        "registration_id": placed.get("registration_id"),
        "expires_at": placed.get("expires_at") if expires else None,
        "expected_grand_total": to_text(total_of(placed), currency),
        "occurred_at": event["occurred_at"],
    }
    return filled(body) | {"billing_address": placed.get("billing_address") or {}}


def total_of(placed: Json) -> int:
    """The grand total of an order as it was placed, in minor units."""
    shipping = placed.get("shipping") or {"amount": 0, "tax": 0}
    parts = [shipping, *(placed.get("charges") or ())]
    total: int = sum(map(_worth, placed["lines"])) + sum(part["amount"] + part["tax"] for part in parts)
    return total


def _worth(line: Json) -> int:
    worth: int = line["subtotal"] - line["discount"] + line["tax"]
    return worth


def _paid(line: Json, *, gross: bool) -> int:
    """What a line costs after its discounts, as prices are quoted."""
    return _worth(line) - (0 if gross else line["tax"])


def _erased(placed: Json) -> bool:
    """Whether the personal part is gone for good: such an order names nobody and no place."""
    return placed.get("customer") is None


def _base_rate(placed: Json) -> str | None:
    """An order in the base currency needs none."""
    return None if placed.get("base_currency") == placed["currency"] else placed.get("base_rate")


def _title(placed: Json, method: str) -> str | None:
    """What a way of paying was called that goes on by other rules."""
    return None if method == placed["payment_method"] else str(placed["payment_method"])


def _customer(placed: Json, order_id: str) -> Json:
    if _erased(placed):
        return {"id": f"erased-{order_id}", "guest": True}
    return filled(placed["customer"] | {"group": placed.get("customer_group"), "guest": placed.get("guest") or None})


def _lines(placed: Json) -> tuple[list[Json], list[Discount]]:
    """The lines with their own discounts, and the discounts of the order beside them."""
    currency, gross = placed["currency"], placed["prices_include_tax"]
    fulls = [_full(line, currency) for line in placed["lines"]]
    taken = [full - _paid(line, gross=gross) for full, line in zip(fulls, placed["lines"], strict=True)]
    of_order = [each for each in placed.get("discounts") or () if each["target"] == LINES]
    discounts = [_as_source(each) for each in placed.get("discounts") or ()]
    names = [line["line_id"] for line in placed["lines"]]
    if not _explains(of_order, names, fulls, taken):
        coupons = [(each["code"], each["name"], each["amount"]) for each in of_order]
        goods = [SourceLine(line_id=name, amount=full) for name, full in zip(names, fulls, strict=True)]
        named = [each for each in allot(coupons, goods, taken, Notes()) if each.code or each.name]
        discounts = [*named, *(each for each in discounts if each.target == SHIPPING)]
        for each in named:
            for name in each.target if not isinstance(each.target, str) else ():
                taken[names.index(name)] -= each.amount
    else:
        taken = [0] * len(names)
    attributes = placed.get("line_attributes") or {}
    lines = [
        _line(line, off, currency) | filled({"attributes": attributes.get(line["line_id"])})
        for line, off in zip(placed["lines"], taken, strict=True)
    ]
    return lines, discounts


def _full(line: Json, currency: str) -> int:
    exact = (line.get("details") or {}).get("exact_unit_price")
    if exact is None:
        return int(line["unit_price"] * line["quantity"])
    return round_half_up((Decimal(exact) * line["quantity"]).scaleb(exponent(currency)))


def _as_source(each: Json) -> Discount:
    target = each["target"] if not each.get("line_ids") else tuple(each["line_ids"])
    return Discount(each["amount"], target, each.get("code"), each.get("name"))


def _explains(discounts: list[Json], names: list[str], fulls: list[int], taken: list[int]) -> bool:
    """Whether the discounts of the order alone took off each line what was taken off it."""
    recorded = [Recorded(amount=each["amount"], line_ids=tuple(each.get("line_ids") or ())) for each in discounts]
    try:
        off, _ = take_off(recorded, dict(zip(names, fulls, strict=True)), 0)
    except Refusal:
        return False
    return [off[name] for name in names] == taken


def _line(line: Json, off: int, currency: str) -> Json:
    details = line.get("details") or {}
    body = {
        "line_id": line["line_id"],
        "parent_line_id": details.get("parent_line_id"),
        "sku": line["sku"],
        "name": line["name"],
        "quantity": line["quantity"],
        "unit": details.get("unit"),
        "unit_price": details.get("exact_unit_price") or to_text(line["unit_price"], currency),
        "gtin": details.get("gtin"),
        "discount": to_text(off, currency) if off else None,
        "weight_grams": line["weight_grams"],
    }
    virtual = {} if line["shippable"] else {"shippable": False}
    return filled(body) | virtual | _taxes(line, details.get("taxes"), currency)


def _delivery(placed: Json) -> Json | None:
    charge = placed.get("shipping")
    if charge is None:
        return None
    off = sum(each["amount"] for each in placed.get("discounts") or () if each["target"] == SHIPPING)
    amount = charge["amount"] + off + (charge["tax"] if placed["prices_include_tax"] else 0)
    named = filled({"method": charge["method"], "description": charge["description"]})
    taxes = _taxes(charge, charge.get("taxes"), placed["currency"])
    return named | {"amount": to_text(amount, placed["currency"])} | taxes


def _charge(charge: Json, placed: Json) -> Json:
    amount = charge["amount"] + (charge["tax"] if placed["prices_include_tax"] else 0)
    named = {name: charge[name] for name in ("charge_id", "name", "kind")}
    taxes = _taxes(charge, charge.get("taxes"), placed["currency"])
    return named | {"amount": to_text(amount, placed["currency"])} | taxes


def _taxes(taxed: Json, taxes: list[Json] | None, currency: str) -> Json:
    if taxes:
        return {"taxes": [filled(tax | {"amount": to_text(tax["amount"], currency)}) for tax in taxes]}
    body = {"tax_amount": to_text(taxed["tax"], currency)}
    return body if taxed["tax_rate"] is None else body | {"tax_rate": taxed["tax_rate"]}
