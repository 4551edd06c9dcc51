"""What goes into the log and what comes out of it, as plain values.

An `Append` is everything that one command writes: its events, its idempotency key, the claims
it takes and gives back, the data keys it brings. It is recorded whole or not at all.
These values carry no behaviour and must never know an event class or a connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec


class NewEvent(msgspec.Struct, frozen=True, gc=False):
    """One event on its way into the log.

    `payload` is stored byte for byte; `sealed` is the encrypted personal part or None.
    `series` asks for a gapless number, issued inside the append.
    """

    stream_id: UUID
    version: int
    partition_id: UUID
    order_id: UUID | None
    aggregate: str
    topic: str
    schema_version: int
    payload: bytes
    sealed: bytes | None
    series: str | None
    occurred_at: datetime


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """Who asked, and by which command: written on every event of the append."""

    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    actor_type: str
    actor_id: str


class IdempotencyKey(msgspec.Struct, frozen=True, gc=False):
    """The caller's own name for a request, with a keyed hash of the request's bytes."""

    caller: str
    key: str
    request_hash: bytes


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A name that only one partition may hold at a time: (kind, key) is unique in the log."""

    kind: str
    key: str
    partition_id: UUID


class NewDataKey(msgspec.Struct, frozen=True, gc=False):
    """The wrapped key of a partition's personal data; `customer_hash` finds it for erasure."""

    partition_id: UUID
    customer_hash: bytes | None
    wrapped: bytes


class Append(msgspec.Struct, frozen=True):
    """One atomic write: all of it is recorded, or none."""

    events: Sequence[NewEvent]
    metadata: Metadata
    idempotency: IdempotencyKey | None = None
    claims: Sequence[Claim] = ()
    releases: Sequence[Claim] = ()
    data_keys: Sequence[NewDataKey] = ()


class Appended(msgspec.Struct, frozen=True):
    """Where the events of one append stand in the log; `numbers` has one entry per event."""

    first_position: int
    last_position: int
    recorded_at: datetime
    numbers: Sequence[int | None]


class RecordedEvent(msgspec.Struct, frozen=True, gc=False):
    """One row of log.events, every column, in the order of the table."""

    position: int
    stream_id: UUID
    version: int
    partition_id: UUID
    order_id: UUID | None
    aggregate: str
    topic: str
    schema_version: int
    payload: bytes
    sealed: bytes | None
    series: str | None
    number: int | None
    recorded_at: datetime
    occurred_at: datetime
    actor_type: str
    actor_id: str
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None


class EventFacts(msgspec.Struct, frozen=True, gc=False):
    """What happened, where, and by which command: of a row of log.events as much as a decision needs."""

    position: int
    stream_id: UUID
    version: int
    partition_id: UUID
    aggregate: str
    topic: str
    schema_version: int
    payload: bytes
    sealed: bytes | None
    number: int | None
    occurred_at: datetime
    command_id: UUID
    causation_id: UUID | None


class DataKey(msgspec.Struct, frozen=True, gc=False):
    """A partition's wrapped data key; it opens events from `from_position` on.

    Events before that position were sealed under a key that has been erased.
    """

    wrapped: bytes
    from_position: int


class IdempotencyRow(msgspec.Struct, frozen=True, gc=False):
    """What was recorded under a caller's key."""

    request_hash: bytes
    command_id: UUID
    partition_id: UUID
    first_position: int
    last_position: int


EventT = TypeVar("EventT")


class Partition(msgspec.Struct, Generic[EventT], frozen=True):
    """All events of one partition in log order, its data key, and the asked idempotency row."""

    events: list[EventT]
    data_key: DataKey | None
    recorded: IdempotencyRow | None
