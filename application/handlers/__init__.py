"""What each command does: load is done, the handler asks the domain, the desk appends.

A handler is a few lines and branches at most once; whatever decides lives in ``domain``. The table
``HANDLERS`` names every command that exists, by its path under ``/commands`` without ids.
"""

from collections.abc import Callable

from application.book import OrderBook
from application.handlers import invoices, orders, payments, shipments
from application.work import Work

Handler = Callable[[OrderBook, Work], None]

HANDLERS: dict[str, Handler] = {
    "orders": orders.place,
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
    "orders/shipments": shipments.book,
    "shipments/add-tracking": shipments.add_tracking,
    "shipments/tracking-events": shipments.record_scan,
    "shipments/cancel": shipments.cancel,
}
