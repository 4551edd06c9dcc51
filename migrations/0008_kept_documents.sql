-- What issued documents are made of and what they looked like: neither changes when configuration or program do.
--
-- work.stationery: what the merchant's configuration says on documents, under the hash of its content. An invoice, credit
-- memo or manifest names the one of its issue. work.kept_documents: the bytes that were first printed or mailed, sealed
-- under a key that only the data keys of all its orders open: erasing a customer closes them for ever.

CREATE TABLE work.stationery (
    fingerprint text        PRIMARY KEY CHECK (fingerprint ~ '^[0-9a-f]{32}$'),
    content     bytea       NOT NULL,
    first_used  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE work.kept_documents (
    document_id uuid        NOT NULL,
    form        text        NOT NULL CHECK (form ~ '^[a-z-]{1,40}$'),
    owners      uuid[]      NOT NULL,  -- the partitions whose data keys wrap the key, innermost first
    wrapped     bytea       NOT NULL,
    sealed      bytea       NOT NULL,
    sha256      bytea       NOT NULL CHECK (octet_length(sha256) = 32),  -- of the bytes as printed
    kept_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, form)
);

-- PDFs are compressed already.
ALTER TABLE work.kept_documents ALTER COLUMN sealed SET STORAGE EXTERNAL;

GRANT SELECT, INSERT ON work.stationery, work.kept_documents TO daybook_app;
