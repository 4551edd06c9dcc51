-- Make a key for the holder of another, which ends after the overlap, or earlier where that was set before (without an
-- overlap when that was set before, or else now); when that is, or nothing where no valid key has this id. The same
-- request again changes nothing and is answered the same.
CREATE FUNCTION access.replace_key(
    old_id text, new_id text, new_hash bytea, overlap interval, valid_for interval
) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old access.api_keys;
BEGIN
    PERFORM set_config('daybook.erasing', '', true);
    SELECT * INTO old FROM access.api_keys k WHERE k.id = old_id FOR UPDATE;
    IF NOT EXISTS (
        SELECT FROM access.api_keys k WHERE k.id = new_id AND k.secret_hash = new_hash AND k.replaces = old_id)
    THEN
        IF old.id IS NULL OR old.revoked_at <= now() OR old.expires_at <= now() THEN
            RETURN NULL;
        END IF;
        INSERT INTO access.api_keys (id, role, name, customer_id, secret_hash, expires_at, replaces)
        VALUES (new_id, old.role, old.name, old.customer_id, new_hash,
                now() + coalesce(valid_for, old.expires_at - old.created_at), old.id);
        UPDATE access.api_keys k SET revoked_at = now() + coalesce(overlap, interval '0')
        WHERE k.id = old_id AND (k.revoked_at IS NULL OR k.revoked_at > now() + overlap);
        SELECT * INTO old FROM access.api_keys k WHERE k.id = old_id;
    END IF;
    RETURN least(old.revoked_at, old.expires_at);
END
$$;

REVOKE ALL ON FUNCTION access.replace_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.replace_key TO daybook_app;
