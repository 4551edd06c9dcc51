"""What we do when asked: load a partition, ask the domain, append what it decided.

It knows neither HTTP nor a read model; one function per command.
"""
