-- What orders are found by: references and other identifiers among their words, external reference and customer as columns,
-- and the log's position of the last change, by which orders that changed in one moment keep the order of the log.

SET LOCAL ROLE daybook_projector;

-- Editions kept by a rebuild have the old shape: there is no way back to them.
DROP TABLE IF EXISTS read.orders_grid_old, read.orders_grid_next, read.orders_grid_check;

ALTER TABLE read.orders_grid
    ADD COLUMN external_reference text   COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN customer_id        text   COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN position           bigint NOT NULL DEFAULT 0;

DROP INDEX read.orders_grid_updated_at;
CREATE INDEX orders_grid_updated_at ON read.orders_grid
    (updated_at, position, status, store, payment_status, fulfilment_status);

-- Rows of the old shape would not be found by what is new in them: the grid is folded anew, from the start of the log.
TRUNCATE read.orders_grid;
UPDATE read.positions SET position = 0, counts = '{}' WHERE projection = 'orders_grid';
DELETE FROM read.positions WHERE projection IN ('orders_grid_old', 'orders_grid_next', 'orders_grid_check');
DELETE FROM read.parked WHERE projection LIKE 'orders_grid%';

RESET ROLE;
