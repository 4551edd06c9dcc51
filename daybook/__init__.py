"""The composition root: settings, command line, supervisor and the wiring of every part.

It is the only package that knows all the others; no other package may import it.
"""

from importlib.metadata import version

__version__ = version("daybook")
