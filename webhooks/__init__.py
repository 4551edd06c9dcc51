"""Who is told by webhook of what happened: endpoints, and what was sent to each, in the order of the log.

``endpoints`` is what people keep, ``courier`` is what sends, one for each endpoint, and ``ledger`` is where it stands:
the tables of the schema ``webhooks`` (migration 0022). What an event looks like and how a request is made are handed
in. Not to be taken for the reports that providers send to us (``web/provider_reports.py``). It must never send
something of an order before what came before it.
"""
