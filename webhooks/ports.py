"""What sending needs from outside: somebody who reads the log as public events, and somebody who makes requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the log as it is sent: ``lane`` is the order, or whatever else it is about; ``body`` its JSON."""

    position: int
    event_id: UUID
    topic: str
    lane: UUID
    order_id: UUID | None
    recorded_at: datetime
    body: bytes


class Feed(Protocol):
    """Reads the log in its order, without gaps."""

    def head(self) -> int:
        """The last position of the log."""

    def after(self, position: int, patterns: Sequence[str], limit: int) -> tuple[Sequence[Event], int]:
        """At most ``limit`` events that the patterns stand for, and up to where the log was looked through."""

    def body(self, position: int) -> bytes | None:
        """The event at a position as it is sent; None when nobody gets it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to: the status of the answer, or an error; in ``ms``, with the pause that was asked for."""

    status: int | None
    error: str | None
    ms: int
    retry_after: float = 0.0

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more."""
        return self.status == 410


class Post(Protocol):
    """Makes requests, one at a time; keeps a connection between them."""

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Post, and tell what came of it; it never raises for what the other side does."""

    def close(self) -> None:
        """Close the connection."""
