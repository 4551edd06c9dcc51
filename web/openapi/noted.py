"""The OpenAPI operations of reports and of what is noted about requests: their paths, parameters and answers."""

from collections.abc import Sequence
from typing import Any

from projections.audit.reports.catalogue import REPORTS
from web.audit.noted import LIMIT_DEFAULT, LIMIT_MAX, TEXT_MAX
from web.audit.reports import PERIOD
from web.openapi.answers import COUNT, NULLABLE_TEXT, TEXT, TIME, array, shape
from web.openapi.answers import UUID as ID
from web.openapi.lists import BOM
from web.openapi.parameters import MOMENT, parameter
from web.openapi.seals import Operation

Json = dict[str, Any]

WHO: Json = {
    "type": ["object", "null"],
    "properties": {"type": TEXT, "id": TEXT, "name": NULLABLE_TEXT},
    "description": "Null: nobody that is known.",
}
NULLABLE_ID: Json = {"type": ["string", "null"], "format": "uuid"}
OFTEN: Json = {"last_at": TIME, "times": {"type": "integer", "minimum": 1}, "actor": WHO, "correlation_id": NULLABLE_ID}
REFUSAL = shape(
    {"refused_at": TIME, "command": TEXT, "target_id": NULLABLE_ID, "status": {"type": "integer"}, "code": TEXT} | OFTEN
)
ACCESS = shape({"accessed_at": TIME, "kind": TEXT, "path": TEXT, "subject_id": NULLABLE_ID} | OFTEN)
LISTED = shape(
    dict.fromkeys(("name", "title", "about", "json", "csv"), TEXT)
    | dict.fromkeys(("parameters", "columns"), array(TEXT))
)
NULLABLE_TIME: Json = {"type": ["string", "null"], "format": "date-time"}

SCHEMAS: dict[str, Json] = {
    "Refusals": shape({"items": array(REFUSAL), "next": NULLABLE_TEXT}),
    "Accesses": shape({"items": array(ACCESS), "next": NULLABLE_TEXT}),
    "Reports": shape({"items": array(LISTED)}),
} | {
    f"Report.{report.name}": shape(
        {
            "report": {"const": report.name},
            "recorded_from": NULLABLE_TIME,
            "recorded_to": NULLABLE_TIME,
            "position": COUNT,
            "columns": array(TEXT),
            "rows": array(shape({column: {} for column in report.columns})),
            "summary": {"type": "object"},
        }
    )
    for report in REPORTS
}


def operations() -> list[Operation]:
    """All of them."""
    text: Json = {"type": "string", "minLength": 1, "maxLength": TEXT_MAX}
    period = [parameter(name, MOMENT) for name in sorted(PERIOD)]
    common = [
        parameter("actor", text, description="The id of a key, or its name."),
        *period,
        parameter("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}),
        parameter("cursor", {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}),
    ]
    refusals = [parameter("code", text), parameter("command", text), parameter("target_id", ID)]
    accesses = [parameter("kind", text), parameter("subject_id", ID), parameter("customer_id", text)]
    return [
        Operation("/audit/reports", "list_reports", "The reports there are.", [], "Reports", ()),
        *_reports(REPORTS, period),
        Operation(
            "/audit/refusals", "list_refusals", "Commands that were refused.", [*common, *refusals], "Refusals", (422,)
        ),
        Operation(
            "/audit/accesses",
            "list_accesses",
            "Who looked at personal data, or took it along.",
            [*common, *accesses],
            "Accesses",
            (422,),
        ),
    ]


def _reports(reports: Sequence[Any], period: list[Json]) -> list[Operation]:
    found = []
    for report in reports:
        path, name = f"/audit/reports/{report.name}", f"{str(report.name).replace('-', '_')}_report"
        asked = period if report.by_period else []
        found += [
            Operation(path, f"get_{name}", str(report.about), asked, f"Report.{report.name}", (422,)),
            Operation(
                f"{path}.csv", f"export_{name}_csv", f"{report.about} As a file.", [*asked, BOM], "text/csv", (422,)
            ),
        ]
    return found
