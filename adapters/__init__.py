"""The outside: the embedded PostgreSQL and, later, documents, mail and carriers.

Nothing in here knows the web; the composition root hands each adapter to whoever needs it.
"""
