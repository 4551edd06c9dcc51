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
