-- Approvals: what waits for a second person, and what became of what did; one row per request, with nothing personal.

SET LOCAL ROLE daybook_projector;

CREATE TABLE read.approvals (
    approval_id  uuid        NOT NULL PRIMARY KEY,
    partition_id uuid        NOT NULL,  -- of the order, or of the customer whom nobody names
    order_id     uuid,
    status       text        COLLATE "C" NOT NULL,
    command      text        COLLATE "C" NOT NULL,
    requested_by text        COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    item         text        NOT NULL
);

CREATE INDEX approvals_newest ON read.approvals (requested_at, approval_id);
CREATE INDEX approvals_status ON read.approvals (status, requested_at, approval_id);
CREATE INDEX approvals_order ON read.approvals (order_id) WHERE order_id IS NOT NULL;

GRANT SELECT ON read.approvals TO daybook_app;

RESET ROLE;

-- Who made a key has seen it: nobody approves by one what he asked for by another.
GRANT SELECT ON access.history TO daybook_app;
