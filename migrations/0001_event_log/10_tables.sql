-- The event log: what happened, in the order in which it was committed, never changed and never lost.
--
-- Every write goes through log.append, one call per batch, under one lock. So positions are dense, they are in commit
-- order, and a reader that has seen position n has seen everything before it.

CREATE TABLE log.events (
    position       bigint      NOT NULL,  -- dense, from 1, in commit order
    stream_id      uuid        NOT NULL,  -- the aggregate
    version        integer     NOT NULL CHECK (version >= 0),  -- of the stream, without holes; ours start at 1
    partition_id   uuid        NOT NULL,  -- what is read, sealed and erased together: the order, batch or dispatch
    order_id       uuid,
    aggregate      text        NOT NULL,
    topic          text        NOT NULL,
    schema_version smallint    NOT NULL,
    payload        bytea       NOT NULL,  -- the exact bytes that were encoded
    sealed         bytea,                 -- nonce (12 bytes) and AES-GCM ciphertext of the personal fields and the reason
    series         text,                  -- the gapless number issued with this event
    number         bigint,
    recorded_at    timestamptz NOT NULL,  -- never decreasing
    occurred_at    timestamptz NOT NULL,
    actor_type     text        NOT NULL,
    actor_id       text        NOT NULL,
    command_id     uuid        NOT NULL,
    correlation_id uuid        NOT NULL,
    causation_id   uuid,
    CONSTRAINT events_position PRIMARY KEY (position),
    CONSTRAINT events_stream UNIQUE (stream_id, version),
    CHECK ((series IS NULL) = (number IS NULL))
) WITH (
    -- Nothing is ever deleted: vacuum only has to freeze, and statistics follow the growth.
    autovacuum_vacuum_insert_scale_factor = 0.2,
    autovacuum_analyze_scale_factor = 0.05
);

-- A row of more than 2 kB is compressed (a ten-line order to a third, which costs less than writing it out whole), but
-- only what is still larger than a page leaves it. Every column that varies is MAIN: any other would leave first.
ALTER TABLE log.events
    ALTER COLUMN payload    SET STORAGE MAIN,
    ALTER COLUMN sealed     SET STORAGE MAIN,
    ALTER COLUMN aggregate  SET STORAGE MAIN,
    ALTER COLUMN topic      SET STORAGE MAIN,
    ALTER COLUMN series     SET STORAGE MAIN,
    ALTER COLUMN actor_type SET STORAGE MAIN,
    ALTER COLUMN actor_id   SET STORAGE MAIN;

DO $$
BEGIN
    IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
        ALTER TABLE log.events ALTER COLUMN payload SET COMPRESSION lz4;
    END IF;
END
$$;

CREATE INDEX events_partition ON log.events (partition_id, position);

-- The same for the eventsourcing library's statements, under its names.
CREATE VIEW log.stored_events AS
    SELECT stream_id AS originator_id, version::bigint AS originator_version, topic, payload AS state,
           position AS notification_id
    FROM log.events;

-- The wrapped data key of a partition. Erasing deletes it. It opens events from from_position on; what was sealed in
-- that partition before was sealed under a key that is gone.
CREATE TABLE log.data_keys (
    partition_id  uuid        NOT NULL PRIMARY KEY,
    customer_hash bytea,
    wrapped       bytea       NOT NULL,
    from_position bigint      NOT NULL,
    created_at    timestamptz NOT NULL
);

CREATE INDEX data_keys_customer ON log.data_keys (customer_hash) WHERE customer_hash IS NOT NULL;

-- What was recorded under a caller's key: the answer to a repeat is rebuilt from the events at these positions.
CREATE TABLE log.idempotency_keys (
    caller         text   COLLATE "C" NOT NULL,
    key            text   COLLATE "C" NOT NULL,
    request_hash   bytea  NOT NULL,
    command_id     uuid   NOT NULL,
    partition_id   uuid   NOT NULL,
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL CHECK (last_position >= first_position),
    PRIMARY KEY (caller, key)
);

-- What is unique across streams, and held until it is given back: external references, an order in an open batch, ...
CREATE TABLE log.claims (
    kind         text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    partition_id uuid NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE TABLE log.number_series (
    series      text COLLATE "C" NOT NULL PRIMARY KEY,
    last_number bigint NOT NULL
) WITH (fillfactor = 10);
