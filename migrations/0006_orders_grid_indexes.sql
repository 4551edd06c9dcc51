-- The orders grid at a million rows: an index for every column that is shown by default, for polling by change, and for
-- the three axes of an order newest first; room in each page, so that most updates of a row stay in its page.

SET LOCAL ROLE daybook_projector;

CREATE INDEX orders_grid_bill_to_name ON read.orders_grid (bill_to_name, order_id);
CREATE INDEX orders_grid_ship_to_name ON read.orders_grid (ship_to_name, order_id);
CREATE INDEX orders_grid_base_grand_total ON read.orders_grid (base_grand_total, order_id);
CREATE INDEX orders_grid_updated_at ON read.orders_grid (updated_at, order_id);
CREATE INDEX orders_grid_store ON read.orders_grid (store, purchased_at, order_id);
CREATE INDEX orders_grid_payment_status ON read.orders_grid (payment_status, purchased_at, order_id);
CREATE INDEX orders_grid_fulfilment_status ON read.orders_grid (fulfilment_status, purchased_at, order_id);

ALTER TABLE read.orders_grid SET (fillfactor = 90);
-- Words that wait to be sorted into the index are looked through one by one: few of them, in kB.
ALTER INDEX read.orders_grid_words SET (gin_pending_list_limit = 512);

RESET ROLE;
