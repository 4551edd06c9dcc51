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

-- ---------------------------------------------------------------------------------------------------------------------
-- Append-only, for what the owner types as well. ALWAYS: a session that pretends to be a replica is refused too. An owner
-- can turn triggers off; what happens then only proofs will show.

CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of %.% refused: what is recorded stays as it was recorded', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Erasing a customer's keys is a transaction that says so; a DELETE typed by hand is refused.
CREATE FUNCTION log.refuse_delete_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('daybook.erasing', true) IS DISTINCT FROM 'yes' THEN
        RAISE EXCEPTION 'DELETE of log.data_keys refused: keys are deleted only by erasing a customer'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.idempotency_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON log.data_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER erase_only BEFORE DELETE ON log.data_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_delete_unless_erasing();
CREATE TRIGGER held_or_given_back BEFORE UPDATE OR TRUNCATE ON log.claims
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER never_back BEFORE UPDATE ON log.number_series
    FOR EACH ROW WHEN (NEW.last_number <= OLD.last_number) EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER never_gone BEFORE DELETE OR TRUNCATE ON log.number_series
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

ALTER TABLE log.events           ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log.idempotency_keys ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log.data_keys        ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log.data_keys        ENABLE ALWAYS TRIGGER erase_only;
ALTER TABLE log.claims           ENABLE ALWAYS TRIGGER held_or_given_back;
ALTER TABLE log.number_series    ENABLE ALWAYS TRIGGER never_back;
ALTER TABLE log.number_series    ENABLE ALWAYS TRIGGER never_gone;

-- ---------------------------------------------------------------------------------------------------------------------
-- The bytes of a row that a proof hashes: every column, fixed for good. Format 1:
--   one byte 0x01 (the format), then the 19 columns in the order of the table, each as a four-byte big-endian length
--   and that many bytes; length -1 (ff ff ff ff) and no bytes is NULL.
--   bigint, integer, smallint: big-endian two's complement of 8, 4, 2 bytes. uuid: its 16 bytes. text: UTF-8.
--   timestamptz: microseconds since 2000-01-01 00:00 UTC as a bigint. bytea: the bytes.
-- eventstore/leaf.py computes the same outside the database.

CREATE FUNCTION log.leaf_field(field bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(int4send(octet_length(field)) || field, '\xffffffff'::bytea)
$$;

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

-- ---------------------------------------------------------------------------------------------------------------------
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

-- Record events after `head` with all that belongs to them; raises when anything does not fit.
-- `skipped`: how many events of the batch stand before these; ordinals in the rows count from the batch's first.
-- `series_of`: per event the series (an index into `series_names`) that it draws a number from, or null; null: none does.
-- Returns the number of each event.
CREATE FUNCTION log.record(
    head bigint, moment timestamptz, skipped integer, alone boolean, new_events log.new_event[],
    new_keys log.new_key[], new_claims log.new_claim[], releases log.new_claim[], new_data_keys log.new_data_key[],
    series_names text[], series_of integer[]
) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    numbers bigint[];
    hole bigint;
BEGIN
    IF series_of IS NOT NULL THEN
        numbers := log.draw_numbers(series_names, series_of);
    END IF;
    -- A stream has no holes, and its versions stand in the order of their positions: asked of the rows that were written.
    WITH recorded AS (
        INSERT INTO log.events
        SELECT head + n.ordinality, n.stream_id, n.version, n.partition_id, n.order_id, n.aggregate, n.topic,
               n.schema_version, n.payload, n.sealed, series_names[series_of[n.ordinality]], numbers[n.ordinality],
               moment, n.occurred_at, n.actor_type, n.actor_id, n.command_id, n.correlation_id, n.causation_id
        FROM unnest(new_events) WITH ORDINALITY n
        RETURNING position, stream_id, version
    )
    SELECT r.position INTO hole FROM recorded r
    WHERE r.version <> 1 AND (r.version = 0) = (
        EXISTS (SELECT FROM log.events e WHERE e.stream_id = r.stream_id AND e.version = abs(r.version - 1))
        OR EXISTS (
            SELECT FROM recorded b
            WHERE b.stream_id = r.stream_id AND b.version = abs(r.version - 1) AND b.position < r.position)
    )
    LIMIT 1;
    IF hole IS NOT NULL THEN
        RAISE EXCEPTION 'a stream would have a hole' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF new_keys IS NOT NULL THEN
        INSERT INTO log.idempotency_keys
        SELECT k.caller, k.key, k.request_hash, k.command_id, k.partition_id, head + k.first_event - skipped,
               head + k.last_event - skipped
        FROM unnest(new_keys) k;
    END IF;
    -- One append gives back first and may take the same again. In a batch, what one append gives back only a later
    -- one may take: taking first, the batch clashes and is taken append by append.
    IF alone AND releases IS NOT NULL THEN
        PERFORM log.give_back(releases);
    END IF;
    IF new_claims IS NOT NULL THEN
        INSERT INTO log.claims SELECT c.kind, c.key, c.partition_id FROM unnest(new_claims) c;
    END IF;
    IF NOT alone AND releases IS NOT NULL THEN
        PERFORM log.give_back(releases);
    END IF;
    IF new_data_keys IS NOT NULL THEN
        INSERT INTO log.data_keys
        SELECT d.partition_id, d.customer_hash, d.wrapped, head + d.first_event - skipped, moment
        FROM unnest(new_data_keys) d;
    END IF;
    RETURN numbers;
END
$$;

CREATE FUNCTION log.give_back(releases log.new_claim[]) RETURNS void
LANGUAGE sql VOLATILE AS $$
    DELETE FROM log.claims c USING unnest(releases) r
    WHERE c.kind = r.kind AND c.key = r.key AND c.partition_id = r.partition_id
$$;

-- The next numbers, gapless because they are undone with the append; null for an event that draws none.
CREATE FUNCTION log.draw_numbers(series_names text[], series_of integer[]) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    last bigint[] := array_fill(0::bigint, ARRAY[cardinality(series_names)]);
    numbers bigint[] := '{}';
    drawn integer[] := last;
    before bigint;
    which integer;
BEGIN
    FOREACH which IN ARRAY series_of LOOP
        IF which IS NOT NULL THEN
            drawn[which] := drawn[which] + 1;
        END IF;
    END LOOP;
    FOR which IN 1 .. cardinality(series_names) LOOP
        INSERT INTO log.number_series AS s VALUES (series_names[which], drawn[which])
        ON CONFLICT (series) DO UPDATE SET last_number = s.last_number + excluded.last_number
        RETURNING s.last_number - drawn[which] INTO before;
        last[which] := before;
    END LOOP;
    FOREACH which IN ARRAY series_of LOOP
        IF which IS NOT NULL THEN
            last[which] := last[which] + 1;
        END IF;
        numbers := numbers || last[which];
    END LOOP;
    RETURN numbers;
END
$$;

-- One append of a batch that clashed: recorded in a subtransaction of its own, or not, with the reason.
CREATE FUNCTION log.append_one(
    head bigint, moment timestamptz, skipped integer, new_events log.new_event[], new_keys log.new_key[],
    new_claims log.new_claim[], releases log.new_claim[], new_data_keys log.new_data_key[], series_names text[],
    series_of integer[]
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    earlier log.idempotency_keys;
    names text[];
    numbers bigint[];
    refused_state text;
    refused_message text;
    reason jsonb;
BEGIN
    SELECT i.* INTO earlier
    FROM unnest(new_keys) k JOIN log.idempotency_keys i ON i.caller = k.caller AND i.key = k.key;
    IF FOUND THEN
        IF earlier.request_hash <> new_keys[1].request_hash THEN
            RETURN jsonb_build_object('outcome', 'key_reused', 'caller', earlier.caller, 'key', earlier.key);
        END IF;
        RETURN jsonb_build_object('outcome', 'repeat', 'command_id', earlier.command_id,
            'partition_id', earlier.partition_id, 'first_position', earlier.first_position,
            'last_position', earlier.last_position);
    END IF;
    -- Only the series that this append draws from.
    SELECT array_agg(name ORDER BY name) INTO names
    FROM (SELECT DISTINCT series_names[which] FROM unnest(series_of) which WHERE which IS NOT NULL) d (name);
    BEGIN
        numbers := log.record(
            head, moment, skipped, true, new_events, new_keys, new_claims, releases, new_data_keys, names,
            CASE WHEN names IS NOT NULL THEN
                ARRAY(SELECT array_position(names, series_names[which])
                      FROM unnest(series_of) WITH ORDINALITY u (which, place) ORDER BY place)
            END);
        RETURN jsonb_build_object('outcome', 'recorded', 'first_position', head + 1,
            'last_position', head + cardinality(new_events), 'numbers', numbers);
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS refused_state = RETURNED_SQLSTATE, refused_message = MESSAGE_TEXT;
    END;
    RETURN coalesce(
        log.misplaced(new_events), log.held(new_claims, releases),
        jsonb_build_object('outcome', 'refused', 'sqlstate', refused_state, 'message', refused_message));
END
$$;

-- The first event that cannot stand where it wants to: its place is taken, or the one before it is empty.
CREATE FUNCTION log.misplaced(new_events log.new_event[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('outcome', 'conflict', 'stream_id', n.stream_id, 'version', n.version)
    FROM unnest(new_events) WITH ORDINALITY n
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(v.version), '{}') AS versions
        FROM (
            SELECT e.version FROM log.events e
            WHERE e.stream_id = n.stream_id AND e.version BETWEEN n.version - 1 AND n.version + 1
            UNION ALL
            SELECT m.version FROM unnest(new_events) WITH ORDINALITY m
            WHERE m.stream_id = n.stream_id AND m.ordinality < n.ordinality
        ) v
    ) earlier
    WHERE n.version = ANY (earlier.versions)
       OR n.version = 0 AND 1 = ANY (earlier.versions)
       OR n.version > 1 AND n.version - 1 <> ALL (earlier.versions)
    ORDER BY n.ordinality LIMIT 1
$$;

-- The first claim that somebody holds, and who.
CREATE FUNCTION log.held(new_claims log.new_claim[], releases log.new_claim[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('outcome', 'claim_taken', 'kind', c.kind, 'key', c.key, 'partition_id', c.partition_id)
    FROM unnest(new_claims) WITH ORDINALITY n JOIN log.claims c ON c.kind = n.kind AND c.key = n.key
    WHERE NOT EXISTS (SELECT FROM unnest(releases) r
                      WHERE r.kind = c.kind AND r.key = c.key AND r.partition_id = c.partition_id)
    ORDER BY n.ordinality LIMIT 1
$$;

-- The appends of a batch, each on its own. counts: per append its events, keys, claims, releases and data keys.
CREATE FUNCTION log.append_each(
    head bigint, moment timestamptz, new_events log.new_event[], counts integer[], new_keys log.new_key[],
    new_claims log.new_claim[], releases log.new_claim[], new_data_keys log.new_data_key[], series_names text[],
    series_of integer[]
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    outcomes jsonb := '[]';
    outcome jsonb;
    taken integer[] := '{0,0,0,0,0}';  -- of each array
    upto integer[];
    written bigint := 0;
BEGIN
    FOR i IN 0 .. cardinality(counts) / 5 - 1 LOOP
        upto := ARRAY[taken[1] + counts[5 * i + 1], taken[2] + counts[5 * i + 2], taken[3] + counts[5 * i + 3],
                      taken[4] + counts[5 * i + 4], taken[5] + counts[5 * i + 5]];
        outcome := log.append_one(
            head + written, moment, taken[1],
            new_events[taken[1] + 1 : upto[1]],
            nullif(new_keys[taken[2] + 1 : upto[2]], '{}'),
            nullif(new_claims[taken[3] + 1 : upto[3]], '{}'),
            nullif(releases[taken[4] + 1 : upto[4]], '{}'),
            nullif(new_data_keys[taken[5] + 1 : upto[5]], '{}'),
            series_names, series_of[taken[1] + 1 : upto[1]]);
        IF outcome ->> 'outcome' = 'recorded' THEN
            written := written + counts[5 * i + 1];
        END IF;
        outcomes := outcomes || outcome;
        taken := upto;
    END LOOP;
    RETURN outcomes;
END
$$;

-- Append a batch: all of it at once, or, when anything clashes, append by append. Call it alone, in autocommit.
-- series_names: the series that the batch draws numbers from, or null; series_of: per event an index into it, or null.
-- Returns the first position and the time of the batch and the number of each event; outcomes: null when everything was
-- recorded in the given order, else one object per append.
CREATE FUNCTION log.append(
    new_events log.new_event[], counts integer[], new_keys log.new_key[], new_claims log.new_claim[],
    releases log.new_claim[], new_data_keys log.new_data_key[], series_names text[], series_of integer[],
    OUT first_position bigint, OUT recorded_at timestamptz, OUT numbers bigint[], OUT outcomes jsonb
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp  -- a caller's schemas are never looked into
SET plan_cache_mode = force_generic_plan  -- planning every call anew costs as much as the call
SET enable_seqscan = off  -- a plan made while the tables are small would scan them when they are large
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    head bigint;
BEGIN
    -- In a statement of its own, before anything is read: only then does every later statement see the last batch.
    PERFORM pg_advisory_xact_lock(7233174018682054503);
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'log.append works only under READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT e.position, e.recorded_at INTO head, recorded_at FROM log.events e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    first_position := head + 1;
    recorded_at := greatest(clock_timestamp(), recorded_at);
    BEGIN
        numbers := log.record(head, recorded_at, 0, cardinality(counts) = 5, new_events, new_keys, new_claims,
                              releases, new_data_keys, series_names, series_of);
    EXCEPTION WHEN OTHERS THEN
        first_position := NULL;
    END;
    IF first_position IS NULL THEN
        first_position := head + 1;
        numbers := NULL;
        outcomes := log.append_each(head, recorded_at, new_events, counts, new_keys, new_claims, releases,
                                    new_data_keys, series_names, series_of);
    END IF;
    PERFORM pg_notify('daybook_log', '');
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append TO daybook_app;
GRANT EXECUTE ON FUNCTION log.leaf_field, log.leaf_bytes TO daybook_app, daybook_projector;
GRANT SELECT ON ALL TABLES IN SCHEMA log TO daybook_app, daybook_projector;
