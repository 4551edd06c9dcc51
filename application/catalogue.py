"""Every command that exists: the rows of all areas, by the command's name.

Routes, rights, reasons, the OpenAPI document and the desk's ways all come from this table. A command that has no row
does not exist; a row without a handler cannot be written.
"""

from typing import Any

from application.command_type import CommandType
from application.commands import (
    approvals,
    batches,
    customers,
    dispatches,
    invoices,
    notifications,
    orders,
    payments,
    placing,
    printing,
    reordering,
    shipments,
    tracking,
)

AREAS = (
    placing,
    reordering,
    orders,
    payments,
    invoices,
    shipments,
    tracking,
    printing,
    batches,
    dispatches,
    notifications,
    approvals,
    customers,
)
COMMANDS: dict[str, CommandType[Any]] = {row.name: row for area in AREAS for row in area.COMMANDS}

COMMON_CODES = frozenset(
    {
        "concurrent_change",
        "idempotency_key_reused",
        "log_unavailable",
        "not_found",
        "occurred_at_in_future",
        "order_unreadable",
        "outcome_unknown",
        "period_closed",
        "storage_low",
        "version_mismatch",
    }
)
"""The problems that every command may have, beside those of its row and of how a request is written."""
