"""Who asks, and what is theirs: API keys and the roles they give. Tables of the schema ``access``.

``authentication`` turns a key into its caller, in every process; ``keys`` makes, replaces and ends keys, as the owner
of the database; ``roles`` says who may do what. Knows no order, no HTTP and nothing else of ours. What happens to keys
is written into the log by the database itself (migration 0011).
"""
