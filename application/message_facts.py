"""What a message about an event may say: plain facts of the order, amounts as decimal text.

Who is told about what is one table here. Nothing in here knows a language, a template's words or a mail server.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from application.unit_of_work import UnitOfWork
from domain.credit_memo import CreditMemoIssued
from domain.document_number import number_of
from domain.events import Event
from domain.invoice import Invoice, InvoiceIssued
from domain.order_events import OrderAmended, OrderCanceled, OrderCommented, OrderPlaced
from domain.order_values import OrderLine, ShippingCharge
from domain.payment_events import PaymentCaptured, PaymentRefunded
from domain.printing import DocumentCopyRequested
from domain.shipment_events import ShipmentBooked
from domain.values import ChargeShare, Share, to_text

Facts = dict[str, Any]

TEMPLATES: dict[type[Event], str] = {
    OrderPlaced: "order_placed",
    PaymentCaptured: "payment_received",
    InvoiceIssued: "invoice",
    ShipmentBooked: "shipped",
    CreditMemoIssued: "credit_memo",
    OrderCommented: "comment",
    DocumentCopyRequested: "invoice",
    OrderCanceled: "order_canceled",
    PaymentRefunded: "payment_refunded",
}
# Payment methods by which the customer sends money of its own accord.
TRANSFERRED = frozenset({"bank_transfer", "purchase_order"})


def template_for(event: Event) -> str | None:
    """The template by which the customer is told of an event; None when it is not told."""
    match event:
        case (
            OrderPlaced(notify=False)
            | PaymentCaptured(notify=False)
            | InvoiceIssued(notify=False)
            | CreditMemoIssued(notify=False)
        ):
            return None
        case OrderCommented() if not (event.visible and event.notify):
            return None
        case PaymentCaptured() if event.amount <= 0:
            return None
        case PaymentRefunded() if event.credit_memo_id is not None or event.amount <= 0:
            return None  # the memo tells of it
        case DocumentCopyRequested() if event.document_type != Invoice.NAME:
            return None
    return TEMPLATES.get(type(event))


def placed(work: UnitOfWork) -> OrderPlaced:
    """How the order came in."""
    first = work.events[0]
    if not isinstance(first, OrderPlaced):
        raise TypeError(f"the order {work.root.id} begins with {type(first).__name__}")
    return first


def customer_of(work: UnitOfWork) -> Mapping[str, Any]:
    """The customer as given at the checkout; empty once erased."""
    return placed(work).customer or {}


def event_of(work: UnitOfWork, stream_id: UUID, version: int) -> Event | None:
    """A recorded event of the order by its place."""
    place = (stream_id, version)
    return next((each for each in work.events if (each.originator_id, each.originator_version) == place), None)


def attached_document(event: Event) -> UUID | None:
    """The invoice or credit memo that goes with the message about an event; None for one that is printed elsewhere."""
    match event:
        case InvoiceIssued() | CreditMemoIssued():
            return None if event.external else event.originator_id
        case DocumentCopyRequested():
            return event.document_id
    return None


def facts(work: UnitOfWork, event: Event) -> Facts:
    """What the message about ``event`` may say."""
    first = placed(work)
    common: Facts = {
        "order_number": number_of(first),
        "store": first.store,
        "currency": first.currency,
        "customer_name": customer_of(work).get("name"),
        "ordered_at": first.occurred_at,
        "happened_at": event.occurred_at,
    }
    return common | _TOLD[type(event)](work, event)


def _order(work: UnitOfWork, event: OrderPlaced) -> Facts:
    currency, shipping = event.currency, event.shipping
    taxes = sum(line.tax for line in event.lines) + (shipping.tax if shipping else 0)
    taxes += sum(charge.tax for charge in event.charges)
    worth = [line.subtotal - line.discount + line.tax for line in event.lines]
    delivery = shipping.amount + shipping.tax if shipping else 0
    total = sum(worth) + delivery + sum(charge.amount + charge.tax for charge in event.charges)
    return {
        "lines": [
            {
                "name": line.name or line.sku,
                "sku": line.sku,
                "quantity": line.quantity,
                "total": to_text(total, currency),
            }
            for line, total in zip(event.lines, worth, strict=True)
        ],
        "shipping": None if shipping is None else _charge(shipping, currency),
        "charges": [{"name": each.name, "total": to_text(each.amount + each.tax, currency)} for each in event.charges],
        "tax": to_text(taxes, currency),
        "grand_total": to_text(total, currency),
        "payment_method": event.payment_method,
        "payment_title": event.details.payment_title if event.details else None,
        "pickup": event.details is not None and event.details.delivery == "pickup",
        "to_transfer": event.payment_method == "bank_transfer" and total > 0,
        "shipping_address": event.shipping_address,
        "billing_address": event.billing_address,
        "note": event.note,
    }


def _charge(shipping: ShippingCharge, currency: str) -> Facts:
    return {"description": shipping.description, "total": to_text(shipping.amount + shipping.tax, currency)}


def _charges(work: UnitOfWork, parts: Sequence[ChargeShare], currency: str) -> list[Facts]:
    """The charges on a document beside the delivery, by name."""
    names = {charge.charge_id: charge.name for charge in work.order.basket.charges}
    return [
        {"name": names.get(part.charge_id, part.charge_id), "total": to_text(part.total, currency)} for part in parts
    ]


def _payment(work: UnitOfWork, event: PaymentCaptured) -> Facts:
    order = work.order.state
    return {
        "amount": to_text(event.amount, event.currency),
        "currency": event.currency,
        "due": to_text(order.due, order.currency),
        "due_currency": order.currency,
    }


def _invoice(work: UnitOfWork, event: InvoiceIssued) -> Facts:
    open_rest = work.invoice(event.originator_id).rest
    method = placed(work).payment_method
    return {
        "payment_method": method,
        "to_transfer": method in TRANSFERRED and open_rest > 0,
        "invoice_number": number_of(event),
        "charges": _charges(work, event.charges, event.currency),
        "lines": _shares(work, event.lines, event.currency),
        "shipping_total": to_text(event.shipping + event.shipping_tax, event.currency),
        "grand_total": to_text(event.grand_total, event.currency),
        "due": to_text(max(0, open_rest), event.currency),
    }


def _copy(work: UnitOfWork, event: DocumentCopyRequested) -> Facts:
    issued = event_of(work, event.document_id, 1)
    if not isinstance(issued, InvoiceIssued):
        raise TypeError(f"{event.document_id} is no invoice")
    return _invoice(work, issued)


def _credit_memo(work: UnitOfWork, event: CreditMemoIssued) -> Facts:
    return {
        "credit_memo_number": number_of(event),
        "invoice_number": work.invoice(event.invoice_id).document_number,
        "charges": _charges(work, event.charges, event.currency),
        "lines": _shares(work, event.lines, event.currency),
        "shipping_total": to_text(event.shipping + event.shipping_tax, event.currency),
        "adjustment_refund": to_text(event.adjustment_refund, event.currency),
        "adjustment_fee": to_text(event.adjustment_fee, event.currency),
        "grand_total": to_text(event.grand_total, event.currency),
    }


def _shares(work: UnitOfWork, shares: tuple[Any, ...], currency: str) -> list[Facts]:
    def told(share: Share) -> Facts:
        return _named(work, share.line_id) | {"quantity": share.quantity, "total": to_text(share.total, currency)}

    return [told(share) for share in shares]


def _named(work: UnitOfWork, line_id: str) -> Facts:
    """Name and SKU of an order line as last agreed."""
    lines: dict[str, OrderLine] = {}
    for event in work.events:
        if isinstance(event, (OrderPlaced, OrderAmended)):
            lines |= {line.line_id: line for line in event.lines}
    return {"name": lines[line_id].name or lines[line_id].sku, "sku": lines[line_id].sku}


def _shipment(work: UnitOfWork, event: ShipmentBooked) -> Facts:
    followed = work.shipment(event.originator_id).state.numbers.values()
    return {
        "shipment_number": number_of(event),
        "carrier_code": event.carrier,
        "service": event.service,
        "packages": [
            {
                "contents": [_named(work, units.line_id) | {"quantity": units.quantity} for units in package.contents],
                "tracking": [
                    {"carrier": each.carrier, "number": each.tracking_number}
                    for each in followed
                    if each.package_id in {None, package.package_id}
                ],
            }
            for package in event.packages
        ],
    }


def _canceled(work: UnitOfWork, event: OrderCanceled) -> Facts:
    return {
        "whole": str(work.order.status) == "Canceled",
        "cause": event.cause,
        "lines": [_named(work, share.line_id) | {"quantity": share.quantity} for share in event.lines],
    }


def _refunded(work: UnitOfWork, event: PaymentRefunded) -> Facts:
    currency = event.currency or work.order.state.currency
    return {"amount": to_text(event.amount, currency), "currency": currency}


def _comment(work: UnitOfWork, event: OrderCommented) -> Facts:
    return {"text": event.text}


_TOLD: dict[type[Event], Callable[[UnitOfWork, Any], Facts]] = {
    OrderPlaced: _order,
    PaymentCaptured: _payment,
    InvoiceIssued: _invoice,
    ShipmentBooked: _shipment,
    CreditMemoIssued: _credit_memo,
    OrderCommented: _comment,
    OrderCanceled: _canceled,
    PaymentRefunded: _refunded,
    DocumentCopyRequested: _copy,
}
