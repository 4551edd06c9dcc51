"""Notifications: one message to one recipient about one event, from the intent to what became of it.

The intent is recorded first, then each attempt before the mail server hears of it, then what the server
said. So a crash leaves behind either "not tried", which may be sent, or "tried, outcome unknown", which
is shown and never sent again by itself. A notification has a stream of its own and never moves an order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid5

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, Event
from domain.refusals import Refusal

ATTEMPTS_MAX = 12
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# Longer than any conversation with a mail server may take.
ANSWER_WITHIN = timedelta(minutes=10)

CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEvent(Event):
    """A fact of a notification's stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRequested(NotificationEvent):
    """Somebody is to be told, by ``template``, about version ``event_version`` of the stream ``event_stream``."""

    TOPIC: ClassVar[str] = "notification.requested"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"recipient"})

    template: str = ""
    event_stream: UUID = NO_STREAM
    event_version: int = 0
    recipient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationAttempted(NotificationEvent):
    """The mail server is about to be asked; who finds no answer after ``answer_by`` may call it unknown."""

    TOPIC: ClassVar[str] = "notification.attempted"

    attempt: int = 0
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(NotificationEvent):
    """The mail server took the message."""

    TOPIC: ClassVar[str] = "notification.sent"

    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(NotificationEvent):
    """The message was certainly not sent; it is tried again at ``retry_at``, or never when that is None.

    ``code`` is "refused", "unreachable", "unwritable" or "no_recipient"; ``detail`` often names the address.
    """

    TOPIC: ClassVar[str] = "notification.failed"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})

    attempt: int = 0
    code: str = ""
    retry_at: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationOutcomeUnknown(NotificationEvent):
    """The message may have been sent or not; nobody sends it again unless somebody says so."""

    TOPIC: ClassVar[str] = "notification.outcome_unknown"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})

    attempt: int = 0
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationResendRequested(NotificationEvent):
    """Somebody decided that the message is to be sent once more."""

    TOPIC: ClassVar[str] = "notification.resend_requested"


NOTIFICATION_EVENTS: tuple[type[NotificationEvent], ...] = (
    NotificationRequested,
    NotificationAttempted,
    NotificationSent,
    NotificationFailed,
    NotificationOutcomeUnknown,
    NotificationResendRequested,
)


def notification_id(event_stream: UUID, event_version: int, template: str, role: str = CUSTOMER) -> UUID:
    """The one stream for an event, a template and a recipient, so that a second request finds it taken.

    The recipient is named by role: an address in here could be guessed and confirmed after its erasure.
    """
    return uuid5(event_stream, f"notification:{event_version}:{template}:{role}")


def retry_pause(failures: int) -> timedelta:
    """How long to wait after so many failures."""
    return min(FIRST_PAUSE * (1 << min(failures, 20) - 1), LONGEST_PAUSE)


@dataclass(slots=True)
class NotificationState:
    """What decides about a notification.

    ``state`` is "requested", "attempted", "retrying", "sent", "failed" or "unknown". ``due_at`` is when it
    has to be looked at next, None when it is finished; ``tries`` counts failures since somebody last asked.
    """

    state: str = "requested"
    template: str = ""
    event_stream: UUID = NO_STREAM
    event_version: int = 0
    recipient: str | None = None
    attempt: int = 0
    tries: int = 0
    due_at: datetime | None = None


def apply(state: NotificationState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    match event:
        case NotificationRequested():
            state.template, state.recipient = event.template, event.recipient
            state.event_stream, state.event_version = event.event_stream, event.event_version
            state.due_at = event.occurred_at
        case NotificationAttempted():
            state.state, state.due_at = "attempted", event.answer_by
            state.attempt = event.attempt
        case NotificationSent():
            state.state, state.due_at = "sent", None
        case NotificationFailed():
            state.state = "failed" if event.retry_at is None else "retrying"
            state.tries, state.due_at = state.tries + 1, event.retry_at
        case NotificationOutcomeUnknown():
            state.state, state.due_at = "unknown", None
        case NotificationResendRequested():
            state.state, state.tries, state.due_at = "requested", 0, event.occurred_at


class Notification(Aggregate):
    """Decides about one notification."""

    NAME = "notification"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = NotificationState()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)

    def request(self, template: str, event_stream: UUID, event_version: int, recipient: str, at: datetime) -> None:
        """Record that somebody is to be told."""
        self.trigger(
            NotificationRequested(
                occurred_at=at,
                template=template,
                event_stream=event_stream,
                event_version=event_version,
                recipient=recipient,
            )
        )

    def attempt(self, at: datetime) -> None:
        """Record that the mail server is about to be asked."""
        self._require("requested", "retrying")
        self.trigger(
            NotificationAttempted(occurred_at=at, attempt=self.state.attempt + 1, answer_by=at + ANSWER_WITHIN)
        )

    def sent(self, at: datetime) -> None:
        """Record that the server took it: certain, also after somebody else called it unknown."""
        self._require("attempted", "unknown")
        self.trigger(NotificationSent(occurred_at=at, attempt=self.state.attempt))

    def fail(self, code: str, detail: str | None, at: datetime, *, final: bool = False) -> None:
        """Record that it was certainly not sent; it is tried again later, unless that is pointless."""
        self._require("requested", "retrying", "attempted", "unknown")
        tries = self.state.tries + 1
        retry_at = None if final or tries >= ATTEMPTS_MAX else at + retry_pause(tries)
        attempt = self.state.attempt
        failed = NotificationFailed(occurred_at=at, attempt=attempt, code=code, retry_at=retry_at, detail=detail)
        self.trigger(failed)

    def lose(self, detail: str, at: datetime) -> None:
        """Record that nobody knows whether it was sent."""
        self._require("attempted")
        self.trigger(NotificationOutcomeUnknown(occurred_at=at, attempt=self.state.attempt, detail=detail))

    def resend(self, at: datetime) -> None:
        """Have it sent once more; refused while it is under way."""
        if self.state.state == "attempted":
            raise Refusal("notification_under_way", "The mail server was asked just now; wait for its answer.")
        self.trigger(NotificationResendRequested(occurred_at=at))

    def _require(self, *states: str) -> None:
        if self.state.state not in states:
            raise Refusal("notification_not_due", f"The notification is {self.state.state}, so it cannot be sent now.")
