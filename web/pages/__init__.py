"""The browser: pages for the desk, the warehouse, the auditor and the customer, drawn on the server.

A page reads through the readers that answer the queries, and acts by posting to the commands as any program does.
It must never know a rule of the domain: which forms there are is said by what an order allows and by the commands'
schemas.
"""
