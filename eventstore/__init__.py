"""The log: append by group commit, read, codec, keys for personal data.

It knows PostgreSQL and knows no order.
"""
