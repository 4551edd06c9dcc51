-- What a process could not do is set aside with the reason, so that everything else goes on; and that processes live.

-- One order, batch, deadline, gateway request or mail each: tried again when it is due, gone when it succeeded.
CREATE TABLE work.set_aside (
    process  text        COLLATE "C" NOT NULL,
    what     text        COLLATE "C" NOT NULL,   -- the process's own name of it, mostly the key of its claim
    order_id uuid,                               -- the partition it belongs to: an order, or a batch
    error    text        NOT NULL,               -- without anything personal
    since    timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer     NOT NULL DEFAULT 1,
    next_try timestamptz NOT NULL,
    PRIMARY KEY (process, what)
);

-- When each process of the worker last came round, and what it has done since it started.
CREATE TABLE work.heartbeats (
    process  text        COLLATE "C" NOT NULL PRIMARY KEY,
    worker   text        NOT NULL,               -- machine and process id
    beat_at  timestamptz NOT NULL,               -- the worker is alive
    came_round_at timestamptz NOT NULL,          -- and this process of it finished a step
    steps    bigint      NOT NULL,
    failures bigint      NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON work.set_aside, work.heartbeats TO daybook_app;
