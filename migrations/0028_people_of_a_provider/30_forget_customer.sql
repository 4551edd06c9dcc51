-- A customer who is erased: their API keys end at once, and who held them can be read no more. So do their sessions, where
-- they signed in by a provider, and nobody is told by the row. Who comes again with the same subject is somebody new;
-- unless they were barred: so much is kept of them that this can be told.
CREATE FUNCTION access.forget_customer(customer text) RETURNS bigint
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
    DELETE FROM access.sessions s USING access.people p WHERE customer = ANY (p.customers) AND s.key_id = p.id;
    UPDATE access.people p SET
        name = '[erased]', subject = '[erased] ' || p.id,
        customer_id = nullif(p.customer_id, customer), customers = array_remove(p.customers, customer),
        erased_salt = barred.salt,
        erased_hash = sha256(barred.salt || convert_to(p.issuer || ' ' || p.subject, 'UTF8'))
    FROM access.people q LEFT JOIN LATERAL (
        SELECT coalesce(q.erased_salt, uuid_send(gen_random_uuid())) AS salt WHERE q.barred_at IS NOT NULL
    ) barred ON true
    WHERE q.id = p.id AND customer = ANY (p.customers) AND p.subject <> '[erased] ' || p.id;
    SET CONSTRAINTS access.end_told IMMEDIATE;  -- told in the log by the owner, not by who asked
    RETURN forgotten;
END
$$;

REVOKE ALL ON FUNCTION access.forget_customer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.forget_customer TO daybook_app;
