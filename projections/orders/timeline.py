"""The timeline of an order: everything that happened to it, to its documents and around them, oldest first.

It knows no event by name: whatever stands in the order's partition is told with its plain facts, so that
a new kind of event shows up by itself. Amounts are decimal texts; lines and addresses stand in the order.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.document_number import number_of
from domain.events import Event
from domain.values import to_text
from eventstore.records import RecordedEvent
from projections.order_history.actors import ActorShown
from projections.orders.shapes.detail import PartChanged, TimelineEntry
from projections.paging.times import rfc3339

ENTRIES_MAX = 500
AMOUNTS = frozenset(
    {
        "amount",
        "grand_total",
        "received",
        "paid",
        "waived",
        "online",
        "total",
        "released",
        "credited",
        "adjustment_refund",
        "adjustment_fee",
    }
)
# The envelope, told beside the facts; and what is a secret or of no interest to a reader.
UNINTERESTING = {"number", "prefix", "tracking_token", "gs1_prefix"}
UNTOLD = frozenset(field.name for field in dataclasses.fields(Event)) | UNINTERESTING


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the order's partition; ``changes`` where it is told what it changed, ``reason`` where it may be."""

    row: RecordedEvent
    event: Any
    changes: Mapping[str, PartChanged] | None = None
    reason: str | None = None


Shown = Mapping[tuple[str, str], ActorShown]
"""How each actor is shown, by kind and id."""


def entry(told: Happened, actors: Shown, currency: str) -> TimelineEntry:
    """One event as the timeline tells it."""
    row, event = told.row, told.event
    return {
        "type": type(event).__name__,
        "aggregate": row.aggregate,
        "aggregate_id": str(row.stream_id),
        "number": number_of(event),
        "occurred_at": rfc3339(row.occurred_at),
        "recorded_at": rfc3339(row.recorded_at),
        "actor": actors[row.actor_type, row.actor_id],
        "position": row.position,
        "reason": told.reason,
        "facts": _facts(event, currency),
        "changes": dict(told.changes or {}),
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
        elif isinstance(value, tuple) and value and all(isinstance(each, str) for each in value):
            facts[field.name] = list(value)
    return facts


def timeline_page(happened: Sequence[Happened], actors: Shown, currency: str, before: int | None) -> dict[str, Any]:
    """The newest events before a position as "timeline"; "timeline_before" says where to go on, None at the beginning.

    ``happened`` is in the order of the log.
    """
    wanted = [each for each in happened if before is None or each.row.position < before]
    shown = wanted[-ENTRIES_MAX:]
    more = shown[0].row.position if len(shown) < len(wanted) else None
    return {"timeline": timeline(shown, actors, currency), "timeline_before": more}


def timeline(happened: Iterable[Happened], actors: Shown, currency: str) -> list[TimelineEntry]:
    """The events by the time at which they happened; what happened at the same time in the order of the log."""
    entries = [entry(told, actors, currency) for told in happened]
    return sorted(entries, key=lambda each: (each["occurred_at"], each["position"]))
