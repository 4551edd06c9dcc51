"""Issuing, settling, undoing, correcting and refunding invoices."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from application.claims import invoice_number
from application.command_context import CommandContext
from application.command_type import CommandType
from application.settlement import settle
from application.unit_of_work import UnitOfWork
from domain import invoicing, refunding
from domain.credit_memo import CreditMemo
from domain.document_kinds import CREDIT_MEMO, INVOICE
from domain.document_number import as_read
from domain.invoice import Invoice
from domain.refusals import Refusal
from domain.requests import InvoiceRequest, RefundRequest

# Invoices in these states have their number; the others are withdrawn.
HOLDING = frozenset({"open", "paid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInvoice(InvoiceRequest):
    """What to invoice, and under which id."""

    invoice_id: UUID | None = None


def issue(work: UnitOfWork, command: IssueInvoice, context: CommandContext) -> None:
    """Invoice named quantities, or all that remain."""
    invoice = work.new(Invoice, command.invoice_id or context.new_id())
    if command.external is not None:
        _take_number(work, command.external.number, context)
    invoicing.issue(work.order, invoice, command, context.at, intent_id=context.new_id())
    settle(work, context.at)


def _take_number(work: UnitOfWork, number: str, context: CommandContext) -> None:
    """Have the number of another system for the order; what it had for a withdrawn invoice it may have again."""
    for other in work.aggregates.values():
        if (
            isinstance(other, Invoice)
            and other.state.state in HOLDING
            and as_read(other.own_number or "") == as_read(number)
        ):
            facts = {"order_id": str(work.order.id), "invoice_id": str(other.id)}
            raise Refusal("duplicate_invoice_number", f"Invoice {other.id} has the number {number}.", facts=facts)
    claim = invoice_number(work.order.state.store, number, work.order.id)
    context.releases.append(claim)
    context.claims.append(claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureInvoice:
    """What an open invoice waits for is to be collected."""


def capture(work: UnitOfWork, _command: CaptureInvoice, context: CommandContext) -> None:
    """Collect what an open invoice waits for."""
    invoicing.settle(work.order, work.invoice(context.target), context.new_id(), context.at)
    settle(work, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInvoice:
    """An open invoice is withdrawn."""


def cancel(work: UnitOfWork, _command: CancelInvoice, context: CommandContext) -> None:
    """Withdraw an open invoice."""
    invoicing.cancel(work.order, work.invoice(context.target), context.at)
    settle(work, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidInvoice:
    """A paid invoice is undone together with its capture."""


def void(work: UnitOfWork, _command: VoidInvoice, context: CommandContext) -> None:
    """Undo a paid invoice together with its capture."""
    invoicing.void(work.order, work.invoice(context.target), context.new_id(), context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectInvoice:
    """Whether the customer is told that the invoice is taken back."""

    notify: bool = False


def correct(work: UnitOfWork, command: CorrectInvoice, context: CommandContext) -> None:
    """Take a paid invoice back by a cancelling credit memo, to be issued anew."""
    memo = work.new(CreditMemo, context.new_id())
    invoicing.correct(work.order, work.invoice(context.target), memo, context.at, notify=command.notify)
    settle(work, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInvoice(RefundRequest):
    """What of an invoice to give back."""


def refund(work: UnitOfWork, command: RefundInvoice, context: CommandContext) -> None:
    """Credit units, shipping or an adjustment of an invoice."""
    invoice = work.invoice(context.target)
    memo = work.new(CreditMemo, context.new_id())
    refunding.refund(work.order, invoice, memo, command, context.at, intent_id=context.new_id())
    settle(work, context.at)


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="orders/invoices",
        value=IssueInvoice,
        handle=issue,
        summary="Invoice quantities of lines, or all that remains.",
        codes=(
            "capture_mode_not_allowed",
            "duplicate_invoice_number",
            "gateway_not_configured",
            "id_in_use",
            "item_not_in_order",
            "nothing_to_invoice",
            "order_on_hold",
            "payment_required",
            "payment_under_review",
            "quantity_exceeds_uninvoiced",
        ),
        creates=INVOICE,
        id_field="invoice_id",
    ),
    CommandType(
        name="invoices/capture",
        value=CaptureInvoice,
        handle=capture,
        summary="Collect what an open invoice waits for.",
        codes=("capture_pending", "gateway_not_configured", "invoice_not_open", "payment_required"),
    ),
    CommandType(
        name="invoices/cancel",
        value=CancelInvoice,
        handle=cancel,
        summary="Withdraw an open invoice.",
        codes=("capture_pending", "invoice_not_open"),
    ),
    CommandType(
        name="invoices/void",
        value=VoidInvoice,
        handle=void,
        summary="Undo a paid invoice together with the capture of its money.",
        codes=("gateway_not_configured", "void_not_available"),
    ),
    CommandType(
        name="invoices/refund",
        value=RefundInvoice,
        handle=refund,
        summary="Credit units, shipping or an adjustment of an invoice.",
        codes=(
            "capture_pending",
            "charge_not_on_invoice",
            "charge_refund_exceeds",
            "disposition_mismatch",
            "gateway_not_configured",
            "invalid_amount",
            "item_not_in_order",
            "nothing_to_refund",
            "quantity_exceeds_invoiced",
            "refund_exceeds_paid",
            "refund_mode_not_allowed",
            "shipping_refund_exceeds",
        ),
        creates=CREDIT_MEMO,
    ),
    CommandType(
        name="invoices/correct",
        value=CorrectInvoice,
        handle=correct,
        summary="Take a paid invoice back by a cancelling credit memo, to be issued anew.",
        codes=("invoice_not_correctable",),
        creates=CREDIT_MEMO,
    ),
)
