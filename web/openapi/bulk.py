"""The bulk request in the OpenAPI document: its lines, and the results of them."""

from collections.abc import Iterable
from typing import Any

from web.commands.bulk import LINES
from web.commands.bulk_lines import BYTES_MAX, LINES_MAX
from web.openapi.answers import NULLABLE_TEXT, TEXT, ref, shape
from web.openapi.responses import RATE_LIMIT

Json = dict[str, Any]

KEY: Json = {"type": "string", "minLength": 1, "maxLength": 255, "description": "The line's own idempotency key."}
NUMBER: Json = {"type": "integer", "minimum": 1, "description": "Which line it is the result of."}
STATUS: Json = {"type": "integer", "description": "The HTTP status that the command alone would have had."}
SCHEMAS: Json = {
    "BulkLine": {
        "description": "One command.",
        "type": "object",
        "properties": {
            "command": TEXT | {"description": "The path under /commands.", "examples": ["orders"]},
            "key": KEY,
            "body": {"type": "object", "description": "As of the command alone.", "default": {}},
        },
        "required": ["command", "key"],
        "additionalProperties": False,
    },
}


def schemas(answers: Iterable[Json], problem: Json) -> Json:
    """The components of bulk; ``answers`` are those of single commands, ``problem`` what each may meet instead."""
    whose: Json = {"line": {"anyOf": [NUMBER, {"type": "null"}]}, "key": NULLABLE_TEXT, "status": STATUS}
    told: Json = {}
    for each in answers:
        told |= each["properties"]
    told.pop("status")
    told["order_status"] = TEXT | {"description": "The status of what was changed, now."}
    told["replayed"] = {"type": "boolean", "description": "true: done before under the same key."}
    met = {name: field for name, field in problem["properties"].items() if name != "status"}
    return SCHEMAS | {
        "BulkDone": shape(whose | {"events": told["events"]}, told),
        "BulkRefused": shape(whose | {name: met[name] for name in problem["required"] if name in met}, met),
        "BulkResult": {
            "description": "What became of a line, with the fields of its answer or of its problem; line is null where "
            "no more lines came.",
            "oneOf": [ref("BulkDone"), ref("BulkRefused")],
        },
    }


def _lines(name: str, text: str) -> Json:
    schema = {"$ref": f"#/components/schemas/{name}"}
    lines = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    return {"description": text, "content": {LINES: {"schema": lines}}}


BODY: Json = _lines("BulkLine", f"A command on each line: at most {LINES_MAX} lines and {BYTES_MAX // 1024} KiB.")
ANSWER: Json = _lines("BulkResult", "A result for each line, as soon as it is there, in any order.") | {
    "headers": RATE_LIMIT
}
