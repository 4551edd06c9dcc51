"""The OpenAPI operations of the audit trail that ask the past: their paths, parameters and answers."""

from typing import Any

from projections.orders.past import DIFF_EVENTS_MAX
from web.audit.customers import CUSTOMER_ID_MAX
from web.audit.past import CLOCKS, VERSION_MAX
from web.openapi.answers import COUNT, TEXT, TIME, array, shape
from web.openapi.parameters import EARLIER, MOMENT, parameter, path_id
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
EVENT: Json = {"type": ["object", "null"], "description": "As the audit trail lists it; null: time passed."}

CUSTOMER: Json = {
    "name": "customer_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": CUSTOMER_ID_MAX},
}
KEPT = shape({"order": {"type": ["object", "null"]}, "events": array({"type": "object"})})
KEY = shape(
    {"key_id": TEXT, "name": TEXT}
    | {key: {"type": ["string", "null"], "format": "date-time"} for key in ("created_at", "expires_at", "revoked_at")}
)

SCHEMAS: dict[str, Json] = {
    "AccessReport": shape({"customer_id": TEXT, "made_at": TIME, "keys": array(KEY), "orders": array(KEPT)}),
    "Changes": shape(
        {"from": END, "to": END, "changes": array(shape({"event": EVENT, "operations": array(OPERATION)}))}
    ),
}


def operations() -> list[Operation]:
    """All of them."""
    order_id = path_id("order_id")
    version = parameter("version", {"type": "integer", "minimum": 1, "maximum": VERSION_MAX})
    by = parameter("by", {"type": "string", "enum": list(CLOCKS), "default": CLOCKS[0]})
    return [
        Operation(
            "/audit/orders/{order_id}",
            "past_order",
            "An order as it was shown at a version or a moment.",
            [order_id, version, parameter("as_of", MOMENT), by, EARLIER],
            "Order",
        ),
        Operation(
            "/audit/orders/{order_id}/diff",
            "order_changes",
            f"What changed in an order between two points, by event; at most {DIFF_EVENTS_MAX} events.",
            [order_id, parameter("from", POINT) | {"required": True}, parameter("to", POINT)],
            "Changes",
        ),
        Operation(
            "/audit/customers/{customer_id}/access-report",
            "access_report",
            "All that is kept about a customer: keys, orders, events.",
            [CUSTOMER],
            "AccessReport",
            (404,),
        ),
    ]
