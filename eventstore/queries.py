"""The statements that read the log, prepared once per connection. All parameters are binary."""

# ruff: noqa: S608  (the texts are put together from our own column names only)
from __future__ import annotations

from msgspec import Struct

from eventstore.records import EventFacts, RecordedEvent
from eventstore.statements import Statement

_EVENT = ", ".join(f"e.{column}" for column in RecordedEvent.__struct_fields__)
_RECORDED = "i.request_hash, i.command_id, i.partition_id, i.first_position, i.last_position"
_NO_HEADER = ", ".join(["NULL"] * 7)


def _partition(kind: type[Struct], partition_id: str) -> str:
    """A first row with the data key and the idempotency row (or nulls), then a row per event with a kind's fields."""
    event = ", ".join(f"e.{column}" for column in kind.__struct_fields__)
    no_event = ", ".join(f"NULL AS {column}" for column in kind.__struct_fields__)
    return f"""
        SELECT {event}, {_NO_HEADER.replace("NULL", "NULL::bytea", 1)}
        FROM log.events e WHERE false
        UNION ALL
        SELECT {no_event}, k.wrapped, k.from_position, {_RECORDED}
        FROM (VALUES (1)) one
        LEFT JOIN log.data_keys k ON k.partition_id = {partition_id}
        LEFT JOIN log.idempotency_keys i ON i.caller = $2::text AND i.key = $3::text
        UNION ALL
        SELECT {event}, {_NO_HEADER}
        FROM log.events e WHERE e.partition_id = {partition_id} AND e.position <= $4::bigint
        ORDER BY position NULLS FIRST
    """


_OF = "(SELECT s.partition_id FROM log.events s WHERE s.stream_id = $1::uuid ORDER BY s.version LIMIT 1)"


def _statement(name: str, text: str) -> Statement:
    return Statement(f"log_{name}".encode(), text.encode())


HEAD = _statement("head", "SELECT position FROM log.events ORDER BY position DESC LIMIT 1")
PARTITION = _statement("partition", _partition(RecordedEvent, "$1::uuid"))
PARTITION_OF = _statement("partition_of", _partition(RecordedEvent, _OF))
FACTS = _statement("facts", _partition(EventFacts, "$1::uuid"))
FACTS_OF = _statement("facts_of", _partition(EventFacts, _OF))
PARTITIONS = _statement(
    "partitions",
    f"""
    SELECT {_EVENT}, k.wrapped, k.from_position
    FROM (SELECT DISTINCT unnest($1::uuid[])) wanted (partition_id)
    JOIN log.events e ON e.partition_id = wanted.partition_id
    LEFT JOIN log.data_keys k ON k.partition_id = wanted.partition_id
    ORDER BY e.position
    """,
)
FACTS_EACH = _statement(
    "facts_each",
    f"""
    SELECT wanted.stream_id AS wanted, e.*, k.wrapped, k.from_position
    FROM unnest($1::uuid[], $2::integer[]) wanted (stream_id, known)
    CROSS JOIN LATERAL (
        SELECT s.partition_id FROM log.events s WHERE s.stream_id = wanted.stream_id ORDER BY s.version LIMIT 1
    ) of
    CROSS JOIN LATERAL (
        SELECT {", ".join(f"e.{column}" for column in EventFacts.__struct_fields__)}
        FROM log.events e WHERE e.partition_id = of.partition_id
        AND wanted.known <> (SELECT count(*) FROM log.events c WHERE c.partition_id = of.partition_id)
    ) e
    LEFT JOIN log.data_keys k ON k.partition_id = of.partition_id
    ORDER BY e.position
    """,
)
STREAM = _statement("stream", f"SELECT {_EVENT} FROM log.events e WHERE e.stream_id = $1::uuid ORDER BY e.version")
AFTER = _statement(
    "after", f"SELECT {_EVENT} FROM log.events e WHERE e.position > $1::bigint ORDER BY e.position LIMIT $2::bigint"
)
MATCHING = _statement(
    "matching",
    f"""
    SELECT {_EVENT} FROM log.events e
    WHERE e.position > $1::bigint AND e.position <= $2::bigint AND ($3::text[] IS NULL OR e.topic = ANY ($3::text[]))
    ORDER BY e.position LIMIT $4::bigint
    """,
)
FIRST_OF = _statement(
    "first_of", f"SELECT {_EVENT} FROM log.events e WHERE e.stream_id = ANY ($1::uuid[]) AND e.version = 1"
)
RANGE = _statement(
    "range",
    f"SELECT {_EVENT} FROM log.events e WHERE e.position BETWEEN $1::bigint AND $2::bigint ORDER BY e.position",
)
DATA_KEYS = _statement(
    "data_keys",
    "SELECT partition_id, wrapped, from_position FROM log.data_keys WHERE partition_id = ANY ($1::uuid[])",
)
CUSTOMER = _statement(
    "customer",
    "SELECT partition_id FROM log.data_keys WHERE customer_hash = $1::bytea ORDER BY from_position LIMIT $2::bigint",
)
RECORDED = _statement(
    "recorded", f"SELECT {_RECORDED} FROM log.idempotency_keys i WHERE i.caller = $1::text AND i.key = $2::text"
)
RECORDED_EACH = _statement(
    "recorded_each",
    "SELECT i.key FROM log.idempotency_keys i WHERE i.caller = $1::text AND i.key = ANY ($2::text[])",
)
CLAIM = _statement("claim", "SELECT partition_id FROM log.claims WHERE kind = $1::text AND key = $2::text")
PARTITIONS_OF = _statement(
    "partitions_of",
    "SELECT stream_id, partition_id FROM log.events WHERE stream_id = ANY ($1::uuid[]) AND version = 1",
)
CLAIMS = _statement(
    "claims",
    """
    SELECT kind, key, partition_id FROM log.claims
    WHERE kind = $1::text AND key >= $2::text AND starts_with(key, $2::text) AND key < $3::text AND key > $5::text
    ORDER BY key LIMIT $4::bigint
    """,
)

ALL = (
    HEAD,
    PARTITION,
    PARTITION_OF,
    FACTS,
    FACTS_OF,
    FACTS_EACH,
    PARTITIONS,
    PARTITIONS_OF,
    STREAM,
    AFTER,
    MATCHING,
    FIRST_OF,
    RANGE,
    DATA_KEYS,
    CUSTOMER,
    RECORDED,
    RECORDED_EACH,
    CLAIM,
    CLAIMS,
)
