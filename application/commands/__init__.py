"""What each command does: load is done, the handler asks the domain, the desk appends.

A handler is a few lines and branches at most once; whatever decides lives in ``domain``. The table
``HANDLERS`` names every command that exists, by its path under ``/commands`` without ids.
"""

from collections.abc import Callable

from application.command_context import CommandContext
from application.commands import (
    batches,
    dispatches,
    invoices,
    notifications,
    orders,
    payments,
    printing,
    shipments,
    tracking,
)
from application.unit_of_work import UnitOfWork
from domain.credit_memo import CreditMemo
from domain.dispatch import Dispatch
from domain.invoice import Invoice
from domain.shipment import Shipment

Handler = Callable[[UnitOfWork, CommandContext], None]

HANDLERS: dict[str, Handler] = {
    "orders": orders.place,
    "orders/reorder": orders.reorder,
    "orders/amend": orders.amend,
    "orders/change-address": orders.change_address,
    "orders/comment": orders.comment,
    "orders/hold": orders.hold,
    "orders/release": orders.release,
    "orders/cancel": orders.cancel,
    "orders/expire": orders.expire,
    "orders/authorize-payment": payments.authorize,
    "orders/capture-payment": payments.capture,
    "orders/fail-payment": payments.fail,
    "orders/void-payment": payments.void,
    "orders/flag-payment": payments.flag,
    "orders/accept-payment": payments.accept,
    "orders/deny-payment": payments.deny,
    "orders/refund-payment": payments.refund,
    "orders/invoices": invoices.issue,
    "invoices/capture": invoices.capture,
    "invoices/cancel": invoices.cancel,
    "invoices/void": invoices.void,
    "invoices/correct": invoices.correct,
    "invoices/refund": invoices.refund,
    "orders/shipments": shipments.book,
    "shipments/cancel": shipments.cancel,
    "shipments/return": shipments.take_back,
    "shipments/add-tracking": tracking.add,
    "shipments/correct-tracking": tracking.correct,
    "shipments/retract-tracking": tracking.retract,
    "shipments/tracking-events": tracking.record_scan,
    "tracking-events": tracking.record_scan,
    "batches": batches.create,
    "batches/entries": batches.set_entry,
    "batches/process": batches.process,
    "batches/cancel": batches.cancel,
    "dispatches": dispatches.create,
    "dispatches/close": dispatches.close,
    "dispatches/cancel": dispatches.cancel,
    "invoices/send-copy": printing.send_copy,
    "invoices/record-printed": printing.printed(Invoice),
    "shipments/record-printed": printing.printed(Shipment),
    "credit-memos/record-printed": printing.printed(CreditMemo),
    "dispatches/record-printed": printing.printed(Dispatch),
    "notifications/resend": notifications.resend,
}
