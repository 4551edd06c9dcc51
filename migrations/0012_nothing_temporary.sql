-- Nobody but the owner makes temporary tables here: Daybook needs none, and they are a way to fill a disk.

DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
