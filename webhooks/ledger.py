"""Where an endpoint stands: what was taken in from the log, what is due, what came of each attempt.

All in one transaction with the endpoint's row locked, so that neither people nor a second worker come between. Of each
lane only the first event that waits has a time; it passes on when that one has ended. It must never give a later event
of a lane its time while an earlier one waits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from webhooks.deliveries import DEAD, DELIVERED, WAITING
from webhooks.endpoints import FAILING, GONE, Connection, Endpoint
from webhooks.ports import Answer, Event
from webhooks.retrying import Pauses

# So much of the log is taken in ahead of a receiver that is behind; what comes later stays in the log.
WAITING_MAX = 10_000
# An endpoint that failed so often in a row is only probed, until it answers.
FAILURES_IN_A_ROW = 10
ATTEMPTS_KEPT = 20

_TAKE_IN = """
    WITH fresh AS (
        SELECT *, row_number() OVER (PARTITION BY lane ORDER BY position) AS place
        FROM unnest(%(positions)s::bigint[], %(event_ids)s::uuid[], %(topics)s::text[], %(lanes)s::uuid[],
                    %(order_ids)s::uuid[], %(times)s::timestamptz[])
            AS each (position, event_id, topic, lane, order_id, recorded_at)
    )
    INSERT INTO webhooks.deliveries
        (webhook_id, position, event_id, topic, lane, order_id, recorded_at, ready_at)
    SELECT %(webhook_id)s, position, event_id, topic, lane, order_id, recorded_at,
        CASE WHEN place = 1 AND NOT EXISTS (
            SELECT FROM webhooks.deliveries w
            WHERE w.webhook_id = %(webhook_id)s AND w.status = 'waiting' AND w.lane = fresh.lane
        ) THEN clock_timestamp() END
    FROM fresh
    ON CONFLICT DO NOTHING
"""
_SETTLE = f"""
    UPDATE webhooks.deliveries d
    SET status = each.status, tries = d.tries + 1, first_tried_at = coalesce(d.first_tried_at, each.at),
        ready_at = CASE WHEN each.status = 'waiting' THEN clock_timestamp() + make_interval(secs => each.pause) END,
        ended_at = CASE WHEN each.status <> 'waiting' THEN clock_timestamp() END,
        attempts = CASE WHEN jsonb_array_length(d.attempts) < {ATTEMPTS_KEPT} THEN d.attempts ELSE d.attempts - 0 END
            || each.attempt::jsonb
    FROM unnest(%(positions)s::bigint[], %(statuses)s::text[], %(pauses)s::float8[], %(times)s::timestamptz[],
                %(attempts)s::text[]) AS each (position, status, pause, at, attempt)
    WHERE d.webhook_id = %(webhook_id)s AND d.position = each.position AND d.status = 'waiting'
"""  # noqa: S608  (a constant of this module)
_FOLLOW = """
    UPDATE webhooks.deliveries d SET ready_at = clock_timestamp()
    FROM (
        SELECT DISTINCT ON (lane) position FROM webhooks.deliveries
        WHERE webhook_id = %(webhook_id)s AND status = 'waiting' AND lane = ANY (%(lanes)s) ORDER BY lane, position
    ) following
    WHERE d.webhook_id = %(webhook_id)s AND d.position = following.position AND d.ready_at IS NULL
"""
# A clock that jumped must not hold anything back: no pause is as long as eight days.
_DUE = """
    SELECT position, event_id, lane, tries, first_tried_at FROM webhooks.deliveries
    WHERE webhook_id = %s AND status = 'waiting' AND NOT lane = ANY (%s)
        AND (ready_at <= clock_timestamp() OR ready_at > clock_timestamp() + interval '8 days')
    ORDER BY ready_at, position LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Due:
    """An event to be sent now; ``tries`` is how often it was tried since it was last asked for."""

    position: int
    event_id: UUID
    lane: UUID
    tries: int
    first_tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt, begun at a time, came to."""

    due: Due
    at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Settled:
    status: str
    pause: float | None = None
    why: str | None = None


def room_to_take_in(connection: Connection, webhook_id: UUID) -> int:
    """How many more events may wait for this endpoint."""
    row = connection.execute(
        "SELECT count(*) FROM"
        " (SELECT FROM webhooks.deliveries WHERE webhook_id = %s AND status = 'waiting' LIMIT %s) waiting",
        [webhook_id, WAITING_MAX],
    ).fetchone()
    return WAITING_MAX - (row[0] if row else 0)


def take_in(connection: Connection, webhook_id: UUID, events: Sequence[Event], up_to: int) -> None:
    """Let these events wait, in their order, and remember up to where the log was looked through."""
    if events:
        values = {
            "webhook_id": webhook_id,
            "positions": [each.position for each in events],
            "event_ids": [each.event_id for each in events],
            "topics": [each.topic for each in events],
            "lanes": [each.lane for each in events],
            "order_ids": [each.order_id for each in events],
            "times": [each.recorded_at for each in events],
        }
        connection.execute(_TAKE_IN, values)
    connection.execute(
        "UPDATE webhooks.endpoints SET position = greatest(position, %s) WHERE webhook_id = %s", [up_to, webhook_id]
    )


def due(connection: Connection, webhook_id: UUID, busy: Collection[UUID], limit: int) -> list[Due]:
    """At most ``limit`` events whose time has come, none of a ``busy`` lane."""
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_DUE, [webhook_id, list(busy), limit]).fetchall()


def settle(connection: Connection, found: Endpoint, results: Sequence[Result], pauses: Pauses) -> str | None:
    """Write down what came of attempts; tells why the endpoint has to be paused, if it has."""
    succeeded = any(each.answer.succeeded for each in results)
    settled = [_settled(found, each, pauses, succeeded=succeeded) for each in results]
    values = {
        "webhook_id": found.webhook_id,
        "positions": [each.due.position for each in results],
        "statuses": [each.status for each in settled],
        "pauses": [each.pause for each in settled],
        "times": [each.at for each in results],
        "attempts": [_attempt(each) for each in results],
        "lanes": [each.due.lane for each, how in zip(results, settled, strict=True) if how.status != WAITING],
    }
    connection.execute(_SETTLE, values)
    if values["lanes"]:
        connection.execute(_FOLLOW, values)
    _note_health(connection, found, sum(not each.answer.succeeded for each in results), succeeded=succeeded)
    why = next((each.why for each in settled if each.why), None)
    failing = not succeeded and found.failing_since is not None
    if why is None and failing and datetime.now(UTC) - found.failing_since > pauses.whole:  # type: ignore[operator]
        return FAILING
    return why


def _settled(found: Endpoint, result: Result, pauses: Pauses, *, succeeded: bool) -> _Settled:
    """What becomes of one event: it arrived, is tried again, is given up alone, or pauses the endpoint."""
    answer = result.answer
    if answer.succeeded:
        return _Settled(DELIVERED)
    if answer.is_gone:
        return _Settled(WAITING, 0.0, GONE)
    pause = pauses.after(result.due.tries + 1, answer.retry_after)
    if pause is not None:
        return _Settled(WAITING, pause.total_seconds())
    first = result.due.first_tried_at or result.at
    if succeeded or (found.succeeded_at is not None and found.succeeded_at > first):
        return _Settled(DEAD)
    return _Settled(WAITING, 0.0, FAILING)


def _note_health(connection: Connection, found: Endpoint, failed: int, *, succeeded: bool) -> None:
    """Count failures in a row; what waits for its time is tried at once by an endpoint that answers again."""
    if not succeeded:
        connection.execute(
            "UPDATE webhooks.endpoints SET failures = failures + %s,"
            " failing_since = coalesce(failing_since, clock_timestamp()) WHERE webhook_id = %s",
            [failed, found.webhook_id],
        )
        return
    connection.execute(
        "UPDATE webhooks.endpoints SET failures = 0, failing_since = NULL, succeeded_at = clock_timestamp()"
        " WHERE webhook_id = %s",
        [found.webhook_id],
    )
    if found.failures >= FAILURES_IN_A_ROW:
        connection.execute(
            "UPDATE webhooks.deliveries SET ready_at = clock_timestamp()"
            " WHERE webhook_id = %s AND status = 'waiting' AND ready_at > clock_timestamp()",
            [found.webhook_id],
        )


def _attempt(result: Result) -> str:
    answer = result.answer
    at = result.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"at": at, "status": answer.status, "error": answer.error, "ms": answer.ms}).decode()
