"""Rows for log.append in PostgreSQL's binary form, packed by hand.

psycopg would dump the same values one by one through its adapters, at several times the cost;
here each thread packs its own rows, and the batch only joins them. The layouts are those of the
composite types in migrations/0001_event_log/; a wrong byte is refused by the server, which
checks the type of every field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct
from uuid import UUID

from eventstore.records import Claim, IdempotencyKey, Metadata, NewDataKey, NewEvent

BYTEA, INT2, INT4, INT8, TEXT, TIMESTAMPTZ, UUID_ = 17, 21, 23, 20, 25, 1184, 2950

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ARRAY = Struct(">iiiii")
_LENGTH = Struct(">i")
_FIELD = Struct(">ii")
_UUID = Struct(">ii16s")
_INT2 = Struct(">iih")
_INT4 = Struct(">iii")
_INT8 = Struct(">iiq")
_EVENT = Struct(">iii16siiiii16s")
_NULL_ELEMENT = _LENGTH.pack(-1)
_NULL_UUID = _FIELD.pack(UUID_, -1)
_NULL_TEXT = _FIELD.pack(TEXT, -1)
_NULL_BYTEA = _FIELD.pack(BYTEA, -1)


def microseconds(moment: datetime) -> int:
    """Return an aware moment as PostgreSQL counts it: microseconds since 2000-01-01 UTC."""
    delta = moment - _EPOCH
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def moment(since_2000: int) -> datetime:
    """Return PostgreSQL's microseconds as an aware moment."""
    return _EPOCH + timedelta(microseconds=since_2000)


def array(element_type: int, rows: Sequence[bytes]) -> bytes | None:
    """Return a one-dimensional array of packed rows; None (NULL) when there are none."""
    if not rows:
        return None
    parts = [_ARRAY.pack(1, 0, element_type, len(rows), 1)]
    length = _LENGTH.pack
    for row in rows:
        parts.append(length(len(row)))
        parts.append(row)
    return b"".join(parts)


def event_rows(events: Sequence[NewEvent], metadata: Metadata) -> list[bytes]:
    """Return log.new_event rows."""
    asked = _metadata(metadata)
    return [_event(event, asked) for event in events]


def _event(event: NewEvent, asked: bytes) -> bytes:
    sealed, order = event.sealed, event.order_id
    return b"".join(
        (
            _EVENT.pack(
                15, UUID_, 16, event.stream_id.bytes, INT4, 4, event.version, UUID_, 16, event.partition_id.bytes
            ),
            _NULL_UUID if order is None else _UUID.pack(UUID_, 16, order.bytes),
            _names(event.aggregate, event.topic, event.schema_version),
            _FIELD.pack(BYTEA, len(event.payload)),
            event.payload,
            _NULL_BYTEA if sealed is None else _FIELD.pack(BYTEA, len(sealed)),
            sealed or b"",
            _INT8.pack(TIMESTAMPTZ, 8, microseconds(event.occurred_at)),
            asked,
        )
    )


@lru_cache(1024)
def _names(aggregate: str, topic: str, schema_version: int) -> bytes:
    return _text(aggregate) + _text(topic) + _INT2.pack(INT2, 2, schema_version)


def _metadata(metadata: Metadata) -> bytes:
    causation = metadata.causation_id
    return b"".join(
        (
            _actor(metadata.actor_type, metadata.actor_id),
            _UUID.pack(UUID_, 16, metadata.command_id.bytes),
            _UUID.pack(UUID_, 16, metadata.correlation_id.bytes),
            _NULL_UUID if causation is None else _UUID.pack(UUID_, 16, causation.bytes),
        )
    )


@lru_cache(1024)
def _actor(actor_type: str, actor_id: str) -> bytes:
    return _text(actor_type) + _text(actor_id)


def key_row(key: IdempotencyKey, command_id: UUID, partition_id: UUID) -> bytes:
    """Return a log.new_key row, but for its last two fields: the `ordinal` of its first and last event."""
    return b"".join(
        (
            _LENGTH.pack(7),
            _text(key.caller),
            _text(key.key),
            _bytea(key.request_hash),
            _UUID.pack(UUID_, 16, command_id.bytes),
            _UUID.pack(UUID_, 16, partition_id.bytes),
        )
    )


def ordinal(number: int) -> bytes:
    """Return one integer field: the place of an event in the batch, from 1."""
    return _INT4.pack(INT4, 4, number)


def claim_row(claim: Claim) -> bytes:
    """Return a log.new_claim row."""
    partition = _UUID.pack(UUID_, 16, claim.partition_id.bytes)
    return _LENGTH.pack(3) + _text(claim.kind) + _text(claim.key) + partition


def data_key_row(key: NewDataKey) -> bytes:
    """Return a log.new_data_key row, but for its last field, the `ordinal` of its first event."""
    partition = _UUID.pack(UUID_, 16, key.partition_id.bytes)
    return _LENGTH.pack(4) + partition + _bytea(key.customer_hash) + _bytea(key.wrapped)


def integers(values: Iterable[int]) -> bytes:
    """Return integer[] elements, ready to be joined."""
    return b"".join(_FIELD.pack(4, value) for value in values)


def integer_array(elements: bytes) -> bytes:
    """Return integer[] of joined elements."""
    return _ARRAY.pack(1, 0, INT4, len(elements) // _FIELD.size, 1) + elements


def optional_integer_array(values: Sequence[int | None]) -> bytes:
    """Return integer[] that may hold nulls."""
    elements = [_NULL_ELEMENT if value is None else _FIELD.pack(4, value) for value in values]
    return _ARRAY.pack(1, 1, INT4, len(elements), 1) + b"".join(elements)


def text_array(values: Sequence[str]) -> bytes | None:
    """Return text[]; None (NULL) when there are none."""
    return array(TEXT, [value.encode() for value in values])


def uuid_array(values: Sequence[UUID]) -> bytes:
    """Return uuid[]."""
    if not values:
        return _ARRAY.pack(0, 0, UUID_, 0, 0)[:12]
    return _ARRAY.pack(1, 0, UUID_, len(values), 1) + b"".join([_LENGTH.pack(16) + value.bytes for value in values])


def int8(value: int) -> bytes:
    """Return a bigint."""
    return value.to_bytes(8, "big", signed=True)


def read_int8(data: bytes) -> int:
    """Return a bigint."""
    return int.from_bytes(data, "big", signed=True)


def read_int8_array(data: bytes) -> list[int | None]:
    """Return a bigint[]."""
    values: list[int | None] = []
    at = _ARRAY.size
    while at < len(data):
        if data[at : at + 4] == _NULL_ELEMENT:
            values.append(None)
            at += 4
        else:
            values.append(read_int8(data[at + 4 : at + 12]))
            at += 12
    return values


def read_text_array(data: bytes) -> list[bytes]:
    """Return a text[] without nulls, each as UTF-8."""
    values: list[bytes] = []
    at = _ARRAY.size
    while at < len(data):
        start = at + 4
        at = start + int.from_bytes(data[at:start], "big")
        values.append(data[start:at])
    return values


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL_TEXT
    data = value.encode()
    return _FIELD.pack(TEXT, len(data)) + data


def _bytea(value: bytes | None) -> bytes:
    return _NULL_BYTEA if value is None else _FIELD.pack(BYTEA, len(value)) + value
