"""Short ways to say what is appended, for the tests of the log."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from eventstore.records import Append, Claim, IdempotencyKey, Metadata, NewDataKey, NewEvent

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


def event(
    stream_id: UUID,
    version: int = 1,
    *,
    partition_id: UUID | None = None,
    series: str | None = None,
    payload: bytes = b'{"a":1}',
    sealed: bytes | None = None,
    topic: str = "order.placed",
) -> NewEvent:
    partition = partition_id or stream_id
    return NewEvent(stream_id, version, partition, partition, "order", topic, 1, payload, sealed, series, NOON)


def command() -> Metadata:
    command_id = uuid4()
    return Metadata(command_id, command_id, None, "api_key", "integrator")


def key(name: str, request: bytes = b"request", caller: str = "integrator") -> IdempotencyKey:
    return IdempotencyKey(caller, name, request.ljust(32, b"."))


def append(
    *events: NewEvent,
    asked: IdempotencyKey | None = None,
    claims: Sequence[Claim] = (),
    releases: Sequence[Claim] = (),
    data_keys: Sequence[NewDataKey] = (),
) -> Append:
    return Append(events, command(), asked, claims, releases, data_keys)
