"""The feed of events in the OpenAPI document: its two paths, and the form of every event as a schema of its own."""

from typing import Any

from application.unit_of_work import EVENT_CLASSES
from projections.public_events.envelope import event_schema
from projections.public_events.forms import forms_of
from web.audit.feed import LIMIT_DEFAULT, LIMIT_MAX, LINES, POSITION, STREAM, WAIT_SECONDS
from web.openapi.parameters import parameter
from web.openapi.responses import RATE_LIMIT

Json = dict[str, Any]

FORMS = forms_of(EVENT_CLASSES)
ACCESS = "access."


def schemas() -> Json:
    """Every form by its name, and what the feed of each kind of reader holds."""
    found: Json = {}
    for kind, audit in (("public", False), ("audit", True)):
        shown = [form for topic, form in FORMS.items() if audit or not topic.startswith(ACCESS)]
        names = {form.schema: f"{kind}.{form.schema.replace('/', '.')}" for form in shown}
        for form in shown:
            found[names[form.schema]] = {"description": form.meaning, **event_schema(form, personal=audit)}
        mapping = {schema: f"#/components/schemas/{name}" for schema, name in names.items()}
        found[f"{kind.capitalize()}Event"] = {
            "oneOf": [{"$ref": reference} for reference in mapping.values()],
            "discriminator": {"propertyName": "schema", "mapping": mapping},
        }
    return found


def parameters() -> list[Json]:
    """What both paths take."""
    whole: Json = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1, "default": 0}
    limit: Json = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}
    return [
        _told(parameter("after", whole), "The position of the last event that you have worked off."),
        _told(parameter("limit", limit), "At most so many events."),
        _told(
            parameter("types", {"type": "string", "examples": ["order.placed,shipment.*"]}),
            "Only these types, with commas between them; a star stands for all of a kind.",
        ),
        _told(parameter("order_id", {"type": "string", "format": "uuid"}), "Only events of this order."),
        _told(
            parameter("wait", {"type": "integer", "minimum": 0, "maximum": WAIT_SECONDS, "default": 0}),
            "So many seconds to wait for an event where there is none.",
        ),
        {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "Instead of after: what a reader of the stream sends when it comes again; empty is none.",
            "schema": {"type": "string", "pattern": "^[0-9]{0,18}$"},
        },
    ]


def _told(described: Json, text: str) -> Json:
    return described | {"description": text}


def answer(event: str, more: Json | None = None) -> Json:
    """Lines of JSON, or a stream of Server-Sent Events, of that kind of event; ``more`` media types besides."""
    one = {"contentMediaType": "application/json", "contentSchema": {"$ref": f"#/components/schemas/{event}"}}
    return {
        "description": "The events in log order: one on each line, or one as the data of each event of the stream.",
        "headers": RATE_LIMIT
        | {
            POSITION: {
                "description": "Up to where the log was looked through: the next after.",
                "schema": {"type": "string"},
            }
        },
        "content": {
            LINES: {"schema": {"type": "string", **one}},
            STREAM: {"schema": {"type": "string", **one}},
            **(more or {}),
        },
    }
