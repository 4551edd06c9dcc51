"""Printed documents: packing slips, shipping labels, invoices, credit memos, dispatch manifests, as PDFs.

``render`` turns the plain facts of ``contents`` into the bytes of one file. Nothing in here reads an order, a database
or a clock.
"""

from adapters.documents.press import render, title_of
from adapters.documents.typeface import FontError

__all__ = ["FontError", "render", "title_of"]
