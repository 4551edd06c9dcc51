-- Keys are made, replaced and ended on the pages too: the application may do these three things and nothing else to them.
-- Each is a function of the owner's, and the log tells what it did, with the person who is said by daybook.actor.

-- Make a key; true when it is there as it was asked for, also when it was made by the same request before.
CREATE FUNCTION access.make_key(
    new_id text, new_role text, new_name text, new_customer_id text, new_hash bytea, valid_for interval
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO access.api_keys (id, role, name, customer_id, secret_hash, expires_at)
    VALUES (new_id, new_role, new_name, new_customer_id, new_hash, now() + valid_for)
    ON CONFLICT (id) DO NOTHING;
    RETURN EXISTS (
        SELECT FROM access.api_keys k
        WHERE k.id = new_id AND k.role = new_role AND k.secret_hash = new_hash
            AND (k.revoked_at IS NULL OR k.revoked_at > now()) AND (k.expires_at IS NULL OR k.expires_at > now()));
END
$$;

REVOKE ALL ON FUNCTION access.make_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.make_key TO daybook_app;
