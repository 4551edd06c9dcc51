-- Who is told by webhook of what happens: endpoints, their secrets, and for each what is to be sent and what became of it.
--
-- Rows and not events, because every attempt changes them; but what people do to an endpoint stands in the log with who
-- did it. The database itself writes that down, as it does for keys (0011). A secret is sealed under the master key.

CREATE SCHEMA webhooks;

CREATE TABLE webhooks.endpoints (
    webhook_id    uuid        PRIMARY KEY,
    version       integer     NOT NULL DEFAULT 1,   -- goes up with what people change
    url           text        NOT NULL CHECK (octet_length(url) <= 2000),
    origin        text        NOT NULL,             -- scheme, host and port of it: all that the log tells
    events        text[]      NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 100),
    description   text        NOT NULL DEFAULT '',
    state         text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
    paused_why    text        CHECK (paused_why IN ('asked', 'gone', 'failing')),
    paused_at     timestamptz,
    told_at       timestamptz,                      -- when the merchant was mailed that it paused itself
    position      bigint      NOT NULL,             -- what the log has up to here was taken in
    failures      integer     NOT NULL DEFAULT 0,   -- attempts that failed since the last that succeeded
    failing_since timestamptz,
    succeeded_at  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((state = 'paused') = (paused_why IS NOT NULL))
) WITH (fillfactor = 50);

-- While a secret is replaced there are two, and every request is signed with both.
CREATE TABLE webhooks.secrets (
    webhook_id uuid        NOT NULL REFERENCES webhooks.endpoints ON DELETE CASCADE,
    number     integer     NOT NULL,
    sealed     bytea       NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at    timestamptz,
    PRIMARY KEY (webhook_id, number)
);

-- An event for an endpoint. Of a lane, an order or whatever else an event is about, the first one that waits has a time.
CREATE TABLE webhooks.deliveries (
    webhook_id     uuid        NOT NULL REFERENCES webhooks.endpoints ON DELETE CASCADE,
    position       bigint      NOT NULL,
    event_id       uuid        NOT NULL,
    topic          text        NOT NULL,
    lane           uuid        NOT NULL,
    order_id       uuid,
    recorded_at    timestamptz NOT NULL,
    status         text        NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
    ready_at       timestamptz,                     -- when it is tried; none while another of its lane comes before
    tries          integer     NOT NULL DEFAULT 0,  -- since it was last asked for
    first_tried_at timestamptz,
    ended_at       timestamptz,
    attempts       jsonb       NOT NULL DEFAULT '[]',  -- the last ones, with what came of each
    PRIMARY KEY (webhook_id, position)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX deliveries_by_lane ON webhooks.deliveries (webhook_id, lane, position) WHERE status = 'waiting';
CREATE INDEX deliveries_ready ON webhooks.deliveries (webhook_id, ready_at)
    WHERE status = 'waiting' AND ready_at IS NOT NULL;
CREATE INDEX deliveries_dead ON webhooks.deliveries (webhook_id, position) WHERE status = 'dead';
CREATE INDEX deliveries_by_event ON webhooks.deliveries (event_id);

-- What was answered under a caller's key, sealed: the first answer holds a secret.
CREATE TABLE webhooks.requests (
    key_id       text        COLLATE "C" NOT NULL,
    key          text        COLLATE "C" NOT NULL,
    request_hash bytea       NOT NULL,
    answer       bytea,
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (key_id, key)
);

CREATE INDEX requests_by_age ON webhooks.requests (made_at);

CREATE FUNCTION webhooks.endpoint_told() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named webhooks.endpoints;
    whole jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN named := OLD; ELSE named := NEW; END IF;
    whole := jsonb_build_object(
        'webhook_id', named.webhook_id, 'origin', named.origin, 'events', to_jsonb(named.events));
    IF TG_OP = 'INSERT' THEN
        PERFORM access.record('access.webhook_created', whole);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM access.record('access.webhook_deleted', whole - 'events');
    ELSE
        IF (NEW.url, NEW.events, NEW.description) IS DISTINCT FROM (OLD.url, OLD.events, OLD.description) THEN
            PERFORM access.record('access.webhook_changed', whole);
        END IF;
        IF NEW.state = 'paused' AND OLD.state <> 'paused' THEN
            PERFORM access.record('access.webhook_paused',
                jsonb_build_object('webhook_id', NEW.webhook_id, 'why', NEW.paused_why));
        ELSIF NEW.state = 'active' AND OLD.state <> 'active' THEN
            PERFORM access.record('access.webhook_resumed', jsonb_build_object('webhook_id', NEW.webhook_id));
        END IF;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION webhooks.rotation_told() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.record('access.webhook_secret_rotated', jsonb_build_object(
        'webhook_id', NEW.webhook_id,
        'old_ends_at', (SELECT s.ends_at FROM webhooks.secrets s
                        WHERE s.webhook_id = NEW.webhook_id AND s.number = NEW.number - 1)));
    RETURN NULL;
END
$$;

-- Told when the transaction commits, as in 0011: nobody who leaves one open holds up the appends of the shop.
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE ON webhooks.endpoints DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION webhooks.endpoint_told();
CREATE CONSTRAINT TRIGGER change_told AFTER UPDATE ON webhooks.endpoints DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((NEW.url, NEW.events, NEW.description, NEW.state)
        IS DISTINCT FROM (OLD.url, OLD.events, OLD.description, OLD.state))
    EXECUTE FUNCTION webhooks.endpoint_told();
CREATE CONSTRAINT TRIGGER told AFTER INSERT ON webhooks.secrets DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.number > 1) EXECUTE FUNCTION webhooks.rotation_told();

ALTER TABLE webhooks.endpoints ENABLE ALWAYS TRIGGER told;
ALTER TABLE webhooks.endpoints ENABLE ALWAYS TRIGGER change_told;
ALTER TABLE webhooks.secrets   ENABLE ALWAYS TRIGGER told;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA access FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA webhooks FROM PUBLIC;
GRANT USAGE ON SCHEMA webhooks TO daybook_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA webhooks TO daybook_app;
