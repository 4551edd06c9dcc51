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
