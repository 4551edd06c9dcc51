-- Who may ask: API keys. Only a hash is kept, so that a copy of this table opens nothing; keys are revoked, not deleted.

CREATE TABLE access.api_keys (
    id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,40}$'),
    role        text NOT NULL CHECK (role IN ('admin', 'integrator', 'auditor', 'customer')),
    name        text NOT NULL,
    customer_id text CHECK ((role = 'customer') = (customer_id IS NOT NULL)),
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);

GRANT SELECT ON access.api_keys TO daybook_app;
