"""Texts of foreign files cut to what an order can hold; what is cut off, or is not what it should be, is noted.

What an order is known by (numbers, ids, amounts) is never cut: the server refuses it, and the report says so.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daybook.importing.sources.order import Discount, Json, SourceOrder
from daybook.importing.sources.reading import RefusedOrder

LABEL = 255
SKU = 128
CODE = 64
TAX = 128
NOTE = 4000
PAIRS = 50
PAIR_NAME = 64
PAIR_TEXT = 1000
TAGS = 50
TAG = 64
STREETS = 6
ADDRESS = {"postcode": 32, "phone": 64}
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
GTIN = re.compile("[0-9]{8}|[0-9]{12,14}")
VAT_ID = 32


def fitted(order: SourceOrder | RefusedOrder) -> SourceOrder | RefusedOrder:
    """The same order, with texts that fit."""
    if isinstance(order, SourceOrder):
        _fit(order)
    return order


def _fit(order: SourceOrder) -> None:
    _people(order)
    order.note, order.customer_note = (_cut(order, text, NOTE, "note") for text in (order.note, order.customer_note))
    order.title = _cut(order, order.title, LABEL, "payment method")
    methods = [_cut(order, payment.method, LABEL, "payment method") for payment in order.payments]
    order.payments = [replace(each, method=name) for each, name in zip(order.payments, methods, strict=True)]
    if order.authorized is not None:
        named = _cut(order, order.authorized.method, LABEL, "payment method")
        order.authorized = replace(order.authorized, method=named)
    order.vat_id = _cut(order, order.vat_id, VAT_ID, "VAT id")
    order.attributes = _pairs(order, order.attributes, "")
    long = [tag for tag in order.tags if len(tag) > TAG]
    order.tags = [tag for tag in dict.fromkeys(order.tags) if len(tag) <= TAG]
    for tag in [*long, *order.tags[TAGS:]]:
        order.notes.dropped.append(f"tag {tag[:200]!r}: too long, or beyond {TAGS} tags")
    order.tags = order.tags[:TAGS]
    for line in order.lines:
        line.name = _cut(order, line.name, LABEL, f"line {line.line_id}, name")
        line.sku = _cut(order, line.sku, SKU, f"line {line.line_id}, SKU")
        line.attributes = _pairs(order, line.attributes, f"line {line.line_id}, ")
        if line.gtin and not GTIN.fullmatch(line.gtin):
            order.notes.dropped.append(f"line {line.line_id}: {line.gtin[:40]!r} is no article number of GS1")
            line.gtin = None
    charges = [*order.charges, *([order.delivery] if order.delivery else [])]
    for charge in charges:
        charge.name = _cut(order, charge.name, LABEL, "name of a charge")
    for taxed in [*order.lines, *charges]:
        taxed.taxes = [replace(tax, name=_cut(order, tax.name, TAX, "name of a tax")) for tax in taxed.taxes]
    order.discounts = [_discount(order, discount) for discount in order.discounts]


def _discount(order: SourceOrder, said: Discount) -> Discount:
    code = _cut(order, said.code or "", CODE, "code of a discount")
    return replace(said, code=code or None, name=_cut(order, said.name or "", LABEL, "name of a discount") or None)


def _people(order: SourceOrder) -> None:
    order.customer = _texts(order, order.customer)
    email = order.customer.get("email")
    if email is not None and not EMAIL.fullmatch(email):
        del order.customer["email"]
        order.attributes["email"] = email
        order.notes.assumed.append(f"{email[:80]!r} is no email address: kept among the attributes")
    order.billing = _texts(order, order.billing)
    if order.ship_to is not None:
        order.ship_to = _texts(order, order.ship_to)


def _texts(order: SourceOrder, said: Mapping[str, Any]) -> Json:
    fitting: Json = {}
    for name, value in said.items():
        if isinstance(value, str):
            fitting[name] = _cut(order, value, ADDRESS.get(name, LABEL), name)
        elif isinstance(value, list):
            fitting[name] = [_cut(order, each, LABEL, name) for each in value[:STREETS]]
            order.notes.dropped += [f"{name}: {each[:200]}" for each in value[STREETS:]]
        else:
            fitting[name] = value
    return fitting


def _pairs(order: SourceOrder, pairs: dict[str, str], where: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, text in pairs.items():
        if len(kept) == PAIRS:
            order.notes.dropped.append(f"{where}{name[:80]}: {text[:200]} (beyond {PAIRS} attributes)")
        else:
            short = _cut(order, name, PAIR_NAME, f"{where}name {name[:80]}")
            kept[short or "-"] = _cut(order, text, PAIR_TEXT, f"{where}{name[:80]}")
    return kept


def _cut(order: SourceOrder, text: str, high: int, what: str) -> str:
    if len(text) > high:
        order.notes.dropped.append(f"{what}: what is beyond {high} characters")
    return text[:high]
