-- Appending. The caller packs these rows in PostgreSQL's binary form; see eventstore/wire.py.

CREATE TYPE log.new_event AS (
    stream_id      uuid,
    version        integer,
    partition_id   uuid,
    order_id       uuid,
    aggregate      text,
    topic          text,
    schema_version smallint,
    payload        bytea,
    sealed         bytea,
    occurred_at    timestamptz,
    actor_type     text,
    actor_id       text,
    command_id     uuid,
    correlation_id uuid,
    causation_id   uuid
);

CREATE TYPE log.new_key AS (
    caller       text,
    key          text,
    request_hash bytea,
    command_id   uuid,
    partition_id uuid,
    first_event  integer,  -- of the batch, from 1
    last_event   integer
);

CREATE TYPE log.new_claim AS (kind text, key text, partition_id uuid);

CREATE TYPE log.new_data_key AS (partition_id uuid, customer_hash bytea, wrapped bytea, first_event integer);
