-- Wrapping data keys anew under another master key: the only change that a row of log.data_keys ever sees.
CREATE FUNCTION log.refuse_change_unless_rewrapping() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('daybook.rewrapping', true) IS DISTINCT FROM 'yes'
        OR ROW(NEW.partition_id, NEW.customer_hash, NEW.from_position, NEW.created_at)
            IS DISTINCT FROM ROW(OLD.partition_id, OLD.customer_hash, OLD.from_position, OLD.created_at)
    THEN
        RAISE EXCEPTION 'UPDATE of log.data_keys refused: a key is only ever wrapped anew, by `daybook keys rewrap`'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

DROP TRIGGER append_only ON log.data_keys;
CREATE TRIGGER append_only BEFORE TRUNCATE ON log.data_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER rewrap_only BEFORE UPDATE ON log.data_keys
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change_unless_rewrapping();
ALTER TABLE log.data_keys ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log.data_keys ENABLE ALWAYS TRIGGER rewrap_only;

REVOKE ALL ON FUNCTION log.refuse_change_unless_rewrapping FROM PUBLIC;
