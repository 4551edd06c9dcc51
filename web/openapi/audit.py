"""The OpenAPI operations of the audit trail that ask the past: their paths, parameters and answers."""

from typing import Any

from projections.orders.past import DIFF_EVENTS_MAX
from web.audit.customers import CUSTOMER_ID_MAX
from web.audit.grid import LIMIT_MAX as PAST_MAX
from web.audit.grid import NO_PAST
from web.audit.past import CLOCKS, VERSION_MAX
from web.audit.search import SORTS, TEXT_MAX
from web.openapi.answers import COUNT, NULLABLE_TEXT, TEXT, TIME, UUID, array, ref, shape
from web.openapi.lists import BOM, COLUMNS
from web.openapi.parameters import DECIMAL, EARLIER, MOMENT, parameter, path_id
from web.openapi.seals import Operation

Json = dict[str, Any]

POINT: Json = {"type": "string", "description": "A version of the order, or a moment: a day (its end), or RFC 3339."}
OPERATION: Json = {
    "type": "object",
    "description": "As RFC 6902 has it.",
    "properties": {"op": TEXT, "path": TEXT, "from": TEXT, "value": {}},
    "required": ["op", "path"],
}
END = shape({"position": COUNT, "recorded_at": TIME, "at": TIME})
EVENT: Json = {
    "anyOf": [ref("AuditedEvent"), {"type": "null"}],
    "description": "As the audit trail lists it; null: time passed.",
}

CUSTOMER: Json = {
    "name": "customer_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": CUSTOMER_ID_MAX},
}
NULLABLE_TIME: Json = {"type": ["string", "null"], "format": "date-time"}
MAIL = shape({"to": NULLABLE_TEXT, "about": NULLABLE_TEXT, "requested_at": TIME, "sent_at": NULLABLE_TIME})
KEPT = shape(
    {
        "order": {"anyOf": [ref("Order"), ref("UnreadableOrder"), {"type": "null"}]},
        "mails": array(MAIL),
        "events": array(ref("AuditedEvent")),
    }
)
KEY = shape({"key_id": TEXT, "name": TEXT} | dict.fromkeys(("created_at", "expires_at", "revoked_at"), NULLABLE_TIME))

SCHEMAS: dict[str, Json] = {
    "AccessReport": shape(
        {
            "customer_id": TEXT,
            "made_at": TIME,
            "keys": array(KEY),
            "erasures": array(ref("AuditedEvent")),
            "orders": array(KEPT),
        }
    ),
    "FoundEvents": shape(
        {
            "items": array({"$ref": "#/components/schemas/AuditEvent"}),
            "next": NULLABLE_TEXT,
            "previous": NULLABLE_TEXT,
            "position": COUNT,
        }
    ),
    "PastGrid": shape(
        {
            "as_of": TIME,
            "position": COUNT,
            "count": COUNT,
            "items": array(ref("GridRow")),
            "unreadable": array(shape({"order_id": UUID, "position": COUNT})),
            "unreadable_count": COUNT,
        }
    ),
    "Chain": shape(
        {
            "event_id": UUID,
            "events": array(
                shape({"depth": {"type": "integer"}, "event": {"$ref": "#/components/schemas/AuditEvent"}})
            ),
            "truncated": {"type": "boolean"},
            "position": COUNT,
        }
    ),
    "Changes": shape(
        {"from": END, "to": END, "changes": array(shape({"event": EVENT, "operations": array(OPERATION)}))}
    ),
}


def search_parameters() -> list[Json]:
    """What makes the feed of events a search; none of them goes with ``after``, ``types`` or ``wait``."""
    short: Json = {"type": "string", "minLength": 1, "maxLength": TEXT_MAX}
    told = {
        "actor": (short, "Who: an id as events have it, or the name of a key."),
        "command_id": (UUID, "What one command recorded."),
        "correlation_id": (UUID, "What belongs to one conversation."),
        "type": ({"type": "string", "examples": ["payment.*,OrderCanceled"]}, "Only these types."),
        "reason": (short, "Words that must all stand in the reason, or begin words of it."),
        "recorded_from": (MOMENT, "Recorded then or later."),
        "recorded_to": (MOMENT, "Recorded then or before."),
        "amount": (DECIMAL, "About exactly this amount: payments, invoices, credit memos."),
        "sort": ({"type": "string", "enum": list(SORTS), "default": SORTS[0]}, "Newest first, or oldest."),
        "cursor": ({"type": "string"}, "Where to go on, from next or previous."),
    }
    return [parameter(name, schema, description=text) for name, (schema, text) in told.items()]


def grid_operations(grid_parameters: list[Json]) -> list[Operation]:
    """Those of the grid of a past moment, which takes the filters of the grid."""
    whole: Json = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    limit = parameter("limit", {"type": "integer", "minimum": 1, "maximum": PAST_MAX}, description="Only the first.")
    kept = [each for each in grid_parameters if each["name"] not in NO_PAST]
    point = [
        parameter("as_of", MOMENT, description="The moment; a day means its end."),
        parameter("position", whole, description="Instead of a moment: the last position of the log by then."),
    ]
    about = "The orders grid as it was at a moment, whole and in the order asked for"
    return [
        Operation("/audit/grid", "get_past_orders", f"{about}.", [*point, limit, *kept], "PastGrid", (409, 422)),
        Operation(
            "/audit/grid.csv",
            "export_past_orders_csv",
            f"{about}, as a file.",
            [*point, limit, *kept, COLUMNS, BOM],
            "text/csv",
            (409, 422),
        ),
    ]


def operations() -> list[Operation]:
    """All of them."""
    order_id = path_id("order_id")
    version = parameter("version", {"type": "integer", "minimum": 1, "maximum": VERSION_MAX})
    by = parameter("by", {"type": "string", "enum": list(CLOCKS), "default": CLOCKS[0]})
    return [
        Operation(
            "/audit/orders/{order_id}",
            "get_past_order",
            "An order as it was shown at a version or a moment.",
            [order_id, version, parameter("as_of", MOMENT), by, EARLIER],
            "Order",
        ),
        Operation(
            "/audit/orders/{order_id}/diff",
            "get_order_changes",
            f"What changed in an order between two points, by event; at most {DIFF_EVENTS_MAX} events.",
            [order_id, parameter("from", POINT) | {"required": True}, parameter("to", POINT)],
            "Changes",
        ),
        Operation(
            "/audit/chain/{event_id}",
            "get_event_chain",
            "What an event came from, what was recorded with it, and what came of it.",
            [path_id("event_id")],
            "Chain",
            (404,),
        ),
        Operation(
            "/audit/customers/{customer_id}/access-report",
            "get_access_report",
            "All that is kept about a customer: keys, orders, events.",
            [CUSTOMER],
            "AccessReport",
            (404,),
        ),
    ]
