-- What proves the log: the tree over its events in tiles, and its signed checkpoints. No row of the log is touched for it.
--
-- The leaf of the event at position p has the index p - 1: positions are dense and in commit order (0001), so every
-- prefix of the log is a tree. What stands here only ever grows; the owner can change it all the same, which is why
-- checkpoints are also kept outside of the database.

CREATE SCHEMA seals;

CREATE TABLE seals.checkpoints (
    size      bigint      NOT NULL PRIMARY KEY CHECK (size > 0),  -- how many events
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    note      text        NOT NULL,                               -- signed: C2SP tlog-checkpoint
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The hashes of 256 subtrees of 256**level events each, one after another; fewer at the right edge.
CREATE TABLE seals.tiles (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);

-- Hashes cannot be compressed.
ALTER TABLE seals.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- The keys that have signed, each with the size of the first checkpoint that it signed.
CREATE TABLE seals.keys (
    vkey        text        NOT NULL PRIMARY KEY,
    first_size  bigint      NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals.keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON seals.tiles
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE ON seals.tiles
    FOR EACH ROW WHEN (
        ROW(NEW.level, NEW.index) IS DISTINCT FROM ROW(OLD.level, OLD.index)
        OR substr(NEW.hashes, 1, octet_length(OLD.hashes)) <> OLD.hashes)
    EXECUTE FUNCTION log.refuse_change();

ALTER TABLE seals.checkpoints ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE seals.keys        ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE seals.tiles       ENABLE ALWAYS TRIGGER kept;
ALTER TABLE seals.tiles       ENABLE ALWAYS TRIGGER only_grows;

-- Keep a checkpoint and the tiles that grew with it; refused unless it follows the last one, which was of size `sealed`.
-- So of two sealers one fails, whatever made both believe to be alone.
CREATE FUNCTION seals.record(
    sealed bigint, size bigint, root bytea, note text, vkeys text[], levels integer[], indexes bigint[], hashes bytea[]
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE seals.checkpoints IN SHARE ROW EXCLUSIVE MODE;  -- who reads is not in the way
    IF sealed <> coalesce((SELECT max(c.size) FROM seals.checkpoints c), 0) THEN
        RAISE EXCEPTION 'somebody else has sealed' USING ERRCODE = 'serialization_failure';
    END IF;
    IF record.size <= sealed OR NOT EXISTS (SELECT FROM log.events e WHERE e.position = record.size) THEN
        RAISE EXCEPTION 'a checkpoint of % events cannot follow one of %', record.size, sealed
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO seals.tiles AS t SELECT * FROM unnest(levels, indexes, record.hashes)
    ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes;
    INSERT INTO seals.checkpoints VALUES (record.size, record.root, record.note);
    INSERT INTO seals.keys SELECT k, record.size FROM unnest(vkeys) k ON CONFLICT DO NOTHING;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA seals FROM PUBLIC;
GRANT USAGE ON SCHEMA seals TO daybook_app;
GRANT SELECT ON ALL TABLES IN SCHEMA seals TO daybook_app;
GRANT EXECUTE ON FUNCTION seals.record TO daybook_app;
