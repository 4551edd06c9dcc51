"""The body of `POST /commands/orders` for an order of another system: every field of the contract that it fills.

This is the one place that knows how the contract writes things. It adds nothing: what is not known is left out.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from daybook.importing.sources.amounts import price_text, quoted
from daybook.importing.sources.order import Discount, Json, SourceCharge, SourceLine, SourceOrder, Tax, Taxed
from domain.values import to_text


def body_of(order: SourceOrder, order_id: UUID, store: str) -> Json:
    """The order as a checkout would post it; ``expected_grand_total`` makes the server add it up once more."""
    currency = order.currency
    body: Json = {
        "order_id": str(order_id),
        "external_reference": order.external_reference or order.source_id,
        "order_number": order.number,
        "store": store,
        "currency": currency,
        "customer": order.customer,
        "billing_address": order.billing,
        "shipping_address": order.ship_to,
        "delivery": "pickup" if order.pickup else None,
        "payment": filled({"method": order.method, "title": order.title}),
        "lines": [_line(line, order) for line in order.lines],
        "shipping": _delivery(order),
        "charges": [_charge(charge, currency) for charge in order.charges],
        "discounts": [discount_body(discount, currency) for discount in order.discounts],
        "tax_total": None if order.tax_total is None else to_text(order.tax_total, currency),
        "prices_include_tax": order.prices_include_tax or None,
        "base_rate": order.base_rate,
        "source": order.channel,
        "tags": order.tags,
        "attributes": order.attributes,
        "note": order.note,
        "customer_note": order.customer_note,
        "purchase_order": order.purchase_order,
        "due_date": order.due_date,
        "vat_id": order.vat_id,
        "registration_id": order.registration_id,
        "expected_grand_total": to_text(order.figures.grand_total, currency),
        "occurred_at": order.purchased_at,
    }
    return filled(body) | {"billing_address": order.billing}


def filled(body: Mapping[str, Any]) -> Json:
    """What of a body says anything."""
    return {name: value for name, value in body.items() if value not in (None, "", [], {})}


def _line(line: SourceLine, order: SourceOrder) -> Json:
    price = quoted(line.price, line.amount, line.quantity, order.currency)
    body: Json = {
        "line_id": line.line_id,
        "parent_line_id": line.parent,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": price_text(price, order.currency),
        "gtin": line.gtin,
        "attributes": line.attributes,
    }
    if line.discount:
        body["discount"] = to_text(line.discount, order.currency)
    if not line.shippable:
        body["shippable"] = False
    return filled(body) | ({} if order.tax_total is not None else _taxes(line, order.currency))


def _delivery(order: SourceOrder) -> Json | None:
    if order.delivery is None:
        return None
    known = {"method": order.delivery_method, "description": order.delivery.name}
    taxes = {} if order.tax_total is not None else _taxes(order.delivery, order.currency)
    return filled(known) | {"amount": to_text(order.delivery.amount, order.currency)} | taxes


def _charge(charge: SourceCharge, currency: str) -> Json:
    amount = to_text(charge.amount, currency)
    named = {"charge_id": charge.charge_id, "name": charge.name, "kind": charge.kind, "amount": amount}
    return named | _taxes(charge, currency)


def discount_body(discount: Discount, currency: str) -> Json:
    """A discount as the contract writes it."""
    target = discount.target if isinstance(discount.target, str) else list(discount.target)
    named = filled({"code": discount.code, "name": discount.name})
    return named | {"amount": to_text(discount.amount, currency), "target": target}


def _taxes(taxed: Taxed, currency: str) -> Json:
    """Taxes by name, else the one amount with its rate; without a rate nobody knows it, not even when it is nothing."""
    if taxed.taxes:
        return {"taxes": [_tax(tax, currency) for tax in taxed.taxes]}
    body: dict[str, Any] = {"tax_amount": to_text(taxed.tax_amount, currency)}
    if taxed.tax_rate is not None:
        body["tax_rate"] = f"{taxed.tax_rate.normalize():f}"
    return body


def _tax(tax: Tax, currency: str) -> Json:
    body: Json = {"name": tax.name, "amount": to_text(tax.amount, currency)}
    if tax.rate is not None:
        body["rate"] = f"{tax.rate.normalize():f}"
    if tax.marketplace:
        body["collected_by"] = "marketplace"
    return body
