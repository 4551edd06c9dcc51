-- Append-only, for what the owner types as well. ALWAYS: a session that pretends to be a replica is refused too. An owner
-- can turn triggers off; what happens then only proofs will show.

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.idempotency_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER append_only BEFORE TRUNCATE ON log.data_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER rewrap_only BEFORE UPDATE ON log.data_keys
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change_unless_rewrapping();
CREATE TRIGGER erase_only BEFORE DELETE ON log.data_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_delete_unless_erasing();
CREATE TRIGGER held_or_given_back BEFORE UPDATE OR TRUNCATE ON log.claims
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER never_back BEFORE UPDATE ON log.number_series
    FOR EACH ROW WHEN (NEW.last_number <= OLD.last_number) EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER never_gone BEFORE DELETE OR TRUNCATE ON log.number_series
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

ALTER TABLE log.events           ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log.idempotency_keys ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log.data_keys        ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log.data_keys        ENABLE ALWAYS TRIGGER rewrap_only;
ALTER TABLE log.data_keys        ENABLE ALWAYS TRIGGER erase_only;
ALTER TABLE log.claims           ENABLE ALWAYS TRIGGER held_or_given_back;
ALTER TABLE log.number_series    ENABLE ALWAYS TRIGGER never_back;
ALTER TABLE log.number_series    ENABLE ALWAYS TRIGGER never_gone;
