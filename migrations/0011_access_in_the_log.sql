-- Who may do what is history too: keys made, replaced and revoked, and periods closed, stand in the log with who did it.
--
-- The database itself writes them down, in the transaction that changes the table: so a key that was put in by hand is
-- told like one of `daybook keys`. Who acts is said by daybook.actor, and what they are (a person by HTTP, a process, or
-- an operator at a command line) by daybook.actor_type; without that it is the login.

ALTER TABLE access.api_keys
    ADD COLUMN replaces text REFERENCES access.api_keys (id),
    ADD CONSTRAINT api_keys_name CHECK (btrim(name) <> '' AND char_length(name) <= 100);

-- Nothing that happened before may be told of money and documents any more.
CREATE TABLE access.closed_periods (
    closed_before timestamptz NOT NULL PRIMARY KEY,  -- the first moment that is open
    last_day      date        NOT NULL,              -- as it was typed
    time_zone     text        NOT NULL,
    closed_at     timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT ON access.closed_periods TO daybook_app;

-- Append one event to the stream of access: see domain/access.py for its events.
CREATE FUNCTION access.record(topic text, facts jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stream constant uuid := '00000000-0000-4000-8000-000000acce55';
    actor text := nullif(current_setting('daybook.actor', true), '');
    kind text := coalesce(nullif(current_setting('daybook.actor_type', true), ''), 'operator');
    before integer;
    refused jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(7233174018682054503);  -- that of log.append: nobody comes between
    SELECT coalesce(max(e.version), 0) INTO before FROM log.events e WHERE e.stream_id = stream;
    SELECT a.outcomes INTO refused FROM log.append(
        ARRAY[ROW(stream, before + 1, stream, NULL, 'access', topic, 1, convert_to(facts::text, 'UTF8'), NULL,
                  clock_timestamp(), CASE WHEN actor IS NULL THEN 'database' ELSE kind END,
                  coalesce(actor, session_user), gen_random_uuid(), gen_random_uuid(), NULL)::log.new_event],
        ARRAY[1, 0, 0, 0, 0], NULL, NULL, NULL, NULL, NULL, NULL) a;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'the log refused %: %', topic, refused;
    END IF;
END
$$;

CREATE FUNCTION access.key_made() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.record(
        CASE WHEN NEW.replaces IS NULL THEN 'access.key_created' ELSE 'access.key_rotated' END,
        jsonb_strip_nulls(jsonb_build_object(
            'key_id', NEW.id, 'role', NEW.role, 'replaces', NEW.replaces, 'expires_at', NEW.expires_at)));
    RETURN NULL;
END
$$;

CREATE FUNCTION access.key_ended() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.record('access.key_revoked', jsonb_build_object('key_id', NEW.id, 'ends_at', NEW.revoked_at));
    RETURN NULL;
END
$$;

CREATE FUNCTION access.period_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM access.record('access.period_closed', jsonb_build_object(
        'closed_before', NEW.closed_before, 'last_day', NEW.last_day, 'time_zone', NEW.time_zone));
    RETURN NULL;
END
$$;

-- Of a key only its end may still be set, and only to come earlier: its name is what history shows of who acted. The
-- name changes when a customer is erased, and in no other case.
CREATE FUNCTION access.refuse_change_of_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('daybook.erasing', true) = 'yes' THEN
        NEW.name := '[erased]';
        NEW.customer_id := '[erased]';
    END IF;
    IF ROW(NEW.id, NEW.role, NEW.secret_hash, NEW.created_at, NEW.expires_at, NEW.replaces)
        IS DISTINCT FROM ROW(OLD.id, OLD.role, OLD.secret_hash, OLD.created_at, OLD.expires_at, OLD.replaces)
        OR current_setting('daybook.erasing', true) IS DISTINCT FROM 'yes'
            AND ROW(NEW.name, NEW.customer_id) IS DISTINCT FROM ROW(OLD.name, OLD.customer_id)
        OR NEW.revoked_at IS NULL OR NEW.revoked_at > OLD.revoked_at
    THEN
        RAISE EXCEPTION 'UPDATE of access.api_keys refused: of a key only its end is set, and only to come earlier'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

-- Told when the transaction commits: nobody who leaves one open holds up the appends of the shop.
CREATE CONSTRAINT TRIGGER told AFTER INSERT ON access.api_keys DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION access.key_made();
CREATE CONSTRAINT TRIGGER end_told AFTER UPDATE ON access.api_keys DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) EXECUTE FUNCTION access.key_ended();
CREATE TRIGGER as_made BEFORE UPDATE ON access.api_keys FOR EACH ROW EXECUTE FUNCTION access.refuse_change_of_key();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON access.api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE CONSTRAINT TRIGGER told AFTER INSERT ON access.closed_periods DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION access.period_closed();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON access.closed_periods
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

ALTER TABLE access.api_keys       ENABLE ALWAYS TRIGGER told;
ALTER TABLE access.api_keys       ENABLE ALWAYS TRIGGER end_told;
ALTER TABLE access.api_keys       ENABLE ALWAYS TRIGGER as_made;
ALTER TABLE access.api_keys       ENABLE ALWAYS TRIGGER kept;
ALTER TABLE access.closed_periods ENABLE ALWAYS TRIGGER told;
ALTER TABLE access.closed_periods ENABLE ALWAYS TRIGGER kept;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA access FROM PUBLIC;
