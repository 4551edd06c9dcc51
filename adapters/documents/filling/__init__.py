"""Filling in documents: what the read models say of a document, put into the words that are printed on it."""
