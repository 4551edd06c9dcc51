"""What happened to an order of WooCommerce: its status says it, with the days of payment and completion."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daybook.importing.sources.amounts import minor, number, to_text
from daybook.importing.sources.assuming import goes_on_by, invoiced, one_shipment
from daybook.importing.sources.listings import report_unknown
from daybook.importing.sources.methods import kind_of
from daybook.importing.sources.moments import moment
from daybook.importing.sources.order import Figures, Payment, Refund, SourceOrder
from daybook.importing.sources.reading import UTC
from daybook.importing.sources.taxing import credited
from daybook.importing.sources.woocommerce_fields import REFUND

TRACKING = "_wc_shipment_tracking_items"
ENDED = {"cancelled": "Canceled", "failed": "Canceled", "refunded": "Closed", "completed": "Complete"}
GOES_ON = {"pending", "processing", "on-hold"}

Json = dict[str, Any]


def put(order: SourceOrder, said: Json, meta: Mapping[str, Any], refunds: list[Json], gift_cards: int) -> None:
    """Figures, payments, documents and endings onto the order."""
    paid_at, completed_at, changed_at = (
        _moment(said, name) for name in ("date_paid_gmt", "date_completed_gmt", "date_modified_gmt")
    )
    total = minor(said["total"], order.currency, "total") + gift_cards
    paid = total if paid_at else gift_cards
    given_back = _refunds(order, said, refunds, completed_at or paid_at or changed_at)
    if said["status"] == "refunded" and given_back < paid:
        given_back += _rest_back(order, paid - given_back, changed_at)
    order.figures = Figures(total, paid, given_back, _status(said["status"], paid, total, given_back))
    _say_unknown(order, said, is_paid=bool(paid_at))
    if paid_at or gift_cards:
        _payments(order, said, paid_at or order.purchased_at, gift_cards, paid - gift_cards)
    status = said["status"]
    unpaid_left = status == "completed" and paid < total
    goes_on_by(order, said["payment_method"] or order.title, unpaid_left=unpaid_left)
    if status == "completed":
        _fulfilled(order, meta, completed_at or changed_at)
    _invoiced(order, status, completed_at or paid_at or changed_at, is_open=unpaid_left)
    if status == "on-hold":
        order.held_at = changed_at
    if status == "failed":
        order.failed_at = changed_at
    if status in {"cancelled", "failed"}:
        order.canceled_at = changed_at


def _moment(said: Json, name: str) -> str:
    text = said.get(name)
    if text:
        return moment(text, UTC, (), name)
    return moment(said["date_created_gmt"], UTC, (), name) if name == "date_modified_gmt" else ""


def _status(status: str, paid: int, total: int, given_back: int) -> str:
    """Where all the money went back, what was not canceled is closed."""
    if status == "on-hold":
        return "On Hold"
    if total and given_back >= total and ENDED.get(status) != "Canceled":
        return "Closed"
    return ENDED.get(status) or ("Processing" if paid and total else "Pending")


def _say_unknown(order: SourceOrder, said: Json, *, is_paid: bool) -> None:
    """Statuses of plugins, and payments that are told by half."""
    if said["status"] not in GOES_ON | set(ENDED):
        paid = "paid in full and not sent" if is_paid else "neither paid nor sent"
        order.notes.assumed.append(f"status {said['status']!r} is none of WooCommerce's own: taken as {paid}")
    if said.get("transaction_id") and not is_paid:
        order.notes.assumed.append("a transaction_id and no date_paid: nothing was paid")


def _payments(order: SourceOrder, said: Json, at: str, gift_cards: int, rest: int) -> None:
    for card in said.get("gift_cards") or []:
        amount = minor(card["amount"], order.currency, "gift_cards")
        reference = f"gift card {card.get('id', '')} (...{str(card.get('code', ''))[-4:]})"
        order.payments.append(Payment(reference, amount, at, "Gift card", "gift_card"))
        order.notes.dropped.append("the code of a gift card, all but its end: who has it can spend what is left on it")
    if rest:
        reference = said.get("transaction_id") or f"woocommerce-{order.source_id}"
        kind = kind_of(f"{said['payment_method']} {order.title}")
        order.payments.append(Payment(str(reference)[:128], rest, at, order.title or said["payment_method"], kind))
        if not said.get("transaction_id"):
            order.notes.assumed.append(f"the payment has no transaction_id: its reference is {reference}")


def _fulfilled(order: SourceOrder, meta: Mapping[str, Any], at: str) -> None:
    lines = {line.line_id: line.quantity for line in order.lines if line.shippable}
    numbers = tuple(
        (str(item.get("tracking_provider") or item.get("custom_tracking_provider") or ""), str(item["tracking_number"]))
        for item in meta.get(TRACKING) or []
        if item.get("tracking_number")
    )
    one_shipment(order, order.number, at, lines, numbers)


def _invoiced(order: SourceOrder, status: str, at: str, *, is_open: bool) -> None:
    """What was completed or refunded was invoiced: the export has no invoices."""
    if status in {"completed", "refunded"} or (order.refunds and status not in {"cancelled", "failed"}):
        invoiced(order, at, is_open=is_open)


def _refunds(order: SourceOrder, said: Json, details: list[Json], at: str) -> int:
    known = {str(each["id"]): each for each in details}
    for summary in said.get("refunds") or []:
        known.setdefault(str(summary["id"]), summary)
    total = 0
    for refund in sorted(known.values(), key=lambda each: (str(each.get("date_created_gmt", "~")), str(each["id"]))):
        report_unknown(refund, REFUND, f"refund {refund['id']}, ", order.notes)
        total += _refund(order, refund, at, shipped=said["status"] == "completed")
    return total


def _rest_back(order: SourceOrder, rest: int, at: str) -> int:
    """WooCommerce sets the status by itself, or pays the rest back when somebody does: no refund may tell it."""
    order.refunds.append(Refund("", rest, at))
    order.notes.assumed.append(f"status refunded, and no refund of {to_text(rest, order.currency)}: that went back too")
    return rest


def _refund(order: SourceOrder, said: Json, at: str, *, shipped: bool) -> int:
    amount = abs(minor(said.get("amount") or said["total"], order.currency, "refund"))
    when = moment(said["date_created_gmt"], UTC, (), "date_created_gmt") if said.get("date_created_gmt") else at
    if not said.get("date_created_gmt"):
        order.notes.assumed.append(f"refund {said['id']} has no day: the last one that the order names")
    lines = _refunded_lines(said, shipped=shipped)
    delivery = abs(sum(minor(line["total"], order.currency, "refund") for line in said.get("shipping_lines", [])))
    worth = credited(order, [(line, units) for line, units, _ in lines], delivery)
    exact = bool(lines) and worth == amount and not said.get("fee_lines")
    refund = Refund(str(said["id"]), amount, when, said.get("reason") or "", f"{order.number}-{said['id']}")
    if exact:
        refund = replace(refund, lines=lines, shipping=delivery, document=True)
    else:
        text = to_text(amount, order.currency)
        order.notes.assumed.append(f"refund {said['id']} of {text} by amount: it says no lines that make it")
    order.refunds.append(refund)
    return amount


def _refunded_lines(said: Json, *, shipped: bool) -> tuple[tuple[str, int, str], ...]:
    found = []
    for line in said.get("line_items", []):
        meta = {each["key"]: each["value"] for each in line.get("meta_data", [])}
        units = abs(number(line["quantity"], "quantity"))
        if units != int(units):
            return ()  # parts of a unit: the amount tells what went back
        if units and "_refunded_item_id" in meta:
            how = "shipped" if shipped else "unshipped"
            found.append((str(meta["_refunded_item_id"]), int(units), how))
    return tuple(found)
