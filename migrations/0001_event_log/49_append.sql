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
