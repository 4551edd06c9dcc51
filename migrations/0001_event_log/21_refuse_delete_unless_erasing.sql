-- Erasing a customer's keys is a transaction that says so; a DELETE typed by hand is refused.
CREATE FUNCTION log.refuse_delete_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('daybook.erasing', true) IS DISTINCT FROM 'yes' THEN
        RAISE EXCEPTION 'DELETE of log.data_keys refused: keys are deleted only by erasing a customer'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
