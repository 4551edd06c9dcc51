"""The OpenAPI operations of lists beside their pages: files for spreadsheets, counts, and saved views."""

from typing import Any

from web.openapi.answers import COUNT, TEXT, TIME, UUID, array, shape
from web.openapi.documents import operations as document_operations
from web.openapi.parameters import parameter, path_id
from web.queries.dashboard import DAYS as DAYS_USUAL
from web.queries.dashboard import DAYS_MAX
from web.queries.exporting import EXPORTED, NO_EXPORT, XLSX
from web.saved_views import COLUMNS_MAX, NAME_MAX, QUERY_MAX

Json = dict[str, Any]

BOOLEAN: Json = {"type": "boolean"}
COLUMNS = parameter("columns", {"type": "string"}, description="Which columns, in which order, with commas between.")
BOM = parameter("bom", {"type": "string", "enum": ["0", "1"]}, description="1: a byte order mark in front.")
NAME: Json = {"type": "string", "minLength": 1, "maxLength": NAME_MAX}
FULL_VIEW: Json = {
    "view_id": UUID,
    "name": NAME,
    "query": TEXT,
    "columns": array(TEXT),
    "shared": BOOLEAN,
    "own": BOOLEAN,
    "owner": TEXT,
    "updated_at": TIME,
}
VIEWS = shape({"items": array(shape(FULL_VIEW))})
COUNTS = shape(
    {
        "counts": {"type": "object", "additionalProperties": COUNT},
        "total": COUNT,
        "estimate": BOOLEAN,
        "position": COUNT,
    }
)
DAYS = parameter("days", {"type": "integer", "minimum": 1, "maximum": DAYS_MAX, "default": DAYS_USUAL})
SECONDS: Json = {"type": ["number", "null"]}
FIGURES = shape(
    {
        "days": COUNT,
        "by_day": array(shape({"day": TEXT, "orders": COUNT, "revenue": TEXT})),
        "placed_to_shipped": shape({"shipments": COUNT, "p50_seconds": SECONDS, "p90_seconds": SECONDS}),
        "refunds": array(shape({"currency": TEXT, "credit_memos": COUNT, "amount": TEXT})),
        "waiting": array({"type": "object"}),
    }
)
SAVED = shape({"view_id": UUID})
BODY: Json = {
    "type": "object",
    "properties": {
        "view_id": UUID,
        "name": NAME,
        "query": {"type": "string", "maxLength": QUERY_MAX},
        "columns": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": COLUMNS_MAX},
        "shared": BOOLEAN,
    },
    "required": ["name", "query"],
    "additionalProperties": False,
}
RENAMED: Json = {"type": "object", "properties": {"name": NAME}, "required": ["name"], "additionalProperties": False}
NOTHING: Json = {"type": "object", "properties": {}, "additionalProperties": False}


def exports(grid_parameters: list[Json]) -> dict[str, tuple[str, str, list[Json], str]]:
    """Path to name, summary, parameters and media type of each file."""
    of_lists = {each.path: each.parameters for each in document_operations()}
    asked = {"orders": grid_parameters} | {kind.name: of_lists[f"/queries/{kind.name}"] for kind in EXPORTED}
    found: dict[str, tuple[str, str, list[Json], str]] = {}
    for name, known in asked.items():
        kept = [each for each in known if each["name"] not in NO_EXPORT]
        stem, path = name.replace("-", "_"), f"/queries/{name}"
        text = f"All of {name.replace('-', ' ')} that match, as a file."
        found[f"{path}.csv"] = (f"export_{stem}_csv", text, [*kept, COLUMNS, BOM], "text/csv")
        found[f"{path}.xlsx"] = (f"export_{stem}_xlsx", text, [*kept, COLUMNS], XLSX)
    return found


def view_commands() -> dict[str, tuple[str, str, Json, int]]:
    """Path to name, summary, body and status of each command on views."""
    return {
        "/commands/views": ("save_view", "Keep a view of the orders grid.", BODY, 201),
        "/commands/views/{view_id}/rename": ("rename_view", "Rename a view of one's own.", RENAMED, 200),
        "/commands/views/{view_id}/delete": ("delete_view", "Delete a view of one's own.", NOTHING, 200),
    }


VIEW_ID = path_id("view_id")
