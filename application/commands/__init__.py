"""The commands by area: what may be asked for, as typed values, and below each value what is done about it.

A handler is a few lines and branches at most once; whatever decides lives in ``domain``. Each module ends with its rows
of the catalogue (``application.catalogue``), so that a command stands in one place: value, handler, row.
"""
