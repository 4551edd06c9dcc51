"""The JSON Schemas of what the API answers, for the OpenAPI document.

Answers are written by the read models and the desk, not by schemas; these describe them, and the tests hold real
answers against them.
"""

from typing import Any

from domain.document_kinds import READABLE
from projections.orders_grid.columns import (
    COLUMNS,
    FULFILMENT_STATUSES,
    PAYMENT_STATUSES,
    STATUSES,
    Column,
    Kind,
)
from web.problem_codes import CODES

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NULLABLE_TEXT: Json = {"type": ["string", "null"]}
UUID: Json = {"type": "string", "format": "uuid"}
TIME: Json = {"type": "string", "format": "date-time"}
COUNT: Json = {"type": "integer", "minimum": 0}
AMOUNT: Json = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["12.50"]}
STATUS: Json = {"type": "string", "enum": list(STATUSES)}


def shape(required: Json, optional: Json | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": required | (optional or {})}


def array(items: Json) -> Json:
    return {"type": "array", "items": items}


ANSWER = shape(
    {
        "version": {"type": "integer", "minimum": 1},
        "position": {"type": "integer", "minimum": 1},
        "status": TEXT,
        "events": array(TEXT),
    },
    {name: schema for kind in READABLE for name, schema in ((kind.id_name, UUID), (kind.number_name, NULLABLE_TEXT))}
    | {
        "manifest_number": NULLABLE_TEXT,
        "withheld": array(shape({"shipment_id": UUID, "code": TEXT})),
        "warnings": array(shape({"code": TEXT, "detail": TEXT})),
    },
)

CODES_IN_WORDS = "What happened, in a word that keeps its meaning.\n\n" + "\n".join(
    f"- `{code}` ({' or '.join(map(str, row.statuses))}): {row.meaning} {row.action}" for code, row in CODES.items()
)

PROBLEM = shape(
    {
        "type": {"type": "string", "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "code": {"type": "string", "description": CODES_IN_WORDS},
        "errors": array(shape({"pointer": TEXT, "message": TEXT})),
        "allowed_commands": array(TEXT),
    }
)

ADDRESS = {"type": ["object", "null"]}

ACTOR = shape({"type": TEXT, "id": TEXT, "name": NULLABLE_TEXT})
TIMELINE_ENTRY = shape(
    {
        "type": TEXT,
        "aggregate": TEXT,
        "occurred_at": TIME,
        "actor": ACTOR,
        "position": COUNT,
        "reason": NULLABLE_TEXT,
        "changes": {
            "type": "object",
            "description": "Of an amendment or a new address: by part, what it was before and after.",
            "additionalProperties": shape({"before": {}, "after": {}}),
        },
    }
)
ORDER = shape(
    {
        "order_id": UUID,
        "order_number": TEXT,
        "version": {"type": "integer", "minimum": 1},
        "revision": {"type": "integer"},
        "status": STATUS,
        "payment_status": {"type": "string", "enum": list(PAYMENT_STATUSES)},
        "fulfilment_status": {"type": "string", "enum": list(FULFILMENT_STATUSES)},
        "external_reference": NULLABLE_TEXT,
        "store": TEXT,
        "currency": TEXT,
        "purchased_at": TIME,
        "updated_at": TIME,
        "tracking_token": TEXT,
        "customer": ADDRESS,
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "shipping": {"type": ["object", "null"]},
        "payment": shape({"method": TEXT}),
        "totals": shape(
            dict.fromkeys(
                ("subtotal", "discount", "shipping", "tax", "grand_total", "paid", "refunded", "canceled", "due"),
                AMOUNT,
            )
        ),
        "lines": array(
            shape(
                {
                    "line_id": TEXT,
                    "sku": TEXT,
                    "name": NULLABLE_TEXT,
                    "quantity": COUNT,
                    "invoiced": COUNT,
                    "shipped": COUNT,
                    "canceled": COUNT,
                    "refunded": COUNT,
                    "unit_price": AMOUNT,
                    "tax": AMOUNT,
                    "total": AMOUNT,
                }
            )
        ),
        "invoices": array(shape({"invoice_id": UUID, "invoice_number": TEXT, "state": TEXT, "grand_total": AMOUNT})),
        "shipments": array(
            shape(
                {
                    "shipment_id": UUID,
                    "shipment_number": TEXT,
                    "state": TEXT,
                    "packages": array({"type": "object"}),
                }
            )
        ),
        "credit_memos": array({"type": "object"}),
        "comments": array(shape({"text": NULLABLE_TEXT, "visible": {"type": "boolean"}, "author": ACTOR})),
        "timeline": array(TIMELINE_ENTRY),
        "timeline_before": {"type": ["integer", "null"]},
        "allowed_commands": array(TEXT),
        "refused_commands": {"type": "object", "additionalProperties": shape({"code": TEXT, "detail": TEXT})},
        "position": COUNT,
    }
)

# What stands in a column of the grid, by its kind.
OF_KIND = {Kind.ID: UUID, Kind.TEXT: TEXT, Kind.AMOUNT: AMOUNT, Kind.TIME: TIME, Kind.COUNT: COUNT}


def _column(column: Column) -> Json:
    schema = OF_KIND[column.kind] | {"description": column.about}
    if column.choices:
        schema["enum"] = list(column.choices)
    return schema | ({"type": [schema["type"], "null"]} if column.nullable else {})


GRID_ROW = shape({column.name: _column(column) for column in COLUMNS})
GRID_PAGE = shape(
    {"items": array(GRID_ROW), "next": NULLABLE_TEXT, "previous": NULLABLE_TEXT, "position": COUNT},
    {"count": COUNT, "warnings": array(shape({"parameter": TEXT, "message": TEXT}))},
)

AUDIT_EVENT = shape(
    {
        "position": {"type": "integer", "minimum": 1},
        "event_id": TEXT,
        "type": TEXT,
        "schema_version": {"type": "integer"},
        "aggregate": TEXT,
        "aggregate_id": UUID,
        "version": {"type": "integer"},
        "order_id": {"type": ["string", "null"], "format": "uuid"},
        "recorded_at": TIME,
        "occurred_at": TIME,
        "actor": ACTOR,
        "command_id": UUID,
        "correlation_id": UUID,
        "causation_id": {"type": ["string", "null"], "format": "uuid"},
        "reason": NULLABLE_TEXT,
        "data": {"type": "object"},
    }
)
AUDIT_PAGE = shape({"items": array(AUDIT_EVENT), "next": NULLABLE_TEXT})
TRACKING = {"type": "object"}
STATE = shape({"status": TEXT})

PARKED_ORDER = shape({"order_id": UUID, "position": COUNT, "error": TEXT, "since": TIME, "attempts": COUNT})
PROJECTION = shape(
    {
        "name": TEXT,
        "position": COUNT,
        "lag_events": COUNT,
        "lag_seconds": {"type": "number"},
        "parked": array(PARKED_ORDER),
    }
)
PROJECTIONS = shape({"items": array(PROJECTION)})
