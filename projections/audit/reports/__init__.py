"""The reports an auditor asks for: each reads the log in its order, keeps sums and never lists, and writes nothing."""
