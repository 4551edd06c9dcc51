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
