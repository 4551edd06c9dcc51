-- Saved views: a question to a list under a name, of one person or shown to all.

CREATE TABLE access.saved_views (
    view_id    uuid PRIMARY KEY,
    key_id     text        NOT NULL REFERENCES access.api_keys (id),
    name       text        NOT NULL CHECK (btrim(name) <> '' AND char_length(name) <= 60),
    query      text        NOT NULL CHECK (octet_length(query) <= 4000),
    columns    text[]      NOT NULL DEFAULT '{}',
    shared     boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX saved_views_by_owner ON access.saved_views (key_id);

-- What was done to many orders at once: a result for each, kept for its person for some weeks.
CREATE TABLE access.mass_actions (
    run_id     uuid PRIMARY KEY,
    key_id     text        NOT NULL REFERENCES access.api_keys (id),
    action     text        NOT NULL,
    began_at   timestamptz NOT NULL DEFAULT now(),
    results    bytea
);

GRANT SELECT, INSERT, UPDATE, DELETE ON access.saved_views, access.mass_actions TO daybook_app;
