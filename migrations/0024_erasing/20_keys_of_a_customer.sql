-- API keys of a customer who is erased: they end at once, and who held them can be read no more. A key's name changes
-- in no other case.
CREATE OR REPLACE FUNCTION access.refuse_change_of_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('daybook.erasing', true) = 'yes' THEN
        NEW.name := '[erased]';
        NEW.customer_id := '[erased]';
    END IF;
    IF ROW(NEW.id, NEW.role, NEW.secret_hash, NEW.created_at, NEW.expires_at, NEW.replaces)
        IS DISTINCT FROM ROW(OLD.id, OLD.role, OLD.secret_hash, OLD.created_at, OLD.expires_at, OLD.replaces)
        OR current_setting('daybook.erasing', true) IS DISTINCT FROM 'yes'
            AND ROW(NEW.name, NEW.customer_id) IS DISTINCT FROM ROW(OLD.name, OLD.customer_id)
        OR NEW.revoked_at IS NULL OR NEW.revoked_at > OLD.revoked_at
    THEN
        RAISE EXCEPTION 'UPDATE of access.api_keys refused: of a key only its end is set, and only to come earlier'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

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
    SET CONSTRAINTS access.end_told IMMEDIATE;  -- told in the log by the owner, not by who asked
    RETURN forgotten;
END
$$;

REVOKE ALL ON FUNCTION access.forget_customer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.forget_customer TO daybook_app;
