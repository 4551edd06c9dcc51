"""`daybook import`: a file of commands posted to a running server, each order in its order, every answer kept."""
