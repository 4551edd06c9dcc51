"""Messages for tests of the mailer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.mail.mailer import SmtpMailer
from adapters.mail.mime import sender_of
from adapters.mail.smtp import SmtpServer
from adapters.mail.templates import CarrierLink, Shop, Templates
from application.mailer import Message

ID = UUID("01900000-0000-7000-8000-000000000001")
WHEN = datetime(2026, 11, 3, 12, tzinfo=UTC)
NOWHERE = SmtpServer("127.0.0.1", 1, "never")
CARRIERS = {"ups": CarrierLink("UPS", "https://ups.example/track?n={number}"), "custom": CarrierLink("Our van")}
SHOP = Shop(
    "Mug & Co",
    "shop@example.com",
    "mug.example",
    CARRIERS,
    ("IBAN PT50 0002", "BIC EXAMPTPL"),
    {"gift_card": "Gift card"},
)
LINES = [
    {"name": "Mug", "sku": "MUG-01", "quantity": 3, "total": "1234.50"},
    {"name": "TEA", "sku": "TEA", "quantity": 1, "total": "0.05"},
]
ADDRESS = {
    "name": "Ana Silva",
    "street": ["Rua Nova 1", "3.º Dto"],
    "city": "Porto",
    "postcode": "4000-001",
    "country": "PT",
}
COMMON: dict[str, Any] = {
    "order_number": "000000001",
    "store": "main",
    "currency": "EUR",
    "customer_name": "Ana Silva",
    "ordered_at": WHEN,
    "happened_at": WHEN,
}
FACTS: dict[str, dict[str, Any]] = {
    "order_placed": {
        "lines": LINES,
        "shipping": {"description": None, "total": "5.00"},
        "charges": [{"name": "Gift wrap", "total": "3.60"}],
        "payment_title": None,
        "pickup": False,
        "tax": "8.04",
        "grand_total": "1239.55",
        "payment_method": "bank_transfer",
        "to_transfer": True,
        "shipping_address": ADDRESS,
        "billing_address": ADDRESS,
        "note": None,
    },
    "payment_received": {"amount": "43.01", "currency": "EUR", "due": "2.00", "due_currency": "EUR"},
    "invoice": {
        "invoice_number": "000000007",
        "lines": LINES,
        "shipping_total": "5.00",
        "charges": [{"name": "Gift wrap", "total": "3.60"}],
        "grand_total": "43.01",
        "due": "43.01",
        "payment_method": "purchase_order",
        "to_transfer": True,
    },
    "shipped": {
        "shipment_number": "000000003",
        "carrier_code": "ups",
        "service": None,
        "packages": [
            {
                "contents": [{"name": "Mug", "sku": "MUG-01", "quantity": 2}],
                "tracking": [{"carrier": "ups", "number": "1Z 999/&"}],
            },
            {"contents": [{"name": "Tea", "sku": "TEA", "quantity": 1}], "tracking": []},
        ],
    },
    "credit_memo": {
        "credit_memo_number": "000000002",
        "invoice_number": "000000007",
        "lines": LINES,
        "shipping_total": "0.00",
        "charges": [],
        "adjustment_refund": "1.00",
        "adjustment_fee": "0.50",
        "grand_total": "10.00",
    },
    "order_canceled": {"whole": True, "cause": "expiry", "lines": [{"name": "Mug", "sku": "MUG-01", "quantity": 2}]},
    "payment_refunded": {"amount": "43.01", "currency": "EUR"},
    "comment": {"text": "Your mug is blue.\nReally."},
}


def order_message(template: str = "order_placed", *, language: str = "en", **more: Any) -> Message:
    """A message about an order; further facts, and fields of the message by their names."""
    fields: dict[str, Any] = {"recipient": "ana@example.com", "recipient_name": "Ana Silva", "attachments": ()}
    fields |= {name: more.pop(name) for name in list(more) if name in fields}
    facts = COMMON | FACTS[template] | more
    return Message(id=ID, template=template, language=language, requested_at=WHEN, facts=facts, **fields)


def mailer(server: SmtpServer = NOWHERE, *, templates: Path | None = None, timeout: float = 5.0) -> SmtpMailer:
    """A mailer through a server."""
    return SmtpMailer(Templates(SHOP, templates), sender_of("Mug & Co <orders@example.com>"), server, timeout)
