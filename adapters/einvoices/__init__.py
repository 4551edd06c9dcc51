"""Invoices and credit memos as data: EN 16931 in both of its syntaxes, from the content that the PDF is printed from.

``einvoice`` turns the printed content into the standard's terms and says what is missing; ``cii`` writes them as the
file inside the PDF (Factur-X / ZUGFeRD, profile EN 16931), ``ubl`` as UBL 2.1 (Peppol BIS Billing 3). Nothing in here
reads an order, a database or a clock, and nothing calculates a tax: the totals are those of the printed document.
"""

from adapters.einvoices.missing import EInvoiceImpossible, Lack
from adapters.einvoices.model import EInvoice
from adapters.einvoices.terms import einvoice

__all__ = ["EInvoice", "EInvoiceImpossible", "Lack", "einvoice"]
