"""One order in full, folded from its events at the moment of the question, so that it is always current.

There is no table behind it and nothing to wait for. It shows what the order accepts now by the same
table of the domain that decides.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from domain import order_events as e
from domain.lifecycle import allowed_commands, refused_commands
from domain.money_state import ForeignMoney
from domain.order_values import Charge, LineDetails, NamedTax, OrderDetails, OrderLine
from domain.places import place_of
from domain.pricing import MARKETPLACE
from domain.status import fulfilment_status, payment_status, status
from domain.values import to_text
from projections.documents import credit_memos, invoices, shipments
from projections.documents.money_lines import discounts_shown, taxes_shown, unit_price_shown
from projections.documents.shapes.common import address_shown
from projections.order_history.history import OrderHistory, TimedEvent
from projections.orders.shapes.detail import (
    CommentFacts,
    CustomerShown,
    ForeignMoneyShown,
    OrderChargeShown,
    OrderDetail,
    OrderLineShown,
    OrderPaymentShown,
    OrderShippingShown,
    OrderTotalsShown,
    PaymentTransactionShown,
    RefusedCommand,
)
from projections.paging.times import rfc3339


def order_detail(history: OrderHistory, position: int, now: datetime) -> OrderDetail | None:
    """The document of an order at the moment ``now``; None when it was never placed."""
    placed = history.placed
    if placed is None:
        return None
    details = placed.details or OrderDetails()
    return {
        "order_id": str(history.order_id),
        "order_number": history.order_number,
        "version": history.version,
        "revision": history.order.revision,
        "status": str(status(history.order)),
        "payment_status": payment_status(history.order),
        "fulfilment_status": fulfilment_status(history.order, [each.state for each in history.shipments.values()]),
        "external_reference": placed.external_reference,
        "reorder_of": None if placed.reorder_of is None else str(placed.reorder_of),
        "store": placed.store,
        "currency": placed.currency,
        "base_currency": placed.base_currency,
        "base_rate": placed.base_rate,
        "prices_include_tax": placed.prices_include_tax,
        "purchased_at": rfc3339(placed.occurred_at),
        "updated_at": rfc3339(history.updated_at),
        "expires_at": None if history.order.expires_at is None else rfc3339(history.order.expires_at),
        "tracking_token": placed.tracking_token,
        "customer": _customer(placed),
        "source": details.source,
        "tags": list(history.order.tags),
        "attributes": placed.attributes or {},
        "purchase_order": details.purchase_order,
        "due_date": None if details.due_date is None else details.due_date.isoformat(),
        "vat_id": placed.vat_id,
        "registration_id": placed.registration_id,
        "delivery": details.delivery,
        "billing_address": address_shown(history.billing_address),
        "billing_place": place_of(history.billing_address or {}) or None,
        "shipping_address": address_shown(history.shipping_address),
        "shipping_place": place_of(history.shipping_address or {}) or None,
        "note": history.note,
        "customer_note": placed.customer_note,
        "shipping": _shipping(history),
        "charges": [_charge(each, history) for each in history.basket.charges],
        "discounts": discounts_shown(history),
        "payment": _payment(history, details.payment_title),
        "totals": _totals(history),
        "lines": [_line(line, history) for line in history.basket.lines],
        "invoices": [invoices.in_order(key, each, placed.currency) for key, each in history.invoices.items()],
        "shipments": [shipments.in_order(key, each) for key, each in history.shipments.items()],
        "credit_memos": [credit_memos.summary(history, key, each) for key, each in history.credit_memos.items()],
        "comments": [_comment(each) for each in history.comments],
        "allowed_commands": allowed_commands(history.order, now, [each.state for each in history.shipments.values()]),
        "refused_commands": _refused(history, now),
        "position": position,
    }


def _refused(history: OrderHistory, now: datetime) -> dict[str, RefusedCommand]:
    """What the order does not accept now, each with the code and the words of its refusal."""
    refused = refused_commands(history.order, now, [each.state for each in history.shipments.values()])
    return {name: {"code": refusal.code, "detail": refusal.detail} for name, refusal in refused.items()}


def _customer(placed: e.OrderPlaced) -> CustomerShown | None:
    if placed.customer is None:
        return None
    named = cast("CustomerShown", placed.customer)
    return {**named, "group": placed.customer_group, "guest": placed.guest}


def _shipping(history: OrderHistory) -> OrderShippingShown | None:
    charge, currency = history.basket.shipping, history.order.currency
    if charge is None:
        return None
    return {
        "method": charge.method,
        "description": charge.description,
        "amount": to_text(charge.amount, currency),
        "tax_rate": charge.tax_rate,
        "tax": to_text(charge.tax, currency),
        "discount": to_text(charge.discount, currency),
        "taxes": taxes_shown(charge.taxes, charge.tax, currency),
    }


def _charge(charge: Charge, history: OrderHistory) -> OrderChargeShown:
    state, currency = history.order.charges[charge.charge_id], history.order.currency
    return {
        "charge_id": charge.charge_id,
        "name": charge.name,
        "kind": charge.kind,
        "amount": to_text(charge.amount, currency),
        "tax_rate": charge.tax_rate,
        "tax": to_text(charge.tax, currency),
        "taxes": taxes_shown(charge.taxes, charge.tax, currency),
        "total": to_text(charge.amount + charge.tax, currency),
        "to_invoice": to_text(state.open_amount + state.open_tax, currency),
    }


def _payment(history: OrderHistory, title: str | None) -> OrderPaymentShown:
    order = history.order
    return {
        "method": order.payment_method,
        "title": title,
        "authorized": to_text(order.authorized, order.currency),
        "captured": to_text(order.captured, order.currency),
        "refunded": to_text(order.returned, order.currency),
        "held": to_text(order.held, order.currency),
        "over": to_text(order.over, order.currency),
        "uninvoiced": to_text(max(0, order.uninvoiced_money), order.currency),
        "other_currencies": [_foreign(code, money) for code, money in order.foreign.items()],
        "review": order.review,
        "transactions": [_transaction(each, order.currency) for each in history.payments],
    }


def _foreign(currency: str, money: ForeignMoney) -> ForeignMoneyShown:
    """Money in another currency: it pays for nothing and can go back."""
    return {
        "currency": currency,
        "captured": to_text(money.captured, currency),
        "refunded": to_text(money.returned, currency),
        "held": to_text(money.held, currency),
    }


def _transaction(told: TimedEvent, currency: str) -> PaymentTransactionShown:
    event = told.event
    currency = getattr(event, "currency", "") or currency
    amount = getattr(event, "amount", None)
    return {
        "type": type(event).__name__,
        "amount": None if amount is None else to_text(amount, currency),
        "currency": currency,
        "provider_reference": event.provider_reference,
        "method": getattr(event, "method", None),
        "kind": getattr(event, "kind", None),
        "remitted": to_text(getattr(event, "remitted", 0), currency),
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(told.recorded_at),
    }


def _totals(history: OrderHistory) -> OrderTotalsShown:
    order, charge = history.order, history.basket.shipping
    amounts = {
        "subtotal": sum(line.subtotal for line in history.basket.lines),
        "discount": sum(line.discount for line in history.basket.lines),
        "shipping": charge.amount if charge else 0,
        "shipping_discount": charge.discount if charge else 0,
        "charges": sum(each.amount for each in history.basket.charges),
        "tax": sum(line.tax for line in history.basket.lines)
        + (charge.tax if charge else 0)
        + sum(each.tax for each in history.basket.charges),
        "collected_by_marketplace": sum(tax.amount for tax in _all_taxes(history) if tax.collected_by == MARKETPLACE),
        "grand_total": order.grand_total,
        "paid": order.captured,
        "refunded": order.returned,
        "canceled": order.canceled_value,
        "credited": order.credited,
        "waived": order.waived,
        "due": order.due,
        "over": order.over,
    }
    return cast("OrderTotalsShown", {name: to_text(minor, order.currency) for name, minor in amounts.items()})


def _all_taxes(history: OrderHistory) -> Iterator[NamedTax]:
    for line in history.basket.lines:
        yield from line.details.taxes if line.details else ()
    yield from history.basket.shipping.taxes if history.basket.shipping else ()
    for charge in history.basket.charges:
        yield from charge.taxes


def _line(line: OrderLine, history: OrderHistory) -> OrderLineShown:
    state, currency = history.order.lines[line.line_id], history.order.currency
    details = line.details or LineDetails()
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": state.ordered,
        "invoiced": state.invoiced,
        "shipped": state.booked,
        "canceled": state.canceled,
        "refunded": state.refunded_shipped + state.refunded_unshipped,
        "parent_line_id": details.parent_line_id,
        "gtin": details.gtin,
        "unit": details.unit,
        "attributes": history.basket.line_attributes.get(line.line_id, {}),
        "unit_price": unit_price_shown(line, currency),
        "tax_rate": line.tax_rate,
        "subtotal": to_text(line.subtotal, currency),
        "discount": to_text(line.discount, currency),
        "tax": to_text(line.tax, currency),
        "taxes": taxes_shown(details.taxes, line.tax, currency),
        "total": to_text(line.subtotal - line.discount + line.tax, currency),
        "weight_grams": line.weight_grams,
        "shippable": line.shippable,
        "to_invoice": state.to_invoice,
        "to_ship": state.to_ship,
        "to_cancel": state.to_cancel,
    }


def _comment(told: TimedEvent) -> CommentFacts:
    return {
        "text": told.event.text,
        "visible": told.event.visible,
        "occurred_at": rfc3339(told.event.occurred_at),
        "recorded_at": rfc3339(told.recorded_at),
    }
