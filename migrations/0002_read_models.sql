-- The read models: what people look at, folded from the log, droppable and rebuildable at any time.
--
-- The projector owns these tables: it writes them, and a rebuild makes new ones beside them and swaps them in. Rows and
-- the position they were made from are always written in one transaction.

SET LOCAL ROLE daybook_projector;

-- The share of the work that an order belongs to: one of 16. projections/engine/slices.py computes the same.
CREATE FUNCTION read.slice_of(partition_id uuid) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN get_byte(uuid_send(partition_id), 15) & 15;

-- How far each projection has come, slice by slice. Whoever holds the row's lock writes the rows of that slice.
CREATE TABLE read.positions (
    projection text     COLLATE "C" NOT NULL,
    slice      smallint NOT NULL CHECK (slice BETWEEN 0 AND 15),
    position   bigint   NOT NULL DEFAULT 0,   -- every event of the slice up to here is in the rows
    counts     jsonb    NOT NULL DEFAULT '{}', -- rows of the slice by the value the read model is counted by
    PRIMARY KEY (projection, slice)
) WITH (fillfactor = 10);

-- Orders that a projection could not fold: they wait here, with the error, until somebody retries them.
CREATE TABLE read.parked (
    projection   text        COLLATE "C" NOT NULL,
    partition_id uuid        NOT NULL,
    position     bigint      NOT NULL,  -- the event that failed; this one and all later ones of the order are missing
    error        text        NOT NULL,
    since        timestamptz NOT NULL DEFAULT now(),
    attempts     integer     NOT NULL DEFAULT 1,
    PRIMARY KEY (projection, partition_id)
);

-- The orders grid: a flat row per order. `item` is the row as it is shown, the other columns are what it is filtered and
-- sorted by: names, addresses and email in lower case without accents, no text as '', no base amount as -Infinity.
CREATE TABLE read.orders_grid (
    order_id              uuid        NOT NULL PRIMARY KEY,
    order_number          text        COLLATE "C" NOT NULL,
    store                 text        COLLATE "C" NOT NULL,
    purchased_at          timestamptz NOT NULL,
    bill_to_name          text        COLLATE "C" NOT NULL,
    ship_to_name          text        COLLATE "C" NOT NULL,
    base_grand_total      numeric     NOT NULL,
    grand_total           numeric     NOT NULL,
    currency              text        COLLATE "C" NOT NULL,
    status                text        COLLATE "C" NOT NULL,
    billing_address       text        COLLATE "C" NOT NULL,
    shipping_address      text        COLLATE "C" NOT NULL,
    shipping_information  text        COLLATE "C" NOT NULL,
    customer_email        text        COLLATE "C" NOT NULL,
    customer_group        text        COLLATE "C" NOT NULL,
    subtotal              numeric     NOT NULL,
    shipping_and_handling numeric     NOT NULL,
    customer_name         text        COLLATE "C" NOT NULL,
    payment_method        text        COLLATE "C" NOT NULL,
    total_refunded        numeric     NOT NULL,
    total_paid            numeric     NOT NULL,
    total_due             numeric     NOT NULL,
    payment_status        text        COLLATE "C" NOT NULL,
    fulfilment_status     text        COLLATE "C" NOT NULL,
    item_count            integer     NOT NULL,
    updated_at            timestamptz NOT NULL,
    words                 tsvector    NOT NULL,
    item                  text        NOT NULL
);

CREATE UNIQUE INDEX orders_grid_order_number ON read.orders_grid (order_number);
CREATE INDEX orders_grid_purchased_at ON read.orders_grid (purchased_at, order_id);
CREATE INDEX orders_grid_grand_total ON read.orders_grid (grand_total, order_id);
CREATE INDEX orders_grid_status ON read.orders_grid (status, purchased_at, order_id);
CREATE INDEX orders_grid_words ON read.orders_grid USING gin (words);

-- What a customer sees of an order through its unguessable link; only the hash of the link is kept.
CREATE TABLE read.tracking (
    token_hash bytea NOT NULL PRIMARY KEY,
    order_id   uuid  NOT NULL,
    document   text  NOT NULL
);

GRANT SELECT ON ALL TABLES IN SCHEMA read TO daybook_app;

RESET ROLE;
