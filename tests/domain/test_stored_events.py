"""What was stored once is read for ever: one golden file per topic and schema version.

A golden file holds the payload and the personal part as the log keeps them. A field that is new, with a default
that means "as before", leaves version and file as they are: the file shows that the older payload is still read. When
an event changes its shape otherwise, its version goes up, the old file stays, and an upcaster makes it decode.
"""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from application.unit_of_work import EVENT_CLASSES
from domain.events import Event
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.records import DataKey, RecordedEvent

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.json"))
STREAM = UUID("01900000-0000-7000-8000-000000000001")
WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEYRING = Keyring(bytes(32))
CODEC = Codec(EVENT_CLASSES)


def recorded(topic: str, version: int, payload: bytes, sealed: bytes | None) -> RecordedEvent:
    """A row of the log around a payload."""
    return RecordedEvent(
        position=1,
        stream_id=STREAM,
        version=1,
        partition_id=STREAM,
        order_id=STREAM,
        aggregate=topic.partition(".")[0],
        topic=topic,
        schema_version=version,
        payload=payload,
        sealed=sealed,
        series=None,
        number=None,
        recorded_at=WHEN,
        occurred_at=WHEN,
        actor_type="integrator",
        actor_id="key",
        command_id=STREAM,
        correlation_id=STREAM,
        causation_id=None,
    )


def without_new(written: Any, golden: Any) -> Any:
    """What is written, without fields that the golden file does not know; those of parts within it too."""
    if isinstance(written, dict) and isinstance(golden, dict):
        return {name: without_new(value, golden[name]) for name, value in written.items() if name in golden}
    if isinstance(written, list) and isinstance(golden, list):
        return [without_new(*pair) for pair in zip(written, golden, strict=True)]
    return written


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_stored_event_is_read_as_it_was_written(path: Path) -> None:
    topic, _, version = path.stem.rpartition(".v")
    golden = msgspec.json.decode(path.read_bytes())
    new_key, cipher = KEYRING.new_data_key(STREAM)
    sealed = None
    if golden["personal"]:
        sealed = cipher.seal(msgspec.json.encode({"personal": golden["personal"]}), STREAM, 1)
    row = recorded(topic, int(version), msgspec.json.encode(golden["payload"]), sealed)
    event = CODEC.decode(row, KEYRING.cipher(STREAM, DataKey(new_key.wrapped, 0)))
    assert isinstance(event, Event)
    assert (event.originator_id, event.originator_version, event.occurred_at) == (STREAM, 1, WHEN)
    payload, resealed = CODEC.encode(event, cipher)
    if int(version) == event.SCHEMA_VERSION:
        written = msgspec.json.decode(payload)
        added = written.keys() - golden["payload"].keys()
        assert without_new(written, golden["payload"]) == golden["payload"]
        defaults = {field.name: field.default for field in dataclasses.fields(event) if field.name in added}
        assert {name: getattr(event, name) for name in added} == defaults
        assert (resealed is None) == (sealed is None)
    for name, value in golden["personal"].items():
        assert getattr(event, name) == value


@pytest.mark.parametrize("event_class", EVENT_CLASSES, ids=lambda cls: cls.TOPIC)
def test_every_version_of_every_event_has_its_golden_file(event_class: type[Event]) -> None:
    versions = range(1, event_class.SCHEMA_VERSION + 1)
    assert [GOLDEN / f"{event_class.TOPIC}.v{n}.json" in FILES for n in versions] == [True for _ in versions]


def test_every_golden_file_belongs_to_an_event() -> None:
    topics = {event_class.TOPIC for event_class in EVENT_CLASSES}
    assert {path.stem.rpartition(".v")[0] for path in FILES} == topics
