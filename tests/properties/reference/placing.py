"""The order of the model as a whole: placed, amended, held, canceled, expired."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.properties.reference import billing, fulfilling, paying
from tests.properties.reference.amounts import EXPONENTS, Charges, Worth, half_up, major, minor, priced, spread
from tests.properties.reference.axes import status
from tests.properties.reference.documents import Line
from tests.properties.reference.state import METHODS, No, Order

# How long an external payment page may take when the checkout names no time.
PAGE_OPEN = timedelta(hours=8)


@dataclass
class _Thing:
    """What is priced: what it costs, the reductions of that, and what is said of its tax."""

    body: dict[str, Any]
    base: int
    off: int = 0
    tax: int | None = None

    @property
    def silent(self) -> bool:
        """Whether it bears tax of the order."""
        return not {"taxes", "tax_rate", "tax_amount"} & self.body.keys() and self.body.get("kind") != "tip"

    def worth(self, *, inclusive: bool) -> Worth:
        rate = Fraction(self.body.get("tax_rate", 0))
        worth = priced(self.base, self.off, rate, self.tax, inclusive=inclusive)
        if inclusive and worth.tax > worth.base:
            raise No("invalid_amount", "*")
        return worth


def _priced(body: dict[str, Any], base: int, currency: str) -> _Thing:
    tax = minor(body["tax_amount"], currency) if "tax_amount" in body else None
    if "taxes" in body:
        own = [each["amount"] for each in body["taxes"] if each.get("collected_by") != "marketplace"]
        tax = sum(minor(amount, currency) for amount in own)
    return _Thing(body, base, minor(body.get("discount", Decimal(0)), currency), tax)


def _things(body: dict[str, Any], currency: str) -> tuple[dict[str, _Thing], _Thing | None, dict[str, _Thing]]:
    """Lines, delivery and charges after the discounts and the tax of the whole order."""
    scale = 10 ** EXPONENTS[currency]
    lines = {
        each["line_id"]: _priced(each, half_up(Fraction(each["unit_price"]) * scale * each["quantity"]), currency)
        for each in body.get("lines", [])
    }
    shipping = body.get("shipping")
    delivery = None if shipping is None else _priced(shipping, minor(shipping["amount"], currency), currency)
    charges = {
        each["charge_id"]: _priced(each, minor(each["amount"], currency), currency) for each in body.get("charges", [])
    }
    for discount in body.get("discounts", []):
        _reduce(discount, lines, delivery, currency)
    if "tax_total" in body:
        inclusive = body.get("prices_include_tax", False)
        everything = [*lines.values(), *([delivery] if delivery else []), *charges.values()]
        _bear(everything, minor(body["tax_total"], currency), inclusive=inclusive)
    return lines, delivery, charges


def _reduce(discount: dict[str, Any], lines: dict[str, _Thing], delivery: _Thing | None, currency: str) -> None:
    amount, target = minor(discount["amount"], currency), discount["target"]
    reduced = list(lines.values()) if target == "lines" else [lines[name] for name in target if name in lines]
    if target == "shipping":
        reduced = [delivery] if delivery else []
    costs = [each.base - each.off for each in reduced]
    if amount > sum(costs):
        raise No("invalid_amount", "*")
    for each, part_of_it in zip(reduced, spread(amount, costs) if amount else [0] * len(costs), strict=True):
        each.off += part_of_it


def _bear(everything: list[_Thing], total: int, *, inclusive: bool) -> None:
    bearing = [each for each in everything if each.silent]
    rest = total - sum(each.worth(inclusive=inclusive).tax for each in everything if not each.silent)
    if rest < 0 or (rest and not bearing):
        raise No("totals_mismatch", "*")
    costs = [each.base - each.off for each in bearing]
    if rest and not sum(costs):
        raise No("invalid_amount", "*")
    for each, tax in zip(bearing, spread(rest, costs) if rest else [0] * len(costs), strict=True):
        each.tax = tax


def _parts(body: dict[str, Any], currency: str, *, inclusive: bool) -> tuple[dict[str, Line], Charges]:
    things, delivery, charges = _things(body, currency)
    worths = {name: thing.worth(inclusive=inclusive) for name, thing in things.items()}
    lines = {
        name: Line(thing.body["quantity"], worths[name], worths[name], thing.body.get("shippable", True))
        for name, thing in things.items()
    }
    carried = Worth(inclusive=inclusive)
    if delivery is not None:
        priced_delivery = delivery.worth(inclusive=inclusive)
        # What of a delivery is given back is told in what was paid for it.
        carried = Worth(priced_delivery.base - priced_delivery.off, 0, priced_delivery.tax, inclusive)
    return lines, Charges(carried, {name: each.worth(inclusive=inclusive) for name, each in charges.items()})


def total_of(body: dict[str, Any]) -> int:
    """What an order costs, tax and delivery included."""
    lines, charges = _parts(body, body["currency"], inclusive=body.get("prices_include_tax", False))
    return sum(line.whole.total for line in lines.values()) + charges.total


def place(body: dict[str, Any], now: datetime) -> Order:
    method, currency = METHODS[body["payment"]["method"]], body["currency"]
    inclusive = body.get("prices_include_tax", False)
    lines, charges = _parts(body, currency, inclusive=inclusive)
    order = Order(method, currency, inclusive, lines, charges, charges)
    order.reduced = bool(body.get("discounts") or "tax_total" in body)
    if minor(body.get("expected_grand_total", major(order.grand_total, currency)), currency) != order.grand_total:
        raise No("totals_mismatch", "payment_method_not_available", "*")
    if method.code == "free" and order.grand_total:
        raise No("payment_method_not_available")
    order.deadline = body.get("expires_at", now + PAGE_OPEN if method.external else None)
    if order.deadline is not None and order.deadline <= now:
        raise No("expires_in_past", "*")
    billing.issue_by_itself(order)
    return order


def amend(order: Order, body: dict[str, Any]) -> None:
    """Replace lines, shipping or note while nothing depends on them."""
    stands = any(each.active for each in order.invoices) or any(line.booked for line in order.lines.values())
    if order.hold or order.review:
        raise No("order_not_editable", "order_on_hold", "payment_under_review")
    lines, charge = _parts(body, order.currency, inclusive=order.inclusive)
    lines = lines if "lines" in body else order.lines
    charge = Charges(charge.delivery if "shipping" in body else order.charge.delivery, order.charge.others)
    total = sum(line.whole.total for line in lines.values()) + charge.total
    reasons = []
    if order.received_anything or stands or billing.is_canceled(order):
        reasons.append("order_not_editable")
    if order.method.code == "free" and total:
        reasons.append("payment_method_not_available")
    if reasons:
        raise No(*reasons)
    _replace(order, lines, charge, body)
    billing.issue_by_itself(order)


def _replace(order: Order, lines: dict[str, Line], charge: Charges, body: dict[str, Any]) -> None:
    before = order.grand_total
    if "lines" in body:
        order.canceled_value = 0
        order.waivers = []  # no money is held any more that they were granted for
        order.lines = lines
    if "shipping" in body or "lines" in body:
        order.charge_open = charge
    order.charge = charge
    order.revision += 1
    if order.grand_total != before and order.authorized < order.due:
        order.voided = order.voided or bool(order.authorizations)
        order.authorizations.clear()


def hold(order: Order) -> None:
    if status(order) not in {"Pending", "Pending Payment", "Processing"}:
        raise No("hold_not_available")
    order.hold = True


def release(order: Order) -> None:
    if not order.hold or billing.is_canceled(order):
        raise No("not_on_hold")
    order.hold = False
    billing.issue_by_itself(order)


def cancel(order: Order, wanted: list[dict[str, Any]] | None) -> None:
    """Cancel named quantities, or all that can be, or at last the charge that is left alone."""
    if wanted is not None:
        billing.require_known(order, wanted)
    billing.require_free(order)
    if wanted is None:
        trial = deepcopy(order)
        fulfilling.take_back_refused(trial)
        units = {name: line.to_cancel for name, line in trial.lines.items()}
    else:
        units = billing.named(wanted)
        if any(quantity > order.lines[name].to_cancel for name, quantity in units.items()):
            raise No("nothing_to_cancel", "*")
    if not any(units.values()) and not (wanted is None and order.charge_alone):
        raise No("nothing_to_cancel")
    if wanted is None:
        fulfilling.take_back_refused(order)
    paying.end_units(order, units)
    if wanted is None or not any(line.live for line in order.lines.values()):
        paying.give_up_charge(order)
    billing.drop_authorizations(order)
    billing.issue_by_itself(order)


def expire(order: Order, now: datetime) -> None:
    """Cancel what was not paid in time."""
    billing.require_free(order)
    reasons = []
    started = any(each.active for each in order.invoices) or any(line.booked for line in order.lines.values())
    if order.ever_captured or order.authorized:
        reasons.append("payment_present")
    elif started:
        reasons += ["expiry_not_due", "payment_present"]
    if order.deadline is None or now < order.deadline:
        reasons.append("expiry_not_due")
    if billing.is_canceled(order):
        reasons += ["expiry_not_due", "payment_present", "nothing_to_cancel", "*"]
    if reasons:
        raise No(*reasons)
    paying.end_units(order, {name: line.to_cancel for name, line in order.lines.items()})
    paying.give_up_charge(order)
