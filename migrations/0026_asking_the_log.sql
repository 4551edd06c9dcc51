-- By what an event of the log is found when an auditor asks: who, which type, which conversation, what for, how much.
--
-- A table beside the log and not indexes on it, which every append would have to write under its lock. It is made from
-- the log alone, in its order, by who asks and by `daybook work` (eventstore/event_keys.py), and can be made anew at any
-- time: TRUNCATE audit.event_keys. It holds nothing personal: reasons stay sealed in the log.

CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO daybook_app;

CREATE TABLE audit.event_keys (
    position       bigint  NOT NULL PRIMARY KEY,  -- dense: its last one is how far this was made
    event_id       uuid    NOT NULL,
    topic          text    COLLATE "C" NOT NULL,
    actor_id       text    COLLATE "C" NOT NULL,
    correlation_id uuid    NOT NULL,
    causation_id   uuid,
    amount         bigint,                        -- in minor units, of events that are about one amount
    sealed         boolean NOT NULL               -- may have a reason
) WITH (
    autovacuum_vacuum_insert_scale_factor = 0.2,
    autovacuum_analyze_scale_factor = 0.05
);

CREATE INDEX event_keys_event ON audit.event_keys (event_id);
CREATE INDEX event_keys_topic ON audit.event_keys (topic, position);
CREATE INDEX event_keys_actor ON audit.event_keys (actor_id, topic, position);
CREATE INDEX event_keys_correlation ON audit.event_keys (correlation_id, position);
CREATE INDEX event_keys_causation ON audit.event_keys (causation_id, position) WHERE causation_id IS NOT NULL;
CREATE INDEX event_keys_amount ON audit.event_keys (amount, position) WHERE amount IS NOT NULL;

GRANT SELECT, INSERT ON audit.event_keys TO daybook_app;
