"""Deliveries as people look at them, and ask for them again: what was sent, what waits, what was given up.

Rows of those that arrived are kept for KEPT, those that were given up until they are sent again or as long as their
endpoint is there. It must never change the order of what waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from webhooks.endpoints import Connection

KEPT = timedelta(days=30)
WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
STATUSES = (WAITING, DELIVERED, DEAD)

_COLUMNS = "position, event_id, topic, order_id, recorded_at, status, ready_at, tries, ended_at, attempts"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event for an endpoint; ``ready_at`` is when it is tried next, None while another of its order comes before.

    ``attempts`` are the last ones, oldest first: ``at``, ``status`` of the answer or None, ``error``, ``ms``.
    """

    position: int
    event_id: UUID
    topic: str
    order_id: UUID | None
    recorded_at: datetime
    status: str
    ready_at: datetime | None
    tries: int
    ended_at: datetime | None
    attempts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many deliveries of an endpoint wait and were given up, and when the oldest that waits was recorded."""

    waiting: int = 0
    dead: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Which deliveries to list: newest first, those before a position, of one status or of one event."""

    limit: int
    before: int | None = None
    status: str | None = None
    event_id: UUID | None = None


def deliveries(connection: Connection, webhook_id: UUID, listed: Listed) -> list[Delivery]:
    """Those of one endpoint."""
    conditions, values = ["webhook_id = %s"], [webhook_id, *([] if listed.before is None else [listed.before])]
    conditions += [] if listed.before is None else ["position < %s"]
    for column, value in (("status", listed.status), ("event_id", listed.event_id)):
        if value is not None:
            conditions.append(f"{column} = %s")
            values.append(value)
    where = " AND ".join(conditions)
    statement = f"SELECT {_COLUMNS} FROM webhooks.deliveries WHERE {where} ORDER BY position DESC LIMIT %s"  # noqa: S608
    with connection.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(statement.encode(), [*values, listed.limit]).fetchall()


def standings(connection: Connection) -> dict[UUID, Standing]:
    """How each endpoint stands that has something waiting or given up."""
    rows = connection.execute(
        "SELECT webhook_id, count(*) FILTER (WHERE status = 'waiting'), count(*) FILTER (WHERE status = 'dead'),"
        " min(recorded_at) FILTER (WHERE status = 'waiting')"
        " FROM webhooks.deliveries WHERE status = 'waiting' OR status = 'dead' GROUP BY webhook_id"
    )
    return {webhook_id: Standing(*counted) for webhook_id, *counted in rows}


def redeliver(connection: Connection, webhook_id: UUID, event_id: UUID) -> bool:
    """Send one event again, whatever became of it; False when nothing is kept of it."""
    chosen = "event_id = %s", [event_id]
    return _again(connection, webhook_id, *chosen) > 0


def redeliver_since(connection: Connection, webhook_id: UUID, since: datetime, *, delivered: bool = False) -> int:
    """Send again what was given up of the events recorded since a moment, or what was ``delivered`` too; how many."""
    chosen = "recorded_at >= %s AND (status = 'dead' OR (status = 'delivered' AND %s))", [since, delivered]
    return _again(connection, webhook_id, *chosen)


def _again(connection: Connection, webhook_id: UUID, chosen: str, values: Sequence[object]) -> int:
    """Let these wait again and set the times of their lanes: only the first of each is tried."""
    statement = f"""
        UPDATE webhooks.deliveries SET status = 'waiting', tries = 0, first_tried_at = NULL, ended_at = NULL,
            ready_at = NULL
        WHERE webhook_id = %s AND {chosen} RETURNING lane
    """  # noqa: S608
    lanes = [lane for (lane,) in connection.execute(statement.encode(), [webhook_id, *values])]
    if lanes:
        connection.execute(
            """
            UPDATE webhooks.deliveries d
            SET ready_at = CASE WHEN d.position = first.position THEN coalesce(d.ready_at, clock_timestamp()) END
            FROM (
                SELECT lane, min(position) AS position FROM webhooks.deliveries
                WHERE webhook_id = %s AND status = 'waiting' AND lane = ANY (%s) GROUP BY lane
            ) first
            WHERE d.webhook_id = %s AND d.status = 'waiting' AND d.lane = first.lane
            """,
            [webhook_id, list(set(lanes)), webhook_id],
        )
    return len(lanes)


def forget(connection: Connection) -> None:
    """Delete what arrived long ago, some thousands at a time, and the answers that nobody will ask for again."""
    connection.execute(
        "DELETE FROM webhooks.deliveries WHERE (webhook_id, position) IN ("
        " SELECT webhook_id, position FROM webhooks.deliveries"
        " WHERE status = 'delivered' AND ended_at < clock_timestamp() - %s LIMIT 5000)",
        [KEPT],
    )
    connection.execute("DELETE FROM webhooks.requests WHERE made_at < clock_timestamp() - %s", [KEPT])
    connection.execute("DELETE FROM webhooks.secrets WHERE ends_at < clock_timestamp() - %s", [KEPT])
