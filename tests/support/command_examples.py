"""A body of each command that has fields of its own, as a shop would send it: for the reference of the commands."""

from typing import Any

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
OTHER = "01890a5d-ac96-774b-bcce-b302099a8058"
ADDRESS = {"name": "Ana Silva", "street": ["Rua Augusta 1"], "postcode": "1100-048", "city": "Lisboa", "country": "PT"}
LINE = {"line_id": "1", "sku": "MUG-01", "name": "Mug", "quantity": 2, "unit_price": "12.50", "tax_rate": "0.23"}
PARCEL = {"package_id": "1", "weight_grams": 900, "contents": [{"line_id": "1", "quantity": 2}]}
TRACKED = {"carrier": "dhl", "tracking_number": "JD014600003828"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "orders": {
        "store": "eu-web",
        "order_number": "#1001",
        "currency": "EUR",
        "customer": {"id": "c-17", "email": "ana@example.com", "name": "Ana Silva"},
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "shipping": {"method": "standard", "amount": "4.90", "tax_rate": "0.23"},
        "payment": {"method": "card_authorize"},
        "lines": [LINE],
    },
    "orders/amend": {"lines": [LINE | {"quantity": 3}], "reason": "One more, by telephone"},
    "orders/change-address": {"shipping_address": ADDRESS},
    "orders/comment": {"text": "Leave it with the neighbour.", "visible": True},
    "orders/tag": {"add": ["gift"], "remove": ["check"]},
    "orders/cancel": {"lines": [{"line_id": "1", "quantity": 1}], "reason": "Broken in the warehouse"},
    "orders/authorize-payment": {"amount": "35.65", "provider_reference": "pi_3Q8"},
    "orders/capture-payment": {"amount": "35.65", "provider_reference": "ch_3Q8", "kind": "card"},
    "orders/fail-payment": {"provider_reference": "pi_3Q8", "reason": "Card expired"},
    "orders/void-payment": {"provider_reference": "pi_3Q8"},
    "orders/refund-payment": {"amount": "10.00", "mode": "offline"},
    "orders/invoices": {"lines": "all_remaining", "capture": "offline"},
    "orders/shipments": {"lines": "all_remaining", "carrier": "dhl", "service": "parcel", "packages": [PARCEL]},
    "invoices/refund": {"lines": [{"line_id": "1", "quantity": 1, "disposition": "shipped"}], "shipping": "4.90"},
    "shipments/return": {"lines": [{"line_id": "1", "quantity": 1}]},
    "shipments/request-label": {"service": "express"},
    "shipments/void-label": {"package_id": "1"},
    "shipments/add-tracking": TRACKED,
    "shipments/correct-tracking": TRACKED | {"new_tracking_number": "JD014600003829"},
    "shipments/retract-tracking": TRACKED,
    "shipments/tracking-events": TRACKED | {"status": "delivered", "occurred_at": "2026-11-03T10:15:00+01:00"},
    "tracking-events": TRACKED | {"status": "in_transit", "occurred_at": "2026-11-02T08:00:00Z", "location": "Porto"},
    "batches": {"origin": "main", "carrier": "dhl", "service": "parcel", "orders": [ID, OTHER]},
    "batches/entries": {"order_id": ID, "packages": [PARCEL]},
    "dispatches": {
        "carrier": "dhl",
        "location": "main",
        "ready_at": "2026-11-03T16:30:00+01:00",
        "shipments": "all_ready",
    },
    "customers/erase": {"reason": "Asked for it by letter, ticket 4711"},
}
