-- What documents are found by: words, references and numbers of their orders, amounts, and the last change of each.

SET LOCAL ROLE daybook_projector;

DROP TABLE IF EXISTS read.documents_old, read.documents_next, read.documents_check;

ALTER TABLE read.documents
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN position   bigint      NOT NULL DEFAULT 0,
    ADD COLUMN currency   text        COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN amount     numeric,    -- the grand total, in the currency; of what is no invoice or credit memo none
    ADD COLUMN words      tsvector    NOT NULL DEFAULT '';

CREATE INDEX documents_updated_at ON read.documents (kind, updated_at, position);
CREATE INDEX documents_amount ON read.documents (kind, amount, document_id) WHERE amount IS NOT NULL;
CREATE INDEX documents_words ON read.documents USING gin (words);
-- Words that wait to be sorted into the index are looked through one by one: few of them, in kB.
ALTER INDEX read.documents_words SET (gin_pending_list_limit = 512);

-- Rows of the old shape would not be found by what is new in them: the lists are folded anew, from the start of the log.
TRUNCATE read.documents;
UPDATE read.positions SET position = 0, counts = '{}' WHERE projection = 'documents';
DELETE FROM read.positions WHERE projection IN ('documents_old', 'documents_next', 'documents_check');
DELETE FROM read.parked WHERE projection LIKE 'documents%';

RESET ROLE;
