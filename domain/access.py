"""Access: what happened to keys, people, periods and webhooks. One stream, written by the database itself.

See migrations 0011, 0022 and 0028. Nothing here decides; the events are read by those who audit. A key's name stands in
the table of keys, where it never changes, a person's in that of people. They must never carry a secret.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import NO_TIME, Event

ACCESS = UUID("00000000-0000-4000-8000-000000acce55")
"""The stream, and its partition."""
NO_WEBHOOK = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEvent(Event):
    """A fact about who may do what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCreated(AccessEvent):
    """A key was made for somebody."""

    TOPIC: ClassVar[str] = "access.key_created"

    key_id: str = ""
    role: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated(AccessEvent):
    """A key was made to take the place of another one of the same holder."""

    TOPIC: ClassVar[str] = "access.key_rotated"

    key_id: str = ""
    role: str = ""
    replaces: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked(AccessEvent):
    """A key ends, at once or at a time to come."""

    TOPIC: ClassVar[str] = "access.key_revoked"

    key_id: str = ""
    ends_at: datetime = NO_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClosed(AccessEvent):
    """Money and documents of before ``closed_before``, the end of ``last_day`` in ``time_zone``, are settled."""

    TOPIC: ClassVar[str] = "access.period_closed"

    closed_before: datetime = NO_TIME
    last_day: date = date(1970, 1, 1)
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCreated(AccessEvent):
    """Events are sent to somebody from now on. ``origin`` is scheme, host and port: a whole URL may hold a secret."""

    TOPIC: ClassVar[str] = "access.webhook_created"

    webhook_id: UUID = NO_WEBHOOK
    origin: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanged(AccessEvent):
    """A webhook sends other events, or elsewhere, or is described in other words."""

    TOPIC: ClassVar[str] = "access.webhook_changed"

    webhook_id: UUID = NO_WEBHOOK
    origin: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPaused(AccessEvent):
    """A webhook sends nothing for now: somebody asked for it, its receiver is gone, or it failed for days."""

    TOPIC: ClassVar[str] = "access.webhook_paused"

    webhook_id: UUID = NO_WEBHOOK
    why: str = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookResumed(AccessEvent):
    """A webhook sends again."""

    TOPIC: ClassVar[str] = "access.webhook_resumed"

    webhook_id: UUID = NO_WEBHOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecretRotated(AccessEvent):
    """A webhook signs with a new secret; with the old one too until ``old_ends_at``."""

    TOPIC: ClassVar[str] = "access.webhook_secret_rotated"

    webhook_id: UUID = NO_WEBHOOK
    old_ends_at: datetime = NO_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeleted(AccessEvent):
    """A webhook is no more, nor what was still to be sent to it."""

    TOPIC: ClassVar[str] = "access.webhook_deleted"

    webhook_id: UUID = NO_WEBHOOK
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdmitted(AccessEvent):
    """An OpenID provider vouched for somebody who had not come in this role before."""

    TOPIC: ClassVar[str] = "access.person_admitted"

    person_id: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBarred(AccessEvent):
    """Whom a provider vouches for is let in no more, whatever it says."""

    TOPIC: ClassVar[str] = "access.person_barred"

    person_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUnbarred(AccessEvent):
    """Whom a provider vouches for is let in again."""

    TOPIC: ClassVar[str] = "access.person_unbarred"

    person_id: str = ""


ACCESS_EVENTS: tuple[type[AccessEvent], ...] = (
    KeyCreated,
    KeyRotated,
    KeyRevoked,
    PeriodClosed,
    WebhookCreated,
    WebhookChanged,
    WebhookPaused,
    WebhookResumed,
    WebhookSecretRotated,
    WebhookDeleted,
    PersonAdmitted,
    PersonBarred,
    PersonUnbarred,
)


class Access(Aggregate):
    """The one stream of it."""

    NAME = "access"

    def evolve(self, event: Event) -> None:
        """Nothing depends on it."""
