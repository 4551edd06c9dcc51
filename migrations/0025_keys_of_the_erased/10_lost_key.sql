-- What was sealed while somebody was erased: an append that was on its way with a key that is gone comes too late.
--
-- Its bytes would stand behind the beginning of the key that its partition may have got since, and look altered. So an
-- append says of each partition which key it sealed with, among what it gives back (kind 'data_key', the position that
-- the key is good from): where there is no such key any more, nothing is recorded, and the command is decided anew.
CREATE FUNCTION log.lost_key(releases log.new_claim[]) RETURNS uuid
LANGUAGE sql STABLE
RETURN (
    SELECT r.partition_id FROM unnest(releases) r
    WHERE r.kind = 'data_key' AND NOT EXISTS (
        SELECT FROM log.data_keys k WHERE k.partition_id = r.partition_id AND k.from_position = r.key::bigint)
    LIMIT 1
);

CREATE OR REPLACE FUNCTION log.give_back(releases log.new_claim[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF log.lost_key(releases) IS NOT NULL THEN
        RAISE EXCEPTION 'sealed under a key that is gone' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    DELETE FROM log.claims c USING unnest(releases) r
    WHERE c.kind = r.kind AND c.key = r.key AND c.partition_id = r.partition_id;
END
$$;

-- The first claim that somebody holds, and who; or the partition whose key is gone.
CREATE OR REPLACE FUNCTION log.held(new_claims log.new_claim[], releases log.new_claim[]) RETURNS jsonb
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

REVOKE ALL ON FUNCTION log.lost_key, log.give_back, log.held FROM PUBLIC;
