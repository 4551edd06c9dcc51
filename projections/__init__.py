"""What we remember for readers: one question, one room.

``engine`` keeps read models up to date and knows none of them; ``paging`` is what all lists share; ``order_history`` is
one order as its events tell it. Above them stand the rooms that answer: ``orders_grid`` (which orders are there),
``orders`` (what about this order), ``documents`` (which documents are there, and what do they say). ``catalogue`` lists
the read models. Imports go down only.

It never decides anything and never writes to the log.
"""
