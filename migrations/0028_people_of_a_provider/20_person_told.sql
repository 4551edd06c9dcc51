-- Who got which role from the provider is history, told by the database as the making of a key is: once for each role.
CREATE FUNCTION access.person_told() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.roles IS DISTINCT FROM OLD.roles THEN
        PERFORM access.record('access.person_admitted', jsonb_build_object(
            'person_id', NEW.id, 'role', NEW.roles[cardinality(NEW.roles)]));
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.barred_at IS NULL) <> (OLD.barred_at IS NULL) THEN
        PERFORM access.record(
            CASE WHEN NEW.barred_at IS NULL THEN 'access.person_unbarred' ELSE 'access.person_barred' END,
            jsonb_build_object('person_id', NEW.id));
    END IF;
    RETURN NULL;
END
$$;

-- Told when the transaction commits, as in 0011: nobody who leaves one open holds up the appends of the shop.
CREATE CONSTRAINT TRIGGER told AFTER INSERT OR UPDATE ON access.people DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION access.person_told();
ALTER TABLE access.people ENABLE ALWAYS TRIGGER told;

REVOKE ALL ON FUNCTION access.person_told FROM PUBLIC;
