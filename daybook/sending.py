"""Webhooks put together: the process that sends them, and the test that people ask for.

Events go out in their public form, without people and reasons, as an integrator reads them at ``/queries/events``.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg_pool import ConnectionPool

from adapters.webhooks.posting import Poster
from daybook.run.storage import Storage
from daybook.settings import Settings
from projections.orders.queries import read_pool
from projections.public_events.reading import EventsAsked, PublicEvents
from webhooks.courier import Means
from webhooks.desk import EndpointDesk
from webhooks.ports import Event
from webhooks.process import SendingWebhooks, Tell
from webhooks.secrets import SecretBox, signed_headers

ALL = "*"
CONNECTIONS = 4


class OutgoingFeed:
    """The log as couriers read it. Thread-safe."""

    def __init__(self, events: PublicEvents) -> None:
        self._events = events

    def head(self) -> int:
        """The last position of the log."""
        return self._events.head()

    def after(self, position: int, patterns: Sequence[str], limit: int) -> tuple[Sequence[Event], int]:
        """At most ``limit`` events that the patterns stand for, and up to where the log was looked through."""
        types = () if ALL in patterns else tuple(each for each in patterns if self._stands_for_some(each))
        if not types and ALL not in patterns:
            return [], self._events.head()
        page = self._events.page(EventsAsked(position, limit, types), audit=False)
        return [_sent(each) for each in page.events], page.position

    def body(self, position: int) -> bytes | None:
        """The event at a position as it is sent; None when nobody gets it."""
        page = self._events.page(EventsAsked(position - 1, 1), audit=False)
        found = page.events[0] if page.events else None
        return None if found is None or found["position"] != position else msgspec.json.encode(found)

    def _stands_for_some(self, pattern: str) -> bool:
        try:
            return bool(self._events.matching([pattern]))
        except ValueError:  # a type that there is no more
            return False


def _sent(shown: dict[str, Any]) -> Event:
    order_id = shown["order_id"]
    return Event(
        position=shown["position"],
        event_id=UUID(shown["event_id"]),
        topic=shown["type"],
        lane=UUID(order_id or shown["subject"]["id"]),
        order_id=None if order_id is None else UUID(order_id),
        recorded_at=datetime.fromisoformat(shown["recorded_at"]),
        body=msgspec.json.encode(shown),
    )


def sending_webhooks(settings: Settings, events: PublicEvents, tell: Tell) -> SendingWebhooks:
    """What ``daybook work`` runs for webhooks."""
    pool: ConnectionPool[psycopg.Connection[Any]] = read_pool(settings.app_conninfo, CONNECTIONS)
    return SendingWebhooks(
        Means(
            pool,
            SecretBox(settings.master_key),
            OutgoingFeed(events),
            poster(settings),
            settings.webhook_pauses,
            Storage.of(settings).has_room,
        ),
        tell,
    )


def poster(settings: Settings) -> Callable[[], Poster]:
    """Makes who makes requests, to where the settings allow."""
    return lambda: Poster(settings.webhook_allowance)


class WebhookTester:
    """Sends an event that says that it is a test, at once and once."""

    def __init__(self, desk: EndpointDesk, new_post: Callable[[], Poster]) -> None:
        self._desk = desk
        self._new_post = new_post

    def test(self, webhook_id: UUID) -> dict[str, Any]:
        """What came of it: ``status`` of the answer or None, ``error``, ``ms``. Raises NoEndpoint."""
        found, secrets = self._desk.secrets(webhook_id)
        event_id, now = uuid4(), datetime.now(UTC)
        said = {
            "schema": "webhook.test/1",
            "type": "webhook.test",
            "event_id": str(event_id),
            "recorded_at": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "order_id": None,
            "data": {"webhook_id": str(webhook_id)},
        }
        body = msgspec.json.encode(said)
        post = self._new_post()
        try:
            answer = post(found.url, signed_headers(event_id, now, body, secrets), body)
        finally:
            post.close()
        return {
            "webhook_id": str(webhook_id),
            "version": found.version,
            "state": found.state,
            "event_id": str(event_id),
            "delivered": answer.succeeded,
            "status": answer.status,
            "error": answer.error,
            "ms": answer.ms,
        }
