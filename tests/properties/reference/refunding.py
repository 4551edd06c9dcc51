"""Credit memos of the model."""

from decimal import Decimal
from typing import Any

from tests.properties.reference.amounts import Worth, minor
from tests.properties.reference.billing import pending, settle_ended
from tests.properties.reference.documents import Invoice, Line, Memo
from tests.properties.reference.state import No, Order

Parts = dict[tuple[str, str], tuple[int, Worth]]


def refund(order: Order, number: int, body: dict[str, Any]) -> None:
    """Credit units by disposition, shipping and an adjustment; money that the invoice held goes back."""
    if number >= len(order.invoices):
        raise No("not_found")
    invoice = order.invoices[number]
    if any(each["line_id"] not in order.lines for each in body["lines"]):
        raise No("item_not_in_order", "quantity_exceeds_invoiced")
    memo, reasons = _drawn(order, invoice, number, body)
    released = _released(invoice, memo.total)
    reasons = _money_reasons(order, number, memo, body.get("mode", "offline"), released) + reasons
    if reasons:
        raise No(*reasons)
    _credit(order, invoice, memo)
    invoice.given_back += released
    order.memos.append(memo)
    if body.get("mode") == "online" and released:
        order.ask_back(released, order.currency, number, len(order.memos) - 1)
    else:
        order.returned += released
    if invoice.state == "open" and not invoice.rest:
        invoice.state = "paid"
    if memo.total and not invoice.holding and not invoice.rest:
        _end(order, invoice)
    settle_ended(order)


def _end(order: Order, invoice: Invoice) -> None:
    """With all of an invoice's worth gone nothing stands behind its goods: what did not ship never will."""
    for name, (have, worth) in invoice.left.items():
        line = order.lines[name]
        # Which units shipped nobody knows: those that stand elsewhere are never taken for these.
        elsewhere = sum(each.left.get(name, (0,))[0] for each in order.invoices if each.active and each is not invoice)
        ended = min(have, max(0, line.to_ship - line.to_invoice - elsewhere))
        ended = ended if line.shippable and invoice.lines[name][1].total else 0
        line.refunded_unshipped += ended
        invoice.left[name] = (have - ended, worth - worth.share(ended, have) if ended else worth)


def _drawn(order: Order, invoice: Invoice, number: int, body: dict[str, Any]) -> tuple[Memo, list[str]]:
    reasons: list[str] = []
    left, parts = dict(invoice.left), {}
    for each in body["lines"]:
        name, quantity, how = each["line_id"], each["quantity"], each["disposition"]
        have, worth = left.get(name, (0, Worth()))
        if quantity > have:
            reasons.append("quantity_exceeds_invoiced")
            continue
        share = worth.share(quantity, have)
        left[name] = (have - quantity, worth - share)
        parts[name, how] = (quantity, share)
    reasons += _dispositions(order, body["lines"])
    shipping = minor(body.get("shipping", Decimal(0)), order.currency)
    if shipping > invoice.charge_left.base:
        reasons.append("shipping_refund_exceeds")
    charge = invoice.charge_left.share(min(shipping, invoice.charge_left.base), invoice.charge_left.base)
    charge.others.update(_charges(invoice, body.get("charges", []), order.currency, reasons))
    up, down = (minor(body.get(f"adjustment_{name}", Decimal(0)), order.currency) for name in ("refund", "fee"))
    memo = Memo(number, parts, charge, up, down)
    if not parts and memo.total <= 0 and not reasons:
        reasons += ["nothing_to_refund", "refund_exceeds_paid"]
    return memo, reasons


def _charges(invoice: Invoice, wanted: list[dict[str, Any]], currency: str, reasons: list[str]) -> dict[str, Worth]:
    """What is given back of charges by id: all that is left, or an amount of it."""
    found = {}
    for each in wanted:
        left = invoice.charge_left.others.get(each["charge_id"])
        if left is None or not invoice.charge.others[each["charge_id"]].total:
            reasons.append("charge_not_on_invoice")
            continue
        amount = minor(each["amount"], currency) if "amount" in each else left.base
        if not left.total or amount > left.base:
            reasons.append("charge_refund_exceeds")
        else:
            found[each["charge_id"]] = left.share(amount, left.base) if "amount" in each else left
    return found


def _dispositions(order: Order, lines: list[dict[str, Any]]) -> list[str]:
    for name, line in order.lines.items():
        for how in ("shipped", "unshipped"):
            wanted = sum(each["quantity"] for each in lines if (each["line_id"], each["disposition"]) == (name, how))
            if wanted > _of(line, how):
                return ["disposition_mismatch"]
    return []


def _of(line: Line, how: str) -> int:
    return line.booked - line.refunded_shipped if how == "shipped" else line.to_ship


def _released(invoice: Invoice, total: int) -> int:
    """The money that a memo frees: all of it on a paid invoice, on an open one what exceeds what is due."""
    return max(0, min(invoice.holding, total - invoice.rest))


def _money_reasons(order: Order, number: int, memo: Memo, mode: str, released: int) -> list[str]:
    invoice, reasons = order.invoices[number], []
    if mode == "online" and released and (not order.method.gateway or order.with_gateway(order.currency) < released):
        reasons.append("refund_mode_not_allowed")
    if not invoice.active:
        reasons += ["refund_exceeds_paid", "invoice_not_open", "invoice_not_paid"]
    if pending(order, number, "void", "capture"):
        reasons += ["capture_pending", "refund_exceeds_paid"]
    if memo.total > invoice.holding + invoice.rest or memo.total < 0:
        reasons += ["refund_exceeds_paid", "nothing_to_refund", "invalid_amount"]
    return reasons


def _credit(order: Order, invoice: Invoice, memo: Memo) -> None:
    for (name, how), (quantity, worth) in memo.lines.items():
        have, whole = invoice.left[name]
        invoice.left[name] = (have - quantity, whole - worth)
        line = order.lines[name]
        if how == "shipped":
            line.refunded_shipped += quantity
        else:
            line.refunded_unshipped += quantity
    invoice.charge_left -= memo.charge
    invoice.credited += memo.total
    order.credited += memo.total


def credit_unshipped(order: Order) -> None:
    """What denying a review does to paid invoices: their unshipped units are credited, no money moves."""
    for number, invoice in enumerate(order.invoices):
        if not invoice.active:
            continue
        lines = [
            {"line_id": name, "quantity": min(have, order.lines[name].to_ship), "disposition": "unshipped"}
            for name, (have, _) in invoice.left.items()
            if order.lines[name].shippable  # the rest counts as shipped once invoiced
        ]
        body: dict[str, Any] = {"lines": [each for each in lines if each["quantity"]]}
        memo, _ = _drawn(order, invoice, number, body)
        memo.kind = "denial"
        if not any(line.booked for line in order.lines.values()):
            memo.charge = invoice.charge_left
        memo.down = max(0, memo.total - invoice.holding - invoice.rest)
        if not memo.lines and not memo.charge.total:
            continue
        invoice.given_back += _released(invoice, memo.total)
        _credit(order, invoice, memo)
        if invoice.state == "open" and not invoice.rest:
            invoice.state = "paid"
        order.memos.append(memo)
