-- Orders sorted by amount or by change, and filtered by an axis or the store: what is filtered by stands at the end of the
-- sort's own index, so that rows which do not match are passed over without being read.

SET LOCAL ROLE daybook_projector;

DROP INDEX read.orders_grid_grand_total, read.orders_grid_base_grand_total, read.orders_grid_updated_at;
CREATE INDEX orders_grid_grand_total ON read.orders_grid
    (grand_total, order_id, status, store, payment_status, fulfilment_status);
CREATE INDEX orders_grid_base_grand_total ON read.orders_grid
    (base_grand_total, order_id, status, store, payment_status, fulfilment_status);
CREATE INDEX orders_grid_updated_at ON read.orders_grid
    (updated_at, order_id, status, store, payment_status, fulfilment_status);

RESET ROLE;
