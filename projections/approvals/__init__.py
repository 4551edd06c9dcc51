"""What waits for a second person, and what became of what did: the list, and each request in full."""
