"""Approvals: what one person asked for and another has to agree to, before it is done.

Each is a stream of its own in the partition of what it is about, so that asking never moves an order's version, what is
personal in the request goes with its order, and the request is settled in the very append in which it is carried out.
Nobody approves what he asked for himself; who is the same person, the caller says. What was asked for never changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, NO_TIME, Event
from domain.refusals import Kind, Refusal

STATUSES = ("requested", "approved", "executed", "refused", "rejected", "withdrawn", "expired")
WAITING = frozenset({"requested", "approved"})
SamePerson = Callable[[str, str], bool]
"""Whether the keys of these two ids belong to one person."""


class Decider(Protocol):
    """Who decides: the kind of caller, and the id of its key."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about, an order or a customer's record: its ``version``, and whether the approver named it."""

    version: int
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEvent(Event):
    """A fact about a request for approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested(ApprovalEvent):
    """A command that needs a second person waits for one until ``expires_at``; nothing of it is done yet.

    ``body`` is all that was asked for, ``customer_id`` whom it is about where its path names a customer. ``amount`` is
    what it is worth in minor units of ``currency``, ``altogether`` that with all that went back on the order before;
    None where the command is not measured. ``subject_version`` is which version of the order, or of the customer's
    record, it was asked of. ``happened_at`` is when it happened, if the caller said so, and of what a
    ``silent`` one brings about nobody is told. ``requested_by`` is the id of the key that asked, of a ``role``,
    ``conversation_id`` what it was sent with.
    """

    TOPIC: ClassVar[str] = "approval.requested"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"body", "customer_id"})

    command: str = ""
    target_id: UUID = NO_STREAM
    order_number: str | None = None
    amount: int | None = None
    altogether: int | None = None
    currency: str | None = None
    subject_version: int | None = None
    requested_by: str = ""
    role: str = ""
    conversation_id: UUID = NO_STREAM
    expires_at: datetime = NO_TIME
    happened_at: datetime | None = None
    silent: bool = False
    body: dict[str, Any] | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecision(ApprovalEvent):
    """What somebody decided: ``decided_by`` is the id of the key, ``role`` its role."""

    decided_by: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted(ApprovalDecision):
    """A second person agreed; what was asked for is done next, once, on the order as it was at ``subject_version``."""

    TOPIC: ClassVar[str] = "approval.granted"

    subject_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalExecuted(ApprovalEvent):
    """What was approved was done: its events are those of the same command. ``approved_by`` is the key that agreed."""

    TOPIC: ClassVar[str] = "approval.executed"

    approved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRefused(ApprovalEvent):
    """What was approved could not be done any more: ``code`` and ``detail`` are those of the refusal."""

    TOPIC: ClassVar[str] = "approval.refused"

    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRejected(ApprovalDecision):
    """Somebody decided against it."""

    TOPIC: ClassVar[str] = "approval.rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWithdrawn(ApprovalDecision):
    """Whoever asked wants it no more."""

    TOPIC: ClassVar[str] = "approval.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalExpired(ApprovalEvent):
    """Nobody decided in time."""

    TOPIC: ClassVar[str] = "approval.expired"


APPROVAL_EVENTS: tuple[type[ApprovalEvent], ...] = (
    ApprovalRequested,
    ApprovalGranted,
    ApprovalExecuted,
    ApprovalRefused,
    ApprovalRejected,
    ApprovalWithdrawn,
    ApprovalExpired,
)
STATUS_AFTER: dict[type[Event], str] = {
    ApprovalRequested: "requested",
    ApprovalGranted: "approved",
    ApprovalExecuted: "executed",
    ApprovalRefused: "refused",
    ApprovalRejected: "rejected",
    ApprovalWithdrawn: "withdrawn",
    ApprovalExpired: "expired",
}


@dataclass(slots=True)
class ApprovalState:
    """What decides about a request: what was ``requested``, and what ``status`` it has come to.

    ``granted`` is who agreed, by which command.
    """

    status: str = ""
    requested: ApprovalRequested | None = None
    granted: ApprovalGranted | None = None
    refused: ApprovalRefused | None = None


def apply(state: ApprovalState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    state.status = STATUS_AFTER[type(event)]
    match event:
        case ApprovalRequested():
            state.requested = event
        case ApprovalGranted():
            state.granted = event
        case ApprovalRefused():
            state.refused = event


class Approval(Aggregate):
    """Decides about one request."""

    NAME = "approval"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = ApprovalState()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)

    @property
    def requested(self) -> ApprovalRequested:
        """What was asked for."""
        if self.state.requested is None:
            raise LookupError(f"nothing was requested as {self.id}")
        return self.state.requested

    @property
    def waits(self) -> bool:
        """Whether it is neither done nor given up."""
        return self.state.status in WAITING

    def asks_the_same(self, other: ApprovalRequested) -> bool:
        """Whether it still waits, and asks for what ``other`` asks for."""
        mine = self.requested
        same = (mine.command, mine.target_id, mine.body) == (other.command, other.target_id, other.body)
        return self.waits and same

    def request(self, asked: ApprovalRequested) -> None:
        """Keep what was asked for."""
        self.trigger(asked)

    def grant(self, by: Decider, same_person: SamePerson, subject: Subject, at: datetime) -> None:
        """Agree, as another person than the one who asked, to what is asked of the ``subject`` as it is now.

        Who approves what has changed since it was asked for has to say which version was looked at.
        """
        if same_person(self.requested.requested_by, by.id):
            detail = "You asked for this yourself, by this key or another of yours. Somebody else has to approve it."
            raise Refusal("own_approval", detail, kind=Kind.FORBIDDEN)
        self._require_open(at)
        if self.requested.body is None:
            detail = "What was asked for was erased with its customer. Reject it, and ask anew."
            raise Refusal("approval_erased", detail)
        if not subject.seen and self.requested.subject_version not in {None, subject.version}:
            detail = f"It has changed since this was asked for: version {self.requested.subject_version} then, "
            more = f"{subject.version} now. Look at it again, and approve with If-Match and its version."
            raise Refusal("approval_outdated", detail + more, facts={"version": subject.version})
        self.trigger(ApprovalGranted(occurred_at=at, decided_by=by.id, role=by.type, subject_version=subject.version))

    def reject(self, by: Decider, at: datetime) -> None:
        """Decide against it."""
        self._require_open(at)
        self.trigger(ApprovalRejected(occurred_at=at, decided_by=by.id, role=by.type))

    def withdraw(self, by: Decider, same_person: SamePerson, at: datetime) -> None:
        """Take the request back, as the person who made it."""
        if not same_person(self.requested.requested_by, by.id):
            detail = "Only who asked for it can withdraw it. Whoever may approve it can reject it."
            raise Refusal("not_own_approval", detail, kind=Kind.FORBIDDEN)
        self._require_open(at)
        self.trigger(ApprovalWithdrawn(occurred_at=at, decided_by=by.id, role=by.type))

    def expire(self, at: datetime) -> None:
        """End a request that nobody decided in time; one that was decided stays as it is."""
        if self.state.status == "requested" and at >= self.requested.expires_at:
            self.trigger(ApprovalExpired(occurred_at=at))

    def execute(self, subject_version: int, at: datetime) -> None:
        """Say that it is done, in the append of what it does; refuses what is no longer as the approver saw it."""
        granted = self._granted()
        if granted.subject_version not in {None, subject_version}:
            detail = f"It changed after it was approved: version {granted.subject_version} then, {subject_version} now."
            raise Refusal("approval_outdated", f"{detail} Ask anew.")
        self.trigger(ApprovalExecuted(occurred_at=at, approved_by=granted.decided_by))

    def refuse(self, code: str, detail: str, at: datetime) -> None:
        """Say that it could not be done any more."""
        self._granted()
        self.trigger(ApprovalRefused(occurred_at=at, code=code, detail=detail))

    def _require_open(self, at: datetime) -> None:
        status = self.state.status
        if status == "requested" and at >= self.requested.expires_at:
            status = "expired"
        if status != "requested":
            detail = f"The request is {status} already, and cannot be decided again. Ask anew if it is still wanted."
            raise Refusal("approval_not_open", detail, facts={"approval_status": status})

    def _granted(self) -> ApprovalGranted:
        if self.state.status != "approved" or self.state.granted is None:
            raise LookupError(f"{self.id} is {self.state.status}")
        return self.state.granted
