"""The requests of the command section, as the bytes that go over the wire: for both servers the same.

An order of ten lines is placed; or an order that exists, also of ten lines, is paid, invoiced in full and shipped in
one package, each request after the answer to the one before. Every request has an idempotency key of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from benchmarks.http_load import Script
from benchmarks.seeding import SHIPPING_WITH_TAX, Orders
from domain.events import Event
from domain.order_values import OrderLine

VARIANTS = 16
LINES = tuple(
    OrderLine(
        line_id=str(number + 1), sku=f"MUG-{number:04}", name=f"Mug number {number}, with a handle",
        quantity=number % 4 + 1, unit_price=999 + number, tax_rate="0.23", subtotal=(999 + number) * (number % 4 + 1),
        tax=round((999 + number) * (number % 4 + 1) * 0.23), weight_grams=400,
    )
    for number in range(10)
)  # fmt: skip
_DUE = sum(line.subtotal + line.tax for line in LINES) + SHIPPING_WITH_TAX
_CONTENTS = [{"line_id": line.line_id, "quantity": line.quantity} for line in LINES]
_encode = msgspec.json.Encoder().encode


class TenLineOrders(Orders):
    """Orders that wait to be paid, with ids that can be told from their numbers."""

    def order_id(self, number: int) -> UUID:
        return order_id(number)

    def _lines(self, number: int) -> tuple[OrderLine, ...]:  # noqa: ARG002  all are alike
        return LINES

    def _events(self, order_id: UUID, number: int, name: str) -> list[Event]:
        return super()._events(order_id, number * 5, name)  # the placing alone, to be paid by transfer


def order_id(number: int) -> UUID:
    """The id of the order with that number."""
    return UUID(int=0x1990_0000_0000_7000_8000_0000_0000_0000 + number)


def order_body(number: int) -> dict[str, Any]:
    """The body of a placing; there are a few that differ."""
    variant = number % VARIANTS
    address = {
        "name": "Ana Silva", "street": [f"Rua Nova {variant}", "2 dto"], "city": "Porto", "postcode": "4000-001",
        "country": "PT",
    }  # fmt: skip
    return {
        "store": "main", "currency": "EUR",
        "customer": {"id": f"c-{variant}", "email": "ana@example.com", "name": "Ana Silva", "group": "general"},
        "billing_address": address, "shipping_address": address,
        "shipping": {"method": "flat_rate", "description": "Flat rate", "amount": "5.00", "tax_rate": "0.23"},
        "payment": {"method": "bank_transfer"},
        "lines": [
            {
                "line_id": line.line_id, "sku": line.sku, "name": line.name, "quantity": line.quantity,
                "unit_price": f"{line.unit_price / 100:.2f}", "tax_rate": "0.23", "discount": "0.00",
                "weight_grams": 400,
            }
            for line in LINES
        ],
    }  # fmt: skip


def post(path: str, key: str, idempotency_key: str, body: bytes) -> bytes:
    """A command as it goes over the wire."""
    head = (
        f"POST /commands/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {idempotency_key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_ORDERS = [_encode(order_body(variant)) for variant in range(VARIANTS)]


@dataclass(frozen=True, slots=True)
class Place:
    """Scripts of one request: place an order."""

    api_key: str

    def __call__(self, number: int) -> Script:
        return [post("orders", self.api_key, f"place-{number}", _ORDERS[number % VARIANTS])]


@dataclass(frozen=True, slots=True)
class Fulfil:
    """Scripts of three requests: pay, invoice and ship the order of that number."""

    api_key: str
    orders: int

    def __call__(self, number: int) -> Script:
        if number >= self.orders:
            raise LookupError("there are not enough orders: seed more")
        return [
            post(f"orders/{order_id(number)}/{verb}", self.api_key, f"{verb}-{number}", _encode(body))
            for verb, body in fulfilment(number)
        ]


def fulfilment(number: int) -> list[tuple[str, dict[str, Any]]]:
    """What pays, invoices and ships an order: the verbs and their bodies."""
    return [
        ("capture-payment", {"amount": f"{_DUE / 100:.2f}", "provider_reference": f"transfer-{number}"}),
        ("invoices", {"lines": "all_remaining", "notify": True}),
        ("shipments", {"lines": "all_remaining", "carrier": "ups", "packages": [_package(number)]}),
    ]


def _package(number: int) -> dict[str, Any]:
    return {"weight_grams": 9000, "contents": _CONTENTS, "tracking_number": f"1Z{number:010}"}


@dataclass(frozen=True, slots=True)
class Get:
    """Scripts of one request: one of these paths after the other."""

    api_key: str
    paths: tuple[str, ...]

    def __call__(self, number: int) -> Script:
        path = self.paths[number % len(self.paths)]
        return [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.api_key}\r\n\r\n".encode()]
