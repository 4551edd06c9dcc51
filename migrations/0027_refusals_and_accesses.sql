-- What was refused and who looked at whom is kept beside the log, for a while: it decides nothing, and nothing is made of it.
--
-- The application may add and read. It changes nothing of what stands here, and takes away only what is older than was
-- agreed, or more than a table may hold, by the one function below.

CREATE TABLE audit.refusals (
    refusal_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    refused_at     timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,  -- of the same within a second or so
    times          integer     NOT NULL CHECK (times > 0),
    actor_type     text        COLLATE "C",
    actor_id       text        COLLATE "C",  -- null: nobody that is known
    command        text        COLLATE "C" NOT NULL,
    target_id      uuid,
    status         smallint    NOT NULL,
    code           text        COLLATE "C" NOT NULL,
    correlation_id uuid
);

CREATE INDEX refusals_actor ON audit.refusals (actor_id, refusal_id);
CREATE INDEX refusals_code ON audit.refusals (code, refusal_id);
CREATE INDEX refusals_time ON audit.refusals USING brin (refused_at);

CREATE TABLE audit.accesses (
    access_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    accessed_at    timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,
    times          integer     NOT NULL CHECK (times > 0),
    actor_type     text        COLLATE "C",
    actor_id       text        COLLATE "C",
    kind           text        COLLATE "C" NOT NULL,
    path           text        COLLATE "C" NOT NULL,  -- as a template: what a person asked for is not kept
    subject_id     uuid,                              -- the order, document, event
    customer_hash  bytea,                             -- keyed, as beside the data keys: the id itself is personal
    correlation_id uuid
);

CREATE INDEX accesses_actor ON audit.accesses (actor_id, access_id);
CREATE INDEX accesses_subject ON audit.accesses (subject_id, access_id) WHERE subject_id IS NOT NULL;
CREATE INDEX accesses_customer ON audit.accesses (customer_hash, access_id) WHERE customer_hash IS NOT NULL;
CREATE INDEX accesses_time ON audit.accesses USING brin (accessed_at);

CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit.refusals
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit.accesses
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE audit.refusals ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.accesses ENABLE ALWAYS TRIGGER append_only;

-- Take away what is older than so many days, and the oldest of what is more than a table may hold; never what is of today.
CREATE FUNCTION audit.forget(refusals_days integer, accesses_days integer, rows_max bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
    more bigint;
BEGIN
    DELETE FROM audit.refusals r
    WHERE r.refused_at < now() - make_interval(days => greatest(refusals_days, 1))
       OR r.refusal_id <= (SELECT max(l.refusal_id) FROM audit.refusals l) - greatest(rows_max, 100000);
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM audit.accesses a
    WHERE a.accessed_at < now() - make_interval(days => greatest(accesses_days, 1));
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN gone + more;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
GRANT SELECT, INSERT ON audit.refusals, audit.accesses TO daybook_app;
GRANT EXECUTE ON FUNCTION audit.forget TO daybook_app;
