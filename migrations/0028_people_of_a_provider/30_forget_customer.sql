-- As in 0024, and of a customer who signed in by a provider too: their sessions end, and nobody is told by the row. Who
-- comes again with the same subject is somebody new.
CREATE OR REPLACE FUNCTION access.forget_customer(customer text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    forgotten bigint;
BEGIN
    PERFORM set_config('daybook.erasing', 'yes', true);
    UPDATE access.api_keys k SET revoked_at = least(k.revoked_at, now()) WHERE k.customer_id = customer;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('daybook.erasing', '', true);
    DELETE FROM access.sessions s USING access.people p WHERE p.customer_id = customer AND s.key_id = p.id;
    UPDATE access.people p SET name = '[erased]', subject = '[erased] ' || p.id, customer_id = NULL
    WHERE p.customer_id = customer;
    SET CONSTRAINTS access.end_told IMMEDIATE;  -- told in the log by the owner, not by who asked
    RETURN forgotten;
END
$$;
