-- Erasing a customer: the data keys go and the log says so, in one transaction, under the lock of the append.
--
-- Nobody who reads ever sees one without the other, and no order of the customer can come in between: `partitions` are
-- all whose keys the caller knows to be the customer's, and when there are more by now, nothing is erased and the
-- caller looks again. The parameters are those of log.append, whose events of the orders refuse who was slower.
CREATE FUNCTION log.erase(
    new_events log.new_event[], counts integer[], new_keys log.new_key[], new_claims log.new_claim[],
    releases log.new_claim[], new_data_keys log.new_data_key[], series_names text[], series_of integer[],
    customer bytea, partitions uuid[],
    OUT first_position bigint, OUT recorded_at timestamptz, OUT numbers bigint[], OUT outcomes jsonb
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    another uuid;
BEGIN
    -- Sealed under keys that are about to go; but the hash of what was printed could confirm who guesses it.
    DELETE FROM work.kept_documents d WHERE d.owners && partitions;
    PERFORM pg_advisory_xact_lock(7233174018682054503);  -- that of log.append
    SELECT k.partition_id INTO another FROM log.data_keys k
    WHERE k.customer_hash = customer AND k.partition_id <> ALL (partitions) LIMIT 1;
    IF FOUND THEN
        first_position := 0;
        recorded_at := clock_timestamp();
        outcomes := jsonb_build_array(
            jsonb_build_object('outcome', 'conflict', 'stream_id', another, 'version', 0));
        RETURN;
    END IF;
    PERFORM set_config('daybook.erasing', 'yes', true);
    DELETE FROM log.data_keys k WHERE k.partition_id = ANY (partitions);
    PERFORM set_config('daybook.erasing', '', true);
    SELECT a.first_position, a.recorded_at, a.numbers, a.outcomes INTO first_position, recorded_at, numbers, outcomes
    FROM log.append(new_events, counts, new_keys, new_claims, releases, new_data_keys, series_names, series_of) a;
END
$$;

REVOKE ALL ON FUNCTION log.erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.erase TO daybook_app;
