"""A public event whole: its place, its time and who did it, around what it says."""

from typing import Any, NamedTuple
from uuid import uuid5

from eventstore.records import RecordedEvent
from projections.order_history.actors import ActorShown
from projections.paging.times import rfc3339
from projections.public_events.forms import Form
from projections.public_events.values import Json, closed

NULLABLE_UUID: Json = {"type": ["string", "null"], "format": "uuid"}
UUID: Json = {"type": "string", "format": "uuid"}
TIME: Json = {"type": "string", "format": "date-time"}
TEXT: Json = {"type": "string"}
NULLABLE: Json = {"type": ["string", "null"]}
PLACE: Json = {
    "position": {"type": "integer", "minimum": 1},
    "event_id": UUID,
    "recorded_at": TIME,
    "occurred_at": TIME,
    "subject": closed({"kind": TEXT, "id": UUID, "version": {"type": "integer", "minimum": 1}}),
    "order_id": NULLABLE_UUID,
    "currency": NULLABLE,
    "command_id": UUID,
    "correlation_id": UUID,
    "causation_id": NULLABLE_UUID,
}


def envelope(row: RecordedEvent, form: Form, currency: str | None) -> Json:
    """Everything but who did it, why, and what it says."""
    return {
        "schema": form.schema,
        "type": form.topic,
        "position": row.position,
        "event_id": str(uuid5(row.stream_id, str(row.version))),
        "recorded_at": rfc3339(row.recorded_at),
        "occurred_at": rfc3339(row.occurred_at),
        "subject": {"kind": row.aggregate, "id": str(row.stream_id), "version": row.version},
        "order_id": None if row.order_id is None else str(row.order_id),
        "currency": currency,
        "command_id": str(row.command_id),
        "correlation_id": str(row.correlation_id),
        "causation_id": None if row.causation_id is None else str(row.causation_id),
    }


def public_event(row: RecordedEvent, form: Form, event: Any, currency: str | None) -> Json:
    """The event as anybody may have it: no reason, nothing personal."""
    shown = envelope(row, form, currency)
    shown["actor"] = {"type": row.actor_type, "id": row.actor_id}
    shown["data"] = {} if event is None else form.data(event, currency, personal=False)
    return shown


class Said(NamedTuple):
    """Who did something, by name, and why."""

    actor: ActorShown
    reason: str | None


def audit_event(row: RecordedEvent, form: Form, event: Any, currency: str | None, said: Said) -> Json:
    """The event as an auditor has it: with the reason and what is personal, as long as that can be read."""
    shown = envelope(row, form, currency)
    shown["actor"] = dict(said.actor)
    shown["reason"] = said.reason
    shown["data"] = {} if event is None else form.data(event, currency, personal=True)
    return shown


def event_schema(form: Form, *, personal: bool) -> Json:
    """The JSON Schema of a whole event."""
    who = {"type": TEXT, "id": TEXT} | ({"name": NULLABLE} if personal else {})
    return closed(
        {
            "schema": {"const": form.schema},
            "type": {"const": form.topic},
            **PLACE,
            "actor": closed(who),
            **({"reason": NULLABLE} if personal else {}),
            "data": form.json_schema(personal=personal),
        }
    )
