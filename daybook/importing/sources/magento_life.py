"""What happened to a Magento order: its invoices, their payments, shipments, credit memos, and where it stands.

Magento lists no payments: each paid invoice was one. Gift cards and store credit lowered the grand total there and are
payments here, of the kind that they are.
"""

from collections import Counter
from typing import Any

from daybook.importing.sources.amounts import minor, number, to_text
from daybook.importing.sources.assuming import goes_on_by, say_overpaid
from daybook.importing.sources.listings import report_unknown
from daybook.importing.sources.magento_fields import CREDIT_MEMO, INVOICE, SHIPMENT
from daybook.importing.sources.methods import kind_of
from daybook.importing.sources.moments import moment
from daybook.importing.sources.order import Figures, Invoice, Payment, Refund, Shipment, SourceOrder
from daybook.importing.sources.reading import UTC
from daybook.importing.sources.taxing import credited, delivery_worth, worth
from domain.values import Share

OPEN, PAID, CANCELED = "1", "2", "3"
STATUSES = {
    "new": "Pending",
    "pending_payment": "Pending",
    "processing": "Processing",
    "complete": "Complete",
    "closed": "Closed",
    "canceled": "Canceled",
    "holded": "On Hold",
}
REVIEWED = {"payment_review", "fraud"}

Json = dict[str, Any]


def put(order: SourceOrder, said: Json, documents: dict[str, list[Json]]) -> None:
    """Figures, payments, documents and endings onto the order."""
    payment = said["payment"]
    lowered = _lowered_by(order, said)
    total = minor(said["grand_total"], order.currency, "grand_total") + sum(lowered.values())
    paid = minor(said.get("total_paid"), order.currency, "total_paid") + sum(lowered.values())
    refunded = _given_back(order, said, documents["creditmemos"])
    to_send = said["state"] not in {"complete", "closed", "canceled"}
    order.figures = Figures(total, paid, refunded, None if paid > total and to_send else STATUSES.get(said["state"]))
    if paid > total:
        say_overpaid(order)
    order.purchase_order = payment.get("po_number") or ""
    order.title = _title(payment)
    invoices = [invoice for invoice in documents["invoices"] if str(invoice.get("state")) != CANCELED]
    _payments(order, said, invoices, lowered)
    names = _invoices(order, invoices)
    shipped = _shipments(order, documents["shipments"])
    unpaid = any(str(invoice.get("state")) == OPEN for invoice in invoices) or _left_unpaid(order, shipped)
    instead = _authorized(order, said) if not (paid or invoices) else ""
    goes_on_by(order, payment["method"], unpaid_left=unpaid, instead=instead)
    if not lowered:
        _say_other_amounts(order, invoices)
    if documents["creditmemos"]:
        _count_what_left(order, said, shipped)
    _credit_memos(order, documents["creditmemos"], names, shipped)
    changed = moment(said.get("updated_at") or said["created_at"], UTC, (), "updated_at")
    if said["state"] == "canceled":
        order.canceled_at = changed
    if said["state"] == "holded":
        order.held_at = changed
    if said["state"] in REVIEWED:
        order.notes.assumed.append(f"state {said['state']}: placed without the review")


def _count_what_left(order: SourceOrder, said: Json, shipped: Counter[str]) -> None:
    """Adds what the items say was shipped: its shipment may have come in with an earlier export."""
    units = {str(item["item_id"]): int(number(item.get("qty_shipped"), "qty_shipped")) for item in said["items"]}
    for line in order.lines:
        left = units.get(line.line_id, 0)
        if line.shippable and left > shipped[line.line_id]:
            order.notes.assumed.append(
                f"item {line.line_id}: {left} units left, more than on the shipments of these files. "
                "Give the shipments too, unless they are here already"
            )
            shipped[line.line_id] = left


def _left_unpaid(order: SourceOrder, shipped: Counter[str]) -> bool:
    """Whether goods left that were neither invoiced nor paid."""
    invoiced = Counter[str]()
    for invoice in order.invoices:
        invoiced.update(invoice.lines or {})
    return order.figures.paid < order.figures.grand_total and any(shipped - invoiced)


def _authorized(order: SourceOrder, said: Json) -> str:
    """Money that was promised and not taken; answers the method whose rules it goes on by."""
    payment = said["payment"]
    amount = minor(payment.get("amount_authorized"), order.currency, "amount_authorized")
    if not amount:
        return ""
    reference = payment.get("last_trans_id") or f"magento-{order.source_id}-authorized"
    kind = kind_of(f"{payment['method']} {order.title}")
    order.authorized = Payment(str(reference)[:128], amount, order.purchased_at, order.title, kind)
    order.voided = said["state"] == "canceled"
    return "card_authorize"


# What Magento calls the methods that it comes with, where an order does not say it.
OFFLINE = {
    "banktransfer": "Bank Transfer Payment",
    "cashondelivery": "Cash On Delivery",
    "checkmo": "Check / Money order",
    "free": "No Payment Information Required",
    "purchaseorder": "Purchase Order",
}


def _title(payment: Json) -> str:
    extra = payment.get("additional_information") or []
    title = extra.get("method_title") if isinstance(extra, dict) else next(iter(extra), "")
    same = str(title or "").replace(" ", "").lower()
    known = str(payment["method"]).lower()
    return str(title) if title and known[:5] in same.replace("/", "") else OFFLINE.get(known, str(payment["method"]))


# What lowers a grand total there and is a payment here: its field, how the payment is called, and its kind.
LOWERING = (
    ("gift_cards_amount", "Gift card", "gift_card"),
    ("customer_balance_amount", "Store credit", "store_credit"),
    ("reward_currency_amount", "Reward points", "store_credit"),
)


def _lowered_by(order: SourceOrder, said: Json) -> dict[str, int]:
    """By the field that says it, for an order and for a credit memo."""
    amounts = {name: minor(said.get(name), order.currency, name) for name, _, _ in LOWERING}
    return {name: amount for name, amount in amounts.items() if amount}


def _given_back(order: SourceOrder, said: Json, memos: list[Json]) -> int:
    """What went back, to cards, store credit and points too: total_refunded is of money alone."""
    elsewhere = sum(sum(_lowered_by(order, memo).values()) for memo in memos if str(memo.get("state")) != CANCELED)
    return minor(said.get("total_refunded"), order.currency, "total_refunded") + elsewhere


def _payments(order: SourceOrder, said: Json, invoices: list[Json], lowered: dict[str, int]) -> None:
    for name, label, kind in LOWERING:
        if amount := lowered.get(name):
            named = f"magento-{order.source_id}-{label.lower().replace(' ', '_')}"
            order.payments.append(Payment(named, amount, order.purchased_at, label, kind))
    if any(card.get("code") for card in (said.get("extension_attributes") or {}).get("gift_cards") or []):
        order.notes.dropped.append("the codes of gift cards: who has one can spend what is left on it")
    left = order.figures.paid - sum(lowered.values())
    kind = kind_of(f"{said['payment']['method']} {order.title}")
    for invoice in invoices:
        part = min(left, minor(invoice["grand_total"], order.currency, "grand_total"))
        if str(invoice.get("state")) == PAID and part > 0:
            reference = invoice.get("transaction_id") or f"magento-invoice-{invoice['increment_id']}"
            at = moment(invoice["created_at"], UTC, (), "created_at")
            order.payments.append(Payment(str(reference)[:128], part, at, order.title, kind))
            left -= part
    if left > 0:
        reference = said["payment"].get("last_trans_id") or f"magento-{order.source_id}"
        order.payments.append(Payment(str(reference)[:128], left, order.purchased_at, order.title, kind))
        order.notes.assumed.append(f"{to_text(left, order.currency)} were paid on no invoice that is in the files")


def _units(document: Json, order: SourceOrder) -> dict[str, int]:
    """Units by line; what was chosen of a configurable article counts as its line."""
    known = {line.line_id for line in order.lines}
    found = Counter[str]()
    for item in document.get("items") or []:
        line = str(item["order_item_id"])
        if line in known:
            found[line] += int(number(item["qty"], "qty"))
    return {line: units for line, units in found.items() if units}


def _invoices(order: SourceOrder, invoices: list[Json]) -> dict[str, str]:
    """The invoices; answers their numbers by their ids."""
    for invoice in invoices:
        report_unknown(invoice, INVOICE, f"invoice {invoice['increment_id']}, ", order.notes)
        at = moment(invoice["created_at"], UTC, (), "created_at")
        is_open = str(invoice.get("state")) == OPEN
        order.invoices.append(Invoice(invoice["increment_id"], at, _units(invoice, order), open=is_open))
    first = next((invoice for invoice in invoices), None)
    if first is not None and order.delivery and order.delivery.amount and not number(first.get("shipping_amount"), "x"):
        order.notes.differs.append("the delivery is on the first invoice here, and on another one in the source")
    return {str(invoice["entity_id"]): invoice["increment_id"] for invoice in invoices}


def _say_other_amounts(order: SourceOrder, invoices: list[Json]) -> None:
    """Says which invoices Daybook makes a cent otherwise: several of one line divide its amounts by their own rule."""
    gross, left = order.prices_include_tax, worth(order)
    shares = {}
    for line in order.lines:
        cost, tax, net = line.amount - line.discount, line.tax, left[line.line_id]
        parts = (net - tax, 0, tax) if gross else (cost, cost - net, tax)
        shares[line.line_id] = Share(line.line_id, line.quantity, *parts)
    delivery = delivery_worth(order) + (0 if gross or order.delivery is None else order.delivery.tax)
    delivery += sum(charge.amount for charge in order.charges)
    for invoice, made in zip(invoices, order.invoices, strict=True):
        total, delivery = delivery, 0
        for line_id, units in (made.lines or {}).items():
            part = shares[line_id].part(units, gross=gross)
            shares[line_id] = shares[line_id].without(part)
            total += part.total
        there = minor(invoice["grand_total"], order.currency, "grand_total")
        if total != there:
            texts = (to_text(amount, order.currency) for amount in (total, there))
            order.notes.differs.append("invoice {} is {} here and {} in the source".format(made.number, *texts))


def _shipments(order: SourceOrder, shipments: list[Json]) -> Counter[str]:
    shipped = Counter[str]()
    for said in shipments:
        report_unknown(said, SHIPMENT, f"shipment {said['increment_id']}, ", order.notes)
        lines = _packed(order, said, shipped)
        tracks = tuple(
            (str(track.get("carrier_code")), str(track["track_number"])) for track in said.get("tracks") or []
        )
        at = moment(said["created_at"], UTC, (), "created_at")
        order.shipments.append(Shipment(said["increment_id"], at, lines, tracks))
        shipped.update(lines)
        if said.get("packages"):
            order.notes.dropped.append(f"the packages of shipment {said['increment_id']}: one package of everything")
    return shipped


def _packed(order: SourceOrder, said: Json, shipped: Counter[str]) -> dict[str, int]:
    """What of a shipment is packed here. A part that leaves with its bundle stands for the bundle, once."""
    units = _units(said, order)
    lines = {name: count for name, count in units.items() if order.line(name).shippable}
    for name, count in units.items():
        part = order.line(name)
        if part.shippable or not part.parent or part.parent in units:
            continue
        bundle = order.line(part.parent)
        left = bundle.quantity - shipped[bundle.line_id]
        if bundle.shippable and (bundles := min(left, count * bundle.quantity // part.quantity)):
            lines[bundle.line_id] = max(lines.get(bundle.line_id, 0), bundles)
            order.notes.assumed.append(f"shipment {said['increment_id']} names a part of a bundle: the bundle left")
    if not lines:
        order.notes.dropped.append(f"shipment {said['increment_id']}: it names nothing that is still to be packed here")
    return lines


def _credit_memos(order: SourceOrder, memos: list[Json], names: dict[str, str], shipped: Counter[str]) -> None:
    """Canceled ones are not taken, unless what the order says was refunded is with them."""
    whole = sum(_memo_total(order, memo) for memo in memos)
    for memo in memos:
        if str(memo.get("state")) == CANCELED and whole != order.figures.refunded:
            continue
        report_unknown(memo, CREDIT_MEMO, f"credit memo {memo['increment_id']}, ", order.notes)
        order.refunds.append(_memo(order, memo, names, shipped))


def _memo_total(order: SourceOrder, memo: Json) -> int:
    """What a credit memo gives back, to whatever it was paid with."""
    return minor(memo["grand_total"], order.currency, "grand_total") + sum(_lowered_by(order, memo).values())


def _memo(order: SourceOrder, memo: Json, names: dict[str, str], shipped: Counter[str]) -> Refund:
    lines: list[tuple[str, int, str]] = []
    for name, units in _units(memo, order).items():
        left = min(units, shipped[name])
        shipped[name] -= left
        parts = (("shipped", left), ("unshipped", units - left))
        lines += [(name, count, how) for how, count in parts if count]

    def amount(name: str) -> int:
        return minor(memo.get(name), order.currency, name)

    total, delivery = _memo_total(order, memo), amount("shipping_amount")
    if order.prices_include_tax:
        delivery += amount("shipping_tax_amount")
    more, fee = amount("adjustment_positive"), amount("adjustment_negative")
    exact = credited(order, [(name, units) for name, units, _ in lines], delivery) + more - fee == total
    if not exact:
        text = f"credit memo {memo['increment_id']}: its lines make another amount here, so that it goes by amount"
        order.notes.differs.append(text)
    return Refund(
        name=str(memo["entity_id"]),
        amount=total,
        at=moment(memo["created_at"], UTC, (), "created_at"),
        number=memo["increment_id"],
        invoice=names.get(str(memo.get("invoice_id"))),
        lines=tuple(lines),
        shipping=delivery,
        adjustment_refund=more,
        adjustment_fee=fee,
        document=exact,
    )
