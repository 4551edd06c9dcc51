"""The order of the model as a whole: placed, amended, held, canceled, expired."""

from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.properties.reference import billing, fulfilling, paying
from tests.properties.reference.amounts import EXPONENTS, Worth, half_up, major, minor, priced
from tests.properties.reference.axes import status
from tests.properties.reference.documents import Line
from tests.properties.reference.state import METHODS, No, Order

# How long an external payment page may take when the checkout names no time.
PAGE_OPEN = timedelta(hours=8)


def _line(body: dict[str, Any], currency: str, *, inclusive: bool) -> Line:
    scale = 10 ** EXPONENTS[currency]
    base = half_up(Fraction(body["unit_price"]) * scale * body["quantity"])
    off = minor(body.get("discount", Decimal(0)), currency)
    tax = minor(body["tax_amount"], currency) if "tax_amount" in body else None
    worth = priced(base, off, Fraction(body.get("tax_rate", 0)), tax, inclusive=inclusive)
    return Line(body["quantity"], worth, worth, body.get("shippable", True))


def _lines(bodies: list[dict[str, Any]], currency: str, *, inclusive: bool) -> dict[str, Line]:
    return {each["line_id"]: _line(each, currency, inclusive=inclusive) for each in bodies}


def _charge(body: dict[str, Any] | None, currency: str, *, inclusive: bool) -> Worth:
    if body is None:
        return Worth(inclusive=inclusive)
    base = minor(body["amount"], currency)
    return priced(base, 0, Fraction(body.get("tax_rate", 0)), None, inclusive=inclusive)


def total_of(body: dict[str, Any]) -> int:
    """What an order costs, tax and delivery included."""
    currency, inclusive = body["currency"], body.get("prices_include_tax", False)
    lines = _lines(body["lines"], currency, inclusive=inclusive).values()
    return sum(line.whole.total for line in lines) + _charge(body.get("shipping"), currency, inclusive=inclusive).total


def place(body: dict[str, Any], now: datetime) -> Order:
    method, currency = METHODS[body["payment"]["method"]], body["currency"]
    inclusive = body.get("prices_include_tax", False)
    charge = _charge(body.get("shipping"), currency, inclusive=inclusive)
    order = Order(method, currency, inclusive, _lines(body["lines"], currency, inclusive=inclusive), charge, charge)
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
    lines = _lines(body["lines"], order.currency, inclusive=order.inclusive) if "lines" in body else order.lines
    charge = order.charge
    if "shipping" in body:
        charge = _charge(body["shipping"], order.currency, inclusive=order.inclusive)
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


def _replace(order: Order, lines: dict[str, Line], charge: Worth, body: dict[str, Any]) -> None:
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
