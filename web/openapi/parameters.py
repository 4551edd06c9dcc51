"""The parameters that several operations of the OpenAPI document share."""

from collections.abc import Sequence
from typing import Any

from projections.paging.parameters import LIST_MAX, VALUES_MAX
from web.openapi import answers

Json = dict[str, Any]

NUMBER_MAX = 2**63 - 1
MOMENT: Json = {"type": "string", "description": "A day, or a time as in RFC 3339."}
TEXT: Json = {"type": "string", "maxLength": 200}
DECIMAL: Json = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
NAMED: Json = {
    "type": "array",
    "items": {"type": "string", "maxLength": LIST_MAX},
    "maxItems": VALUES_MAX,
    "description": "Exactly, given once per value or as lists with commas, blanks or new lines between.",
}


def parameter(name: str, schema: Json, **more: Any) -> Json:
    return {"name": name, "in": "query", "schema": schema, **more}


def path_id(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": answers.UUID}


CUSTOMER_ID: Json = {
    "name": "customer_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
}


def choices(values: Sequence[str] | None = None) -> Json:
    """One of several, given once per value."""
    item: Json = {"type": "string", "enum": list(values)} if values else TEXT
    return {"type": "array", "items": item, "maxItems": VALUES_MAX}


POSITION = parameter(
    "min_position",
    {"type": "integer", "minimum": 0, "maximum": NUMBER_MAX},
    description="Answer from at least this log position, or 503; 409 for one that the log does not have.",
)
AFTER = parameter(
    "after",
    {"type": "integer", "minimum": 0, "maximum": NUMBER_MAX},
    description="What changed behind this log position, in the order of the log, each row once as it is now. `next` is "
    "never null then: it says where to go on, whether or not anything is there yet. Without sort, cursor and count.",
)
EARLIER = parameter(
    "timeline_before",
    {"type": "integer", "minimum": 0, "maximum": NUMBER_MAX},
    description="The timeline before this position: 500 entries at a time, as `timeline_before` of the answer says.",
)
COMMAND_HEADERS: list[Json] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The caller's own name for the request: asked again, it gives the first answer again.",
        "schema": {"type": "string", "pattern": r"^[!-+\--~]{1,255}$"},
    },
    {
        "name": "If-Match",
        "in": "header",
        "description": "The version that the caller has seen.",
        "schema": {"type": "string", "pattern": r'^("[0-9]{1,9}"|[0-9]{1,9}|\*)$'},
    },
    {
        "name": "Daybook-History",
        "in": "header",
        "description": "History: taken in a closed period too, and marked; needs the right import-history.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    {
        "name": "Daybook-Silent",
        "in": "header",
        "description": "true: nobody is mailed about what follows, as `notify: false` in a body.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
    {
        "name": "X-Correlation-ID",
        "in": "header",
        "description": "The conversation that the request belongs to; without it that of traceparent, or a new one.",
        "schema": answers.UUID,
    },
]
# Of what brings something into being, of which nobody can have seen a version.
UNVERSIONED: list[Json] = [each for each in COMMAND_HEADERS if each["name"] != "If-Match"]
