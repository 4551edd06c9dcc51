-- Orders may bring the number that their shop gave, which is unique only within its store; they have a source and tags.

SET LOCAL ROLE daybook_projector;

-- Editions kept by a rebuild have the old shape: there is no way back to them.
DROP TABLE IF EXISTS read.orders_grid_old, read.orders_grid_next, read.orders_grid_check;

ALTER TABLE read.orders_grid
    ADD COLUMN source text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN tags   text COLLATE "C" NOT NULL DEFAULT '';

DROP INDEX read.orders_grid_order_number;
CREATE INDEX orders_grid_order_number ON read.orders_grid (order_number, order_id);

DELETE FROM read.positions WHERE projection IN ('orders_grid_old', 'orders_grid_next', 'orders_grid_check');

RESET ROLE;
