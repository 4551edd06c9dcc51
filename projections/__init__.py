"""What we remember for readers: one read model per file (row, fold, queries), the runner, the positions.

It never decides anything and never writes to the log.
"""
