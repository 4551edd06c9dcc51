"""Printed documents: packing slips, shipping labels, invoices, credit memos, dispatch manifests, as PDFs.

``render`` turns the plain facts of ``contents`` into the bytes of one file. Nothing in here reads an order, a database
or a clock.
"""

from adapters.documents.archive import Enclosure
from adapters.documents.fontlist import FontError
from adapters.documents.rendering import Fonts, missing_from, render, title_of, unprintable
from adapters.documents.scripts import Unprintable

__all__ = ["Enclosure", "FontError", "Fonts", "Unprintable", "missing_from", "render", "title_of", "unprintable"]
