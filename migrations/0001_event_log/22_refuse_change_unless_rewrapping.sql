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
