"""`daybook import --from`: orders of another system moved into a running server, and what came of it compared."""
