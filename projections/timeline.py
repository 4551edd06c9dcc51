"""The timeline of an order: everything that happened to it, to its documents and around them, oldest first.

It knows no event by name: whatever stands in the order's partition is told with its plain facts, so that
a new kind of event shows up by itself. Amounts are decimal texts; lines and addresses stand in the order.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.events import Event
from domain.values import to_text
from eventstore.records import RecordedEvent
from projections.times import rfc3339

ENTRIES_MAX = 500
AMOUNTS = frozenset(
    {
        "amount",
        "grand_total",
        "received",
        "paid",
        "online",
        "total",
        "released",
        "credited",
        "adjustment_refund",
        "adjustment_fee",
    }
)
# The envelope, told beside the facts; and what is a secret or of no interest to a reader.
UNTOLD = frozenset(field.name for field in dataclasses.fields(Event)) | {"number", "tracking_token", "gs1_prefix"}


def entry(row: RecordedEvent, event: Any, currency: str) -> dict[str, Any]:
    """One event as the timeline tells it."""
    number = getattr(event, "number", None)
    return {
        "type": type(event).__name__,
        "aggregate": row.aggregate,
        "aggregate_id": str(row.stream_id),
        "number": None if number is None else f"{number:09d}",
        "occurred_at": rfc3339(row.occurred_at),
        "recorded_at": rfc3339(row.recorded_at),
        "actor": {"type": row.actor_type, "id": row.actor_id},
        "position": row.position,
        "facts": _facts(event, currency),
    }


def _facts(event: Any, currency: str) -> dict[str, Any]:
    """The plain fields of an event that say something."""
    money = getattr(event, "currency", "") or currency
    facts: dict[str, Any] = {}
    for field in dataclasses.fields(event):
        value = getattr(event, field.name)
        if field.name in UNTOLD or value is None or value == "":
            continue
        if field.name in AMOUNTS:
            facts[field.name] = to_text(value, money)
        elif isinstance(value, datetime):
            facts[field.name] = rfc3339(value)
        elif isinstance(value, UUID):
            facts[field.name] = str(value)
        elif isinstance(value, (str, bool)):
            facts[field.name] = value
    return facts


def timeline_page(told: Sequence[tuple[RecordedEvent, Any]], currency: str, before: int | None) -> dict[str, Any]:
    """The newest events before a position as "timeline"; "timeline_before" says where to go on, None at the beginning.

    ``told`` is in the order of the log.
    """
    wanted = [pair for pair in told if before is None or pair[0].position < before]
    shown = wanted[-ENTRIES_MAX:]
    more = shown[0][0].position if len(shown) < len(wanted) else None
    return {"timeline": timeline(shown, currency), "timeline_before": more}


def timeline(told: Iterable[tuple[RecordedEvent, Any]], currency: str) -> list[dict[str, Any]]:
    """The events by the time at which they happened; what happened at the same time in the order of the log."""
    entries = [entry(row, event, currency) for row, event in told]
    return sorted(entries, key=lambda each: (each["occurred_at"], each["position"]))
