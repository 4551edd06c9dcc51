"""How webhooks stand, as operators see it: figures for Prometheus, and a sentence for each that needs somebody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from psycopg.rows import class_row

from webhooks.endpoints import ASKED, GONE, PAUSED

# Longer than the first pauses between attempts.
FAILING_SECONDS = 900.0

_STANDING = """
    SELECT e.webhook_id, e.origin, e.state, e.paused_why, e.failures,
        coalesce(extract(epoch FROM clock_timestamp() - e.failing_since), 0)::float8 AS failing_seconds,
        coalesce(d.waiting, 0) AS waiting, coalesce(d.dead, 0) AS dead,
        coalesce(extract(epoch FROM clock_timestamp() - d.oldest), 0)::float8 AS oldest_seconds
    FROM webhooks.endpoints e
    LEFT JOIN (
        SELECT webhook_id, count(*) FILTER (WHERE status = 'waiting') AS waiting,
            count(*) FILTER (WHERE status = 'dead') AS dead,
            min(recorded_at) FILTER (WHERE status = 'waiting') AS oldest
        FROM webhooks.deliveries WHERE status = 'waiting' OR status = 'dead' GROUP BY webhook_id
    ) d USING (webhook_id)
    ORDER BY e.created_at
"""
_GAUGES = {
    "waiting": ("daybook_webhook_waiting", "Events that wait for this webhook"),
    "oldest_seconds": ("daybook_webhook_oldest_seconds", "Age of the oldest event that waits for it"),
    "dead": ("daybook_webhook_dead", "Events that were given up"),
    "failures": ("daybook_webhook_failures", "Attempts that failed since the last that succeeded"),
    "paused": ("daybook_webhook_paused", "1 while it is paused"),
}


@dataclass(frozen=True, slots=True)
class WebhookStanding:
    """How one stands; times in seconds."""

    webhook_id: UUID
    origin: str
    state: str
    paused_why: str | None
    failures: int
    failing_seconds: float
    waiting: int
    dead: int
    oldest_seconds: float

    @property
    def paused(self) -> int:
        return int(self.state == PAUSED)


def standing(connection: psycopg.Connection[Any]) -> list[WebhookStanding]:
    """How each stands."""
    with connection.cursor(row_factory=class_row(WebhookStanding)) as cursor:
        return cursor.execute(_STANDING.encode()).fetchall()


def warnings(found: Sequence[WebhookStanding]) -> Iterable[str]:
    """A sentence for each that paused itself or fails for long."""
    for each in found:
        if each.state == PAUSED and each.paused_why != ASKED:
            why = "its receiver is gone" if each.paused_why == GONE else "nothing arrived for days"
            yield f"The webhook to {each.origin} is paused, because {why}; see /settings/webhooks/{each.webhook_id}."
        elif each.failing_seconds > FAILING_SECONDS:
            yield (
                f"Nothing has reached the webhook to {each.origin} for {each.failing_seconds:.0f} s; "
                f"see /settings/webhooks/{each.webhook_id}."
            )


def metrics(found: Sequence[WebhookStanding]) -> bytes:
    """The same as figures, in Prometheus' text format."""
    registry = CollectorRegistry()
    for name, (called, text) in _GAUGES.items():
        gauge = Gauge(called, text, ["webhook_id"], registry=registry)
        for each in found:
            gauge.labels(str(each.webhook_id)).set(getattr(each, name))
    return generate_latest(registry)
