"""What may happen to an order: pure decisions over the standard library, the library's event base and ISO 4217.

It reads no clock, draws no random number, does no I/O and logs nothing, so that a replay always answers alike.
"""
