-- Who may ask: API keys. Only a hash is kept, so that a copy of this table opens nothing; keys are revoked, not deleted.

CREATE TABLE access.api_keys (
    id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,40}$'),
    role        text NOT NULL CHECK (role IN ('admin', 'integrator', 'auditor', 'customer')),
    name        text NOT NULL,
    customer_id text CHECK ((role = 'customer') = (customer_id IS NOT NULL)),
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz CHECK (expires_at > created_at),  -- set when it is made, or never
    revoked_at  timestamptz  -- may lie ahead: until then a key works beside the one that replaces it
);

-- When a key was last used, to the hour. Apart from the keys, because the application writes here and nowhere there.
CREATE TABLE access.key_uses (
    key_id       text PRIMARY KEY REFERENCES access.api_keys (id),
    last_used_at timestamptz NOT NULL
);

GRANT SELECT ON access.api_keys TO daybook_app;
GRANT SELECT, INSERT, UPDATE ON access.key_uses TO daybook_app;
