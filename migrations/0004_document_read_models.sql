-- The lists of invoices, shipments, credit memos, batches and dispatches: one row per document, whatever its kind.
--
-- They are asked the same questions (which kind, in which state, of which carrier, where, of which order, when), so they
-- are one table. `item` is the document as its list shows it. Like every read model it can be dropped and rebuilt.

SET LOCAL ROLE daybook_projector;

CREATE TABLE read.documents (
    document_id uuid        NOT NULL PRIMARY KEY,
    kind        text        COLLATE "C" NOT NULL,  -- as in the path: invoices, shipments, ...
    number      text        COLLATE "C" NOT NULL,
    state       text        COLLATE "C" NOT NULL,
    order_id    uuid,                              -- of batches and dispatches none: they span orders
    carrier     text        COLLATE "C" NOT NULL,  -- '' for documents that do not travel
    location    text        COLLATE "C" NOT NULL,
    happened_at timestamptz NOT NULL,              -- issued, booked, created or scheduled
    item        text        NOT NULL
);

CREATE INDEX documents_newest ON read.documents (kind, happened_at, document_id);
CREATE INDEX documents_state ON read.documents (kind, state, happened_at, document_id);
CREATE INDEX documents_carrier ON read.documents (kind, carrier, happened_at, document_id) WHERE carrier <> '';
CREATE INDEX documents_number ON read.documents (kind, number);
CREATE INDEX documents_order ON read.documents (order_id) WHERE order_id IS NOT NULL;

GRANT SELECT ON read.documents TO daybook_app;

RESET ROLE;
