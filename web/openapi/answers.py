"""The JSON Schemas of what the API answers where no declared shape says it: the grid's rows, problems, the audit trail.

The tests hold every real answer against them, closed.
"""

from typing import Any

from projections.orders_grid.columns import COLUMNS, STATUSES, Column, Kind
from web.problem_codes import CODES

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NULLABLE_TEXT: Json = {"type": ["string", "null"]}
UUID: Json = {"type": "string", "format": "uuid"}
TIME: Json = {"type": "string", "format": "date-time"}
COUNT: Json = {"type": "integer", "minimum": 0}
POSITIVE: Json = {"type": "integer", "minimum": 1}
AMOUNT: Json = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["12.50"]}
STATUS: Json = {"type": "string", "enum": list(STATUSES)}


def shape(required: Json, optional: Json | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": required | (optional or {})}


def array(items: Json) -> Json:
    return {"type": "array", "items": items}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def said(schema: Json, text: str) -> Json:
    """The schema with what it is about."""
    return schema | {"description": text}


CODES_IN_WORDS = "What happened, in a word that keeps its meaning.\n\n" + "\n".join(
    f"- `{code}` ({' or '.join(map(str, row.statuses))}): {row.meaning} {row.action}" for code, row in CODES.items()
)

PROBLEM = shape(
    {
        "type": {"type": "string", "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": said(TEXT, "What happened, in a sentence for people."),
        "code": {"type": "string", "enum": list(CODES), "description": CODES_IN_WORDS},
        "errors": said(
            array(shape({"pointer": said(TEXT, "Which part of the request (RFC 6901)."), "message": TEXT})),
            "What is wrong with which part of the request.",
        ),
        "allowed_commands": said(array(TEXT), "What the order accepts instead."),
    },
    {
        "order_id": said(UUID, "The order that has the number or the reference already."),
        "batch_id": said(UUID, "The batch that the order is in."),
        "dispatch_id": said(UUID, "The dispatch that the shipment is on."),
        "invoice_id": said(UUID, "The invoice that has the number already."),
        "approval_id": said(UUID, "The request for approval of the very same, which waits already."),
        "approval_status": said(TEXT, "What became of the request for approval."),
        "sealed": said(COUNT, "How many events the last checkpoint is over."),
        "candidates": said(array(UUID), "The shipments that have the number, of which none was guessed."),
        "version": said(COUNT, "At which version it is, of one that another was expected of."),
        "position": said(COUNT, "How far the read model or the log is, or where what cannot be read stands."),
        "open_orders": said(
            array(shape({"order_id": UUID, "order_number": NULLABLE_TEXT, "status": TEXT})),
            "Orders of the customer that stand in the way of an erasure; the first of many.",
        ),
        "retained": said(
            array(shape({"document": TEXT, "number": TEXT, "until": TIME})),
            "Documents of the customer that have to be kept, and until when; the first of many.",
        ),
        "retained_until": said({"type": "string", "format": "date"}, "When the last of them may go."),
        "erased_at": said(TIME, "When the customer was erased."),
        "error_id": said(UUID, "Under which the failure is logged."),
    },
)
PROBLEM["description"] = "What went wrong (RFC 9457)."

ACTOR = ref("Actor")

# What stands in a column of the grid, by its kind.
OF_KIND = {Kind.ID: UUID, Kind.TEXT: TEXT, Kind.AMOUNT: AMOUNT, Kind.TIME: TIME, Kind.COUNT: COUNT}


def _column(column: Column) -> Json:
    schema = OF_KIND[column.kind] | {"description": column.about}
    if column.choices:
        schema["enum"] = list(column.choices)
    return schema | ({"type": [schema["type"], "null"]} if column.nullable else {})


GRID_ROW = shape({column.name: _column(column) for column in COLUMNS})
WARNINGS = array(shape({"parameter": TEXT, "message": TEXT}))


def page(item: str, more: Json | None = None) -> Json:
    """A page of a list of these."""
    required = {
        "items": array(ref(item)),
        "next": said(NULLABLE_TEXT, "Where to go on: an address with the filters of this one."),
        "previous": said(NULLABLE_TEXT, "The page before; null on the first."),
        "position": said(COUNT, "The log position that this was read at."),
    }
    warned = said(WARNINGS, "What should be known about the answer because of a parameter.")
    return shape(required, {"warnings": warned} | (more or {}))


GRID_PAGE = page("GridRow", {"count": said(COUNT, "How many rows there are, where `count` asked for it.")})

AUDITED_EVENT = shape(
    {
        "position": POSITIVE,
        "event_id": UUID,
        "type": TEXT,
        "schema_version": POSITIVE,
        "aggregate": TEXT,
        "aggregate_id": UUID,
        "version": POSITIVE,
        "order_id": {"type": ["string", "null"], "format": "uuid"},
        "recorded_at": TIME,
        "occurred_at": TIME,
        "actor": ACTOR,
        "command_id": UUID,
        "correlation_id": UUID,
        "causation_id": {"type": ["string", "null"], "format": "uuid"},
        "reason": NULLABLE_TEXT,
        "data": said({"type": "object", "additionalProperties": True}, "As it was stored, in that schema version."),
    },
    {"unreadable": said(TEXT, "Why the event cannot be read; its place is known all the same.")},
)
AUDIT_PAGE = shape({"items": array(ref("AuditedEvent")), "next": NULLABLE_TEXT})
STATE = shape({"status": TEXT}, {"warnings": said(array(TEXT), "What somebody has to look at.")})

PARKED_ORDER = shape({"order_id": UUID, "position": COUNT, "error": TEXT, "since": TIME, "attempts": COUNT})
PROJECTION = shape(
    {
        "name": TEXT,
        "position": COUNT,
        "lag_events": said(COUNT, "Events that are not folded yet."),
        "lag_seconds": said({"type": "number"}, "The age of the oldest of them."),
        "parked": said(array(PARKED_ORDER), "Orders that could not be folded, and wait for a repair."),
    }
)
PROJECTIONS = shape({"items": array(PROJECTION)})

SCHEMAS: Json = {
    "Problem": PROBLEM,
    "GridRow": GRID_ROW,
    "GridPage": GRID_PAGE,
    "AuditedEvent": AUDITED_EVENT,
    "AuditPage": AUDIT_PAGE,
    "State": STATE,
    "Projections": PROJECTIONS,
}
