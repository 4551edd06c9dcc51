-- People whom an OpenID provider vouches for: who they are stands here once, and their id wherever keys have theirs.
--
-- An id is drawn at random: the log keeps it for good, and it must say nothing of anybody. No key can have one like it.
CREATE TABLE access.people (
    id            text PRIMARY KEY CHECK (id ~ '^oidc-[0-9a-f]{24}$'),
    issuer        text        NOT NULL,
    subject       text        NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 300),
    name          text        NOT NULL CHECK (btrim(name) <> '' AND char_length(name) <= 100),
    roles         text[]      NOT NULL CHECK (cardinality(roles) > 0),  -- each that was ever claimed for them, in order
    customer_id   text,  -- the last that was claimed for them
    customers     text[]      NOT NULL DEFAULT '{}',  -- each that ever was
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    barred_at     timestamptz,  -- the owner's word against the provider's
    -- Of who was barred and erased: a salt of 16 bytes, and the SHA-256 of it with issuer and subject.
    erased_salt   bytea,
    erased_hash   bytea,
    UNIQUE (issuer, subject)
);

CREATE INDEX people_by_customer ON access.people (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX people_by_customers ON access.people USING gin (customers);
CREATE INDEX people_barred_and_erased ON access.people (id) WHERE erased_hash IS NOT NULL;

ALTER TABLE access.api_keys ADD CONSTRAINT api_keys_id_is_no_persons CHECK (id !~ '^oidc-');

-- Everybody who can act, with the name that is shown.
CREATE VIEW access.holders AS
    SELECT id, name, customer_id, created_at, expires_at, revoked_at FROM access.api_keys
    UNION ALL
    SELECT id, name, customer_id, first_seen_at, NULL, barred_at FROM access.people;

-- What happened to keys, people and periods, for who asks on the command line.
CREATE VIEW access.history AS
    SELECT e.position, e.recorded_at, e.topic, e.actor_type, e.actor_id, f.facts, h.name
    FROM log.events e
    CROSS JOIN LATERAL (SELECT convert_from(e.payload, 'UTF8')::jsonb) f (facts)
    LEFT JOIN access.holders h ON h.id = coalesce(f.facts ->> 'key_id', f.facts ->> 'person_id')
    WHERE e.partition_id = '00000000-0000-4000-8000-000000acce55';

-- What is kept by the id of a key may be a person's now. Neither is ever deleted, so nothing is left without its holder.
ALTER TABLE access.key_uses     DROP CONSTRAINT key_uses_key_id_fkey;
ALTER TABLE access.sessions     DROP CONSTRAINT sessions_key_id_fkey;
ALTER TABLE access.preferences  DROP CONSTRAINT preferences_key_id_fkey;
ALTER TABLE access.saved_views  DROP CONSTRAINT saved_views_key_id_fkey;
ALTER TABLE access.mass_actions DROP CONSTRAINT mass_actions_key_id_fkey;

-- A person's session has the role that the provider gave when they signed in, and ends soon enough to ask it again.
ALTER TABLE access.sessions
    ADD COLUMN role        text CHECK (role IN ('admin', 'integrator', 'auditor', 'customer')),
    ADD COLUMN customer_id text,
    ADD COLUMN ends_at     timestamptz,
    ADD CONSTRAINT sessions_of_people CHECK (
        (key_id ~ '^oidc-') = (role IS NOT NULL AND ends_at IS NOT NULL)
        AND (role IS NOT DISTINCT FROM 'customer') = (customer_id IS NOT NULL));

-- Who fails by one way to sign in is not kept from the other.
ALTER TABLE access.failed_sign_ins ADD COLUMN way text NOT NULL DEFAULT 'key' CHECK (way IN ('key', 'provider'));

CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON access.people
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE access.people ENABLE ALWAYS TRIGGER kept;

GRANT SELECT ON access.people, access.holders TO daybook_app;
GRANT INSERT (id, issuer, subject, name, roles, customer_id, customers), UPDATE (name, roles, customer_id, customers)
    ON access.people TO daybook_app;
