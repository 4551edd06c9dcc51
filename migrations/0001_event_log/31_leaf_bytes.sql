-- The bytes of a row that a proof hashes: every column, fixed for good. Format 1:
--   one byte 0x01 (the format), then the 19 columns in the order of the table, each as a four-byte big-endian length
--   and that many bytes; length -1 (ff ff ff ff) and no bytes is NULL.
--   bigint, integer, smallint: big-endian two's complement of 8, 4, 2 bytes. uuid: its 16 bytes. text: UTF-8.
--   timestamptz: microseconds since 2000-01-01 00:00 UTC as a bigint. bytea: the bytes.
-- eventstore/leaf.py computes the same outside the database.

CREATE FUNCTION log.leaf_bytes(e log.events) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '\x01'::bytea
        || log.leaf_field(int8send(e.position))
        || log.leaf_field(uuid_send(e.stream_id))
        || log.leaf_field(int4send(e.version))
        || log.leaf_field(uuid_send(e.partition_id))
        || log.leaf_field(uuid_send(e.order_id))
        || log.leaf_field(convert_to(e.aggregate, 'UTF8'))
        || log.leaf_field(convert_to(e.topic, 'UTF8'))
        || log.leaf_field(int2send(e.schema_version))
        || log.leaf_field(e.payload)
        || log.leaf_field(e.sealed)
        || log.leaf_field(convert_to(e.series, 'UTF8'))
        || log.leaf_field(int8send(e.number))
        || log.leaf_field(timestamptz_send(e.recorded_at))
        || log.leaf_field(timestamptz_send(e.occurred_at))
        || log.leaf_field(convert_to(e.actor_type, 'UTF8'))
        || log.leaf_field(convert_to(e.actor_id, 'UTF8'))
        || log.leaf_field(uuid_send(e.command_id))
        || log.leaf_field(uuid_send(e.correlation_id))
        || log.leaf_field(uuid_send(e.causation_id))
$$;
