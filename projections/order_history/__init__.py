"""What happened to one order, its documents and its parcels, in the order in which it happened, and who did it.

Orders and documents are both told from it; it shows nothing itself.
"""
