"""Closed periods: what happened before them is settled, so money and documents of that time are refused.

An import of history is excepted, and stands in the log as such (its actor is of the type "import"). It looks at what is
about to be recorded, not at the command: an invoice that comes by itself is a document like any other.
"""

from datetime import datetime

from application.unit_of_work import UnitOfWork
from domain.credit_memo import CREDIT_MEMO_EVENTS
from domain.invoice import INVOICE_EVENTS
from domain.payment_events import PAYMENT_EVENTS
from domain.refusals import Refusal

HISTORY = "import"
"""The type of an actor who brings in history."""
SETTLED = frozenset({*PAYMENT_EVENTS, *INVOICE_EVENTS, *CREDIT_MEMO_EVENTS})


def require_open(work: UnitOfWork, closed_before: datetime | None) -> None:
    """Refuse when money or a document about to be recorded happened in a closed period."""
    if closed_before is None:
        return
    for aggregate in work.aggregates.values():
        for event in aggregate.pending_events:
            if type(event) in SETTLED and event.occurred_at < closed_before:
                raise Refusal(
                    "period_closed",
                    f"Money and documents of before {closed_before.isoformat()} are settled; "
                    f"this happened at {event.occurred_at.isoformat()}.",
                    pointer="/occurred_at",
                )
