-- Who may do what with the log: append and read, through the functions above and nothing else.

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append TO daybook_app;
GRANT EXECUTE ON FUNCTION log.leaf_field, log.leaf_bytes TO daybook_app, daybook_projector;
GRANT SELECT ON ALL TABLES IN SCHEMA log TO daybook_app, daybook_projector;
