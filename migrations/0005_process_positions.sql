-- How far each process has followed the log: a hint that may fall back, for what a process does twice has one effect.

CREATE SCHEMA work;

CREATE TABLE work.positions (
    process  text   PRIMARY KEY CHECK (process ~ '^[a-z-]{1,40}$'),
    position bigint NOT NULL CHECK (position >= 0)
);

GRANT USAGE ON SCHEMA work TO daybook_app;
GRANT SELECT, INSERT, UPDATE ON work.positions TO daybook_app;
