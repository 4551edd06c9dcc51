-- People on the pages: who is signed in, the links that sign in once, and what a person wants to see. Only hashes are kept.

CREATE TABLE access.sessions (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    key_id     text        NOT NULL REFERENCES access.api_keys (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX sessions_by_age ON access.sessions (created_at);

-- A link opens one session and then nothing any more.
CREATE TABLE access.sign_in_links (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    key_id     text        NOT NULL REFERENCES access.api_keys (id),
    ends_at    timestamptz NOT NULL
);

-- Attempts to sign in that failed, so that nobody tries on for long. Lost with a crash, which harms nobody.
CREATE UNLOGGED TABLE access.failed_sign_ins (
    client     text        NOT NULL,
    failed_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX failed_sign_ins_by_time ON access.failed_sign_ins (failed_at);

-- What a person chose for the pages: columns, language, time zone.
CREATE TABLE access.preferences (
    key_id text  NOT NULL REFERENCES access.api_keys (id),
    name   text  NOT NULL CHECK (name ~ '^[a-z_.-]{1,40}$'),
    value  text  NOT NULL CHECK (octet_length(value) <= 4000),
    PRIMARY KEY (key_id, name)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON access.sessions, access.preferences TO daybook_app;
GRANT SELECT, DELETE ON access.sign_in_links TO daybook_app;
GRANT SELECT, INSERT, DELETE ON access.failed_sign_ins TO daybook_app;
