"""Every problem code in one table: its HTTP status, what it means, and what to do.

A code is part of the contract: once released it keeps its name and its meaning. The documentation's page is made from
this table; a test finds every code that is raised anywhere, and every row that nobody raises. Nothing decides
by this table.
"""

from web.problem_codes import approvals, goods, money, orders, requests, service
from web.problem_codes.row import Row, Rows

GROUPS: dict[str, Rows] = {
    "Requests": requests.ROWS,
    "Orders": orders.ROWS,
    "Payments, invoices and refunds": money.ROWS,
    "Shipments, batches and dispatches": goods.ROWS,
    "Approval by a second person": approvals.ROWS,
    "The service": service.ROWS,
}
"""The rows by what they are about, in the order of the documentation."""

CODES: Rows = {code: row for rows in GROUPS.values() for code, row in rows.items()}

__all__ = ["CODES", "GROUPS", "Row", "Rows"]
