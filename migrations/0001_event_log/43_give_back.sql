-- Claims that their holders give up; what somebody else holds stays held.
CREATE FUNCTION log.give_back(releases log.new_claim[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF log.lost_key(releases) IS NOT NULL THEN
        RAISE EXCEPTION 'sealed under a key that is gone' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    DELETE FROM log.claims c USING unnest(releases) r
    WHERE c.kind = r.kind AND c.key = r.key AND c.partition_id = r.partition_id;
END
$$;
