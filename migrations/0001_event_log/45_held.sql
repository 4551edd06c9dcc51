-- The first claim that somebody holds, and who; or the partition whose key is gone.
CREATE FUNCTION log.held(new_claims log.new_claim[], releases log.new_claim[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('outcome', 'conflict', 'stream_id', lost, 'version', 0)
    FROM log.lost_key(releases) lost WHERE lost IS NOT NULL
    UNION ALL
    (SELECT jsonb_build_object('outcome', 'claim_taken', 'kind', c.kind, 'key', c.key, 'partition_id', c.partition_id)
     FROM unnest(new_claims) WITH ORDINALITY n JOIN log.claims c ON c.kind = n.kind AND c.key = n.key
     WHERE NOT EXISTS (SELECT FROM unnest(releases) r
                       WHERE r.kind = c.kind AND r.key = c.key AND r.partition_id = c.partition_id)
     ORDER BY n.ordinality LIMIT 1)
    LIMIT 1
$$;
