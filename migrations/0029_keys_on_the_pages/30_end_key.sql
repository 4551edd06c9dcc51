-- End a key now; false where no valid key has this id.
CREATE FUNCTION access.end_key(old_id text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('daybook.erasing', '', true);
    UPDATE access.api_keys k SET revoked_at = now()
    WHERE k.id = old_id
        AND (k.revoked_at IS NULL OR k.revoked_at > now()) AND (k.expires_at IS NULL OR k.expires_at > now());
    RETURN FOUND;
END
$$;

REVOKE ALL ON FUNCTION access.end_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.end_key TO daybook_app;
