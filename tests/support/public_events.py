"""The reference of the public events, each with an example, and what was promised of them.

The examples are the stored forms that the suite keeps, shown as the outside gets them. ``python -m
tests.support.public_events`` writes down what is promised now; it refuses to take a promise back.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from application.unit_of_work import AGGREGATE_OF, EVENT_CLASSES
from domain.order_events import OrderPlaced
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.records import DataKey, RecordedEvent
from projections.order_history.actors import ActorShown
from projections.public_events.envelope import Said, audit_event, public_event
from projections.public_events.forms import Form, forms_of

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/domain/golden"
PROMISED = ROOT / "tests/projections/public_forms.json"
STREAM = UUID("01900000-0000-7000-8000-000000000001")
COMMAND = UUID("01900000-0000-7000-8000-0000000000c0")
CORRELATION = UUID("01900000-0000-7000-8000-0000000000cc")
WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEYRING = Keyring(bytes(32))
CODEC = Codec(EVENT_CLASSES)
FORMS = forms_of(EVENT_CLASSES)
CURRENCY = "EUR"
WORDS = {"decimal": "amount", "date-time": "time", "string": "text", "null": "none", "integer": "number"}
WITHOUT_ORDER = {"batch", "dispatch", "access", "customer"}


def example(topic: str, *, audit: bool = False) -> dict[str, Any]:
    """The event of that topic as the outside gets it."""
    event_class = CODEC.event_classes[topic]
    golden = msgspec.json.decode((GOLDEN / f"{topic}.v{event_class.SCHEMA_VERSION}.json").read_bytes())
    key, cipher = KEYRING.new_data_key(STREAM)
    plain = {"personal": golden["personal"], "reason": "as the customer asked"}
    sealed = cipher.seal(msgspec.json.encode(plain), STREAM, 1)
    row = _row(topic, golden["payload"], sealed)
    event = CODEC.decode(row, KEYRING.cipher(STREAM, DataKey(key.wrapped, 0)))
    currency = None if row.order_id is None else CURRENCY
    if not audit:
        return public_event(row, FORMS[topic], event, currency)
    actor: ActorShown = {"type": "integrator", "id": "9f3c21ab", "name": "The shop"}
    return audit_event(row, FORMS[topic], event, currency, Said(actor, "as the customer asked"))


def _row(topic: str, payload: Any, sealed: bytes) -> RecordedEvent:
    event_class = CODEC.event_classes[topic]
    aggregate = AGGREGATE_OF[event_class].NAME
    return RecordedEvent(
        position=57,
        stream_id=STREAM,
        version=1 if event_class is OrderPlaced else 2,
        partition_id=STREAM,
        order_id=None if aggregate in WITHOUT_ORDER else STREAM,
        aggregate=aggregate,
        topic=topic,
        schema_version=event_class.SCHEMA_VERSION,
        payload=msgspec.json.encode(payload),
        sealed=sealed if event_class is OrderPlaced else None,
        series=event_class.SERIES,
        number=1 if event_class.SERIES else None,
        recorded_at=WHEN,
        occurred_at=WHEN,
        actor_type="integrator",
        actor_id="9f3c21ab",
        command_id=COMMAND,
        correlation_id=CORRELATION,
        causation_id=None,
    )


def public_event_reference() -> str:
    """Every public event: what it means, its fields, and an example."""
    return "".join(_told(FORMS[topic]) for topic in sorted(FORMS))


def _told(form: Form) -> str:
    lines = [f"\n## {form.topic}\n\n`{form.schema}`. {form.meaning}\n\n"]
    if form.fields:
        lines.append("| field | type | personal |\n| --- | --- | --- |\n")
        lines += [
            f"| `{each.name}` | {_type(each.schema)} | {'yes' if each.personal else ''} |\n" for each in form.fields
        ]
        lines.append("\n")
    data = msgspec.json.format(msgspec.json.encode(example(form.topic)["data"]), indent=2).decode()
    return "".join((*lines, f"```json\n{data}\n```\n"))


def _type(schema: Any) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " / ".join(f'"{each}"' for each in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    if schema["type"] == "object" and "properties" in schema:
        return f"object ({', '.join(f'`{name}`' for name in schema['properties'])})"
    kind: str = schema.get("format", schema["type"])
    return WORDS.get(kind, kind)


def promised_now() -> dict[str, Any]:
    """By schema: the fields of every form."""
    return {form.schema: form.json_schema(personal=True)["properties"] for form in FORMS.values()}


def kept(promised: Any, now: Any) -> bool:
    """Whether what was promised still holds: fields may be added to objects, and nothing else may change."""
    if isinstance(promised, dict) and isinstance(now, dict):
        return all(name in now and kept(value, now[name]) for name, value in promised.items())
    if isinstance(promised, list) and isinstance(now, list):
        return all(any(kept(value, other) for other in now) for value in promised)
    return bool(promised == now)


def main() -> None:
    """Write down what is promised now."""
    now = promised_now()
    if PROMISED.exists() and not kept(msgspec.json.decode(PROMISED.read_bytes()), now):
        sys.exit("A form lost or changed a field that was promised: give it its old name, or the form a new version.")
    PROMISED.write_bytes(msgspec.json.format(msgspec.json.encode(now, order="sorted"), indent=1) + b"\n")


if __name__ == "__main__":
    main()
