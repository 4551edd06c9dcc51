"""By which notifications are found when they are due: a claim whose key begins with the time, earliest first."""

from datetime import UTC, datetime
from uuid import UUID

from domain.notification import NotificationState
from eventstore.records import Claim

DUE = "notification_due"


def due_claim(state: NotificationState, stream_id: UUID, order_id: UUID) -> Claim | None:
    """The claim of a notification of an order; None when it is finished."""
    if state.due_at is None:
        return None
    return Claim(DUE, f"{due_text(state.due_at)}|{stream_id}", order_id)


def due_text(time: datetime) -> str:
    """A time as text that sorts."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
