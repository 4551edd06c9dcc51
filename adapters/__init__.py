"""The outside: PostgreSQL as a program, the merchant's file, documents, mail, payment gateways.

Nothing in here knows the web; the composition root hands each adapter to whoever needs it.
"""
