"""Requests made up from the description by schemathesis, sent by each role to a running Daybook, for short or for long.

``make fuzz`` runs it for long; the suite runs a little of it. What schemathesis makes up is of the right shape, but
hardly ever about an order that exists: ``sensible`` gives it ids and sums that were answered before, so that orders,
invoices, shipments, batches, dispatches and webhooks come into being and live on.
"""
