"""What may happen to an order: pure decisions over the standard library, eventsourcing.domain and ISO 4217.

It reads no clock, draws no random number, does no I/O and logs nothing: a replay always answers alike.
"""
