-- Let somebody in no more whom a provider vouches for, and end their sessions; or take that back. False for no change.
CREATE FUNCTION access.bar_person(person text, barred boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE access.people p SET barred_at = CASE WHEN barred THEN now() END
    WHERE p.id = person AND (p.barred_at IS NULL) = barred;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM access.sessions s WHERE s.key_id = person;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION access.bar_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.bar_person TO daybook_app;
