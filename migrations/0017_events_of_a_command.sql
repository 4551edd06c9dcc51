-- The events of a command are found by its id: for receipts and for the audit trail.
--
-- Ids of commands begin with the time (adapters/identifiers.py) and so grow with the position: a summary of every 32
-- pages finds them in less than a thousand rows, and an append pays nothing for it that could be measured. A B-tree
-- would be written with every event.

CREATE INDEX events_command ON log.events USING brin (command_id) WITH (pages_per_range = 32, autosummarize = on);
