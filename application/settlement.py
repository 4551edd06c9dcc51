"""What follows by itself when money or units of an order moved.

Money received settles open invoices, the oldest first; the methods that invoice by themselves do so once the order is
covered; and what is authorized and needed for nothing any more is given up with the last invoice. None of it refuses:
what cannot follow now waits.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from application.command_context import CommandContext
from application.unit_of_work import UnitOfWork
from domain import invoicing
from domain.invoice import Invoice
from domain.payments import automatic_invoice_due, release_authorizations
from domain.requests import ALL_REMAINING, InvoiceRequest


def _active_invoices(work: UnitOfWork) -> list[Invoice]:
    """The invoices that were neither canceled nor voided nor corrected, the oldest first."""
    return [work.invoice(UUID(invoice_id)) for invoice_id in work.order.state.invoices]


def _open_invoices(work: UnitOfWork) -> Iterator[Invoice]:
    """The invoices that wait for money, the oldest first."""
    return (invoice for invoice in _active_invoices(work) if invoice.state.state == "open")


def settle(work: UnitOfWork, at: datetime) -> None:
    """Let money settle what waits for it; what was waived for money that went back waits again."""
    state = work.order.state
    invoicing.reopen(work.order, reversed(_active_invoices(work)), at)
    invoicing.settle_open(work.order, _open_invoices(work), at)
    if not (state.anything_to_invoice or state.open_invoices):
        release_authorizations(work.order, at)


def settle_and_invoice(work: UnitOfWork, context: CommandContext) -> None:
    """Let money settle what waits for it, and issue the automatic invoice when its moment has come."""
    if automatic_invoice_due(work.order):
        invoice = work.new(Invoice, context.new_id())
        everything = InvoiceRequest(lines=ALL_REMAINING, notify=True)
        invoicing.issue(work.order, invoice, everything, context.at, intent_id=context.new_id())
    settle(work, context.at)
