"""What the audit trail needs from outside: somebody who reads the log."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from projections.orders.points import Point
from projections.public_events.reading import EventPage, EventsAsked


class AuditTrail(Protocol):
    """Reads what happened, as it was recorded, in log order."""

    def order_events(self, order_id: UUID, after: int, limit: int) -> Sequence[Mapping[str, Any]] | None:
        """Up to ``limit`` events of the order with positions above ``after``; None when there is no such order."""

    def access_events(self, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Up to ``limit`` events about keys and periods with positions above ``after``."""


class EventFeed(Protocol):
    """Reads the log as public events."""

    def head(self) -> int:
        """The last position of the log."""

    def matching(self, types: Sequence[str]) -> Sequence[str]:
        """The types that these names and patterns stand for; ValueError names one that stands for none."""

    def page(self, asked: EventsAsked, *, audit: bool) -> EventPage:
        """The events asked for; for an ``audit`` with reasons and people."""


class News(Protocol):
    """Wakes who waits for something new in the log."""

    def mark(self) -> int:
        """What to wait beyond."""

    def wait(self, mark: int, timeout_seconds: float) -> bool:
        """Wait until something happened after ``mark``, or for so long; tells which."""


class PastOrders(Protocol):
    """Answers what an order was. Raises NoSuchPointError."""

    def order_at(self, order_id: UUID, point: Point, timeline_before: int | None = None) -> Mapping[str, Any] | None:
        """The order as its detail was shown at a point; None when there is none."""

    def changes(self, order_id: UUID, since: Point, until: Point) -> Mapping[str, Any] | None:
        """What changed between two points, by event; None when there is no such order. Raises DiffTooLongError."""
