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
