"""The log: append by group commit, read, encode, seal personal data.

Knows PostgreSQL and the eventsourcing library; knows no order. It must never import
`domain` or `application`: event classes are handed to it.
"""
