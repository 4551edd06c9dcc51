"""The list of requests for approval, a row for each. It never holds what was asked for, nor why: that is personal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain import approval
from domain.approval import APPROVAL_EVENTS, ApprovalDecision, ApprovalExpired, ApprovalRequested, ApprovalState
from domain.events import NO_TIME
from domain.values import to_text
from eventstore.records import RecordedEvent
from projections.approvals.shapes import ApprovalListed, ApprovalSummary
from projections.engine.model import ReadModel
from projections.order_history.actors import ActorShown
from projections.paging.times import rfc3339

EXPIRY: ActorShown = {"type": "process", "id": "approving", "name": None}


class ApprovalRow(NamedTuple):
    """A row of read.approvals."""

    approval_id: str
    partition_id: str
    order_id: str | None
    status: str
    command: str
    requested_by: str
    requested_at: str
    item: str


@dataclass(slots=True)
class ApprovalHistory:
    """What happened to one request so far."""

    approval_id: UUID
    asked: ApprovalRequested
    order_id: UUID | None
    requested_at: datetime
    state: ApprovalState = field(default_factory=ApprovalState)
    decided_at: datetime | None = None
    decided_by: ActorShown | None = None
    updated_at: datetime = NO_TIME
    position: int = 0


@dataclass(slots=True)
class ApprovalsOf:
    """The requests of one partition; ``given`` are the positions of the rows that were handed out already."""

    partition_id: UUID
    requests: dict[UUID, ApprovalHistory] = field(default_factory=dict)
    given: dict[UUID, int] = field(default_factory=dict)


def fold(of: ApprovalsOf, row: RecordedEvent, event: Any) -> None:
    """Take in one event; None is one of a class that was not asked for."""
    if event is None:
        return
    if isinstance(event, ApprovalRequested):
        order_id = of.partition_id if event.order_number is not None else None
        of.requests[row.stream_id] = ApprovalHistory(row.stream_id, event, order_id, row.recorded_at)
    history = of.requests[row.stream_id]
    approval.apply(history.state, event)
    history.updated_at, history.position = row.recorded_at, row.position
    if isinstance(event, ApprovalDecision):
        history.decided_at = row.recorded_at
        history.decided_by = {"type": event.role, "id": event.decided_by, "name": None}
    elif isinstance(event, ApprovalExpired):
        history.decided_at, history.decided_by = row.recorded_at, EXPIRY


def summary(history: ApprovalHistory) -> ApprovalSummary:
    """The request as its list shows it; who acted has no name here."""
    asked, refused = history.asked, history.state.refused
    return {
        "approval_id": str(history.approval_id),
        "status": history.state.status,
        "command": asked.command,
        "target_id": str(asked.target_id),
        "order_id": None if history.order_id is None else str(history.order_id),
        "order_number": asked.order_number,
        "amount": _amount(asked.amount, asked.currency),
        "altogether": _amount(asked.altogether, asked.currency),
        "currency": asked.currency,
        "requested_at": rfc3339(history.requested_at),
        "requested_by": {"type": asked.role, "id": asked.requested_by, "name": None},
        "expires_at": rfc3339(asked.expires_at),
        "decided_at": None if history.decided_at is None else rfc3339(history.decided_at),
        "decided_by": history.decided_by,
        "refusal": None if refused is None else {"code": refused.code, "detail": refused.detail},
    }


def _amount(minor: int | None, currency: str | None) -> str | None:
    return None if minor is None or currency is None else to_text(minor, currency)


_encode = msgspec.json.Encoder().encode


def rows(of: ApprovalsOf) -> Iterator[ApprovalRow]:
    """A row per request that changed since its row was handed out last."""
    for approval_id, history in of.requests.items():
        if of.given.get(approval_id) == history.position:
            continue
        of.given[approval_id] = history.position
        item: ApprovalListed = {
            **summary(history),
            "updated_at": rfc3339(history.updated_at),
            "position": history.position,
        }
        yield ApprovalRow(
            item["approval_id"],
            str(of.partition_id),
            item["order_id"],
            item["status"],
            item["command"],
            history.asked.requested_by,
            item["requested_at"],
            _encode(item).decode(),
        )


APPROVALS = ReadModel(
    name="approvals",
    columns=ApprovalRow._fields,
    key="approval_id",
    partition="partition_id",
    events=frozenset(APPROVAL_EVENTS),
    start=ApprovalsOf,
    fold=fold,
    rows=rows,
)
