"""Issuing, settling, undoing, correcting and refunding invoices."""

from application.command_context import CommandContext
from application.settlement import settle
from application.unit_of_work import UnitOfWork
from domain import invoicing, refunding
from domain.credit_memo import CreditMemo
from domain.invoice import Invoice


def issue(work: UnitOfWork, context: CommandContext) -> None:
    """Invoice named quantities, or all that remain."""
    invoice = work.new(Invoice, context.chosen_id("invoice_id"))
    invoicing.issue(work.order, invoice, context.body | {"intent_id": context.new_id()}, context.at)
    settle(work, context.at)


def capture(work: UnitOfWork, context: CommandContext) -> None:
    """Collect what an open invoice waits for."""
    invoicing.settle(work.order, work.invoice(context.target), context.new_id(), context.at)
    settle(work, context.at)


def cancel(work: UnitOfWork, context: CommandContext) -> None:
    """Withdraw an open invoice."""
    invoicing.cancel(work.order, work.invoice(context.target), context.at)
    settle(work, context.at)


def void(work: UnitOfWork, context: CommandContext) -> None:
    """Undo a paid invoice together with its capture."""
    invoicing.void(work.order, work.invoice(context.target), context.new_id(), context.at)


def correct(work: UnitOfWork, context: CommandContext) -> None:
    """Take a paid invoice back by a cancelling credit memo, to be issued anew."""
    memo = work.new(CreditMemo, context.new_id())
    notify = context.body.get("notify", False)
    invoicing.correct(work.order, work.invoice(context.target), memo, context.at, notify=notify)
    settle(work, context.at)


def refund(work: UnitOfWork, context: CommandContext) -> None:
    """Credit units, shipping or an adjustment of an invoice."""
    invoice = work.invoice(context.target)
    memo = work.new(CreditMemo, context.new_id())
    refunding.refund(work.order, invoice, memo, context.body | {"intent_id": context.new_id()}, context.at)
    settle(work, context.at)
