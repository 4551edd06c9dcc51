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
