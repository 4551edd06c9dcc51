"""A courier for each endpoint: takes in what the log has for it, and sends it, order by order.

A thread of its own looks after the endpoint and is the only one that writes down what came of it; a few more make the
requests. So what is slow or dead at one endpoint takes nothing from another. What was sent but not written down when
a process is killed is sent again: at least once, and never before what came before it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from eventstore.errors import LogUnavailable, SealBroken
from webhooks import endpoints, ledger
from webhooks.desk import Pool
from webhooks.endpoints import ACTIVE, Endpoint
from webhooks.ledger import FAILURES_IN_A_ROW, Due, Result
from webhooks.ports import Answer, Event, Feed, Post
from webhooks.retrying import Pauses
from webhooks.secrets import SecretBox, signed_headers

SENDERS = 4
# So many are handed to the senders at once, that none of them waits while what others came to is written down.
AHEAD = 32
POLL_SECONDS = 0.5
FAILED_SECONDS = 5.0
PROBE_SECONDS_MAX = 15.0
EVENTS_AT_ONCE = 500
# A receiver that is behind is looked at again after so long whether there is room for more to wait.
FULL_SECONDS = 1.0
# How far the log was looked through without anything to send is written down now and then.
NOTED_POSITIONS, NOTED_SECONDS = 1_000, 5.0
SECRETS_SECONDS = 30.0
BODIES_KEPT_BYTES = 4 * 1024 * 1024
ACTOR = "webhooks"

log = structlog.get_logger("webhooks")


@dataclass(frozen=True, slots=True)
class Means:
    """What couriers work with; ``new_post`` makes who makes requests, ``has_room`` says whether the disk has any."""

    pool: Pool
    box: SecretBox
    feed: Feed
    new_post: Callable[[], Post]
    pauses: Pauses
    has_room: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Job:
    due: Due
    endpoint: Endpoint
    secrets: list[str]
    body: bytes


class Courier:
    """Sends to one endpoint until it is stopped, or there is no such endpoint any more."""

    def __init__(self, webhook_id: UUID, means: Means) -> None:
        self.webhook_id = webhook_id
        self.ended = False
        self._means = means
        self._known: Endpoint | None = None
        self._secrets: list[str] = []
        self._secrets_until = 0.0
        self._looked_to = 0
        self._noted_at = 0.0
        self._full_until = 0.0
        self._probe_at = 0.0
        self._under_way: dict[int, Due] = {}
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._unsettled: list[Result] = []
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._unsent: SimpleQueue[int] = SimpleQueue()
        self._senders: list[Thread] = []
        self._bodies = _Bodies(means.feed)
        self._wake = Flag()
        self._stopping = Flag()
        self._thread = Thread(target=self._run, name=f"webhook-{webhook_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def news(self) -> None:
        """There may be something new in the log, or people changed something."""
        self._wake.set()

    def stop(self) -> None:
        """Send nothing more; requests under way are finished."""
        self._stopping.set()
        self._wake.set()

    def join(self, timeout_seconds: float) -> None:
        """Wait until what was sent is written down, at most so long."""
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not (self.ended or (self._stopping.is_set() and not self._under_way and not self._unsettled)):
            self._wake.clear()
            if not self._turned():
                self._wake.wait(POLL_SECONDS)
        self.ended = True
        for _ in self._senders:
            self._jobs.put(None)

    def _turned(self) -> bool:
        """One turn; whoever cannot work now rests a while, with what came of attempts kept for the next turn."""
        try:
            return self._turn()
        except (psycopg.OperationalError, PoolTimeout, LogUnavailable) as error:
            log.warning("webhook_waits", webhook_id=str(self.webhook_id), error=str(error).strip())
        except SealBroken:
            log.exception("webhook_secret_unreadable", webhook_id=str(self.webhook_id))
        except Exception:
            log.exception("webhook_failed", webhook_id=str(self.webhook_id))
        self._stopping.wait(FAILED_SECONDS)
        return False

    def _turn(self) -> bool:
        """Settle, take in, send; tells whether there is more to take in right now."""
        self._gather()
        events, up_to = self._fresh()
        with self._means.pool.connection() as connection, connection.transaction():
            writing = bool(self._unsettled or events or up_to)
            if writing:  # what a crash of the database takes back is sent again: nothing waits for the disk
                connection.execute("SET LOCAL synchronous_commit = off")
            found = endpoints.endpoint(connection, self.webhook_id, locked=writing)
            if found is not None and self._unsettled:
                found = self._settled(connection, found)
            if found is not None and up_to:
                up_to = self._taken_in(connection, found, events, up_to)
            wanted = self._due(connection, found)
            if found is not None and wanted:
                self._refresh_secrets(connection, found)
        self._settle_done()
        if found is None:
            self.ended = True
            return False
        self._remember(found, events, up_to)
        for each in wanted:
            self._send(found, each)
        return len(events) >= EVENTS_AT_ONCE and time.monotonic() >= self._full_until

    def _gather(self) -> None:
        """Take back what the senders have done, and what they left."""
        while not self._unsent.empty():
            self._under_way.pop(self._unsent.get())
        while not self._results.empty():
            self._unsettled.append(self._results.get())

    def _fresh(self) -> tuple[list[Event], int]:
        """What the log has for the endpoint beyond what was taken in, and up to where that was looked for; 0 if not."""
        known = self._known
        if known is None or known.state != ACTIVE or self._stopping.is_set():
            return [], 0
        if time.monotonic() < self._full_until or not self._means.has_room():
            return [], 0
        position = max(self._looked_to, known.position)
        if self._means.feed.head() <= position:
            return [], 0
        events, up_to = self._means.feed.after(position, known.events, EVENTS_AT_ONCE)
        return list(events), up_to

    def _taken_in(self, connection: endpoints.Connection, found: Endpoint, events: list[Event], up_to: int) -> int:
        """Let fresh events wait, unless the endpoint was changed since they were looked for; how far that is now."""
        known = self._known
        if known is None or (found.version, found.state) != (known.version, ACTIVE) or found.position != known.position:
            return 0
        if not events:
            skipped = up_to - found.position
            if skipped < NOTED_POSITIONS and time.monotonic() - self._noted_at < NOTED_SECONDS:
                return up_to
        elif (room := ledger.room_to_take_in(connection, self.webhook_id)) < len(events):
            self._full_until = time.monotonic() + FULL_SECONDS
            events[:] = events[:room]
            up_to = events[-1].position if events else found.position
        self._noted_at = time.monotonic()
        ledger.take_in(connection, self.webhook_id, events, up_to)
        return up_to

    def _settled(self, connection: endpoints.Connection, found: Endpoint) -> Endpoint | None:
        why = ledger.settle(connection, found, self._unsettled, self._means.pauses)
        if why is not None and found.state == ACTIVE:
            connection.execute("SET LOCAL synchronous_commit = on")  # the log tells of it
            connection.execute(
                "SELECT set_config('daybook.actor_type', 'process', true), set_config('daybook.actor', %s, true)",
                [ACTOR],
            )
            endpoints.pause(connection, found, why)
            log.warning("webhook_paused", webhook_id=str(self.webhook_id), why=why)
        return endpoints.endpoint(connection, self.webhook_id)

    def _due(self, connection: endpoints.Connection, found: Endpoint | None) -> list[Due]:
        if found is None or found.state != ACTIVE or self._stopping.is_set():
            return []
        settled = {each.due.position for each in self._unsettled}
        busy = {each.lane for position, each in self._under_way.items() if position not in settled}
        places = self._places(found) - len(busy)
        return ledger.due(connection, self.webhook_id, busy, places) if places > 0 else []

    def _places(self, found: Endpoint) -> int:
        """How many events may be with the senders.

        An endpoint that fails altogether gets one request at a time, and none for a growing while after it.
        """
        if found.failures < FAILURES_IN_A_ROW:
            return SENDERS if found.failures else AHEAD
        now = time.monotonic()
        if now < self._probe_at:
            return 0
        self._probe_at = now + min(PROBE_SECONDS_MAX, 2.0 ** min(found.failures - FAILURES_IN_A_ROW, 10))
        return 1

    def _settle_done(self) -> None:
        """What was written down is done with: the transaction has committed."""
        for each in self._unsettled:
            self._under_way.pop(each.due.position, None)
        self._unsettled.clear()

    def _is_over(self, then: Endpoint) -> bool:
        """Whether what was handed to the senders for the endpoint as it was then is not to be sent so any more."""
        known = self._known
        if self._stopping.is_set() or known is None or known.state != ACTIVE or known.version != then.version:
            return True
        return then.failures < FAILURES_IN_A_ROW <= known.failures

    def _remember(self, found: Endpoint, events: list[Event], up_to: int) -> None:
        self._known = found
        self._looked_to = max(up_to, found.position) if up_to else max(self._looked_to, found.position)
        self._bodies.keep(events)

    def _refresh_secrets(self, connection: endpoints.Connection, found: Endpoint) -> None:
        changed = self._known is None or self._known.version != found.version
        if changed or time.monotonic() >= self._secrets_until:
            self._secrets = endpoints.secrets_of(connection, self._means.box, self.webhook_id)
            self._secrets_until = time.monotonic() + SECRETS_SECONDS

    def _send(self, found: Endpoint, wanted: Due) -> None:
        body = self._bodies.of(wanted.position)
        self._under_way[wanted.position] = wanted
        if body is None:
            answer = Answer(None, "The event cannot be read.", 0)
            self._results.put(Result(wanted, datetime.now(UTC), answer))
            self._wake.set()
            return
        self._jobs.put(_Job(wanted, found, self._secrets, body))
        if len(self._senders) < min(SENDERS, len(self._under_way)):
            sender = Thread(target=self._make_requests, name=f"{self._thread.name}-sender", daemon=True)
            self._senders.append(sender)
            sender.start()

    def _make_requests(self) -> None:
        post = self._means.new_post()
        while (job := self._jobs.get()) is not None:
            if self._is_over(job.endpoint):
                self._unsent.put(job.due.position)
                self._wake.set()
                continue
            at = datetime.now(UTC)
            headers = signed_headers(job.due.event_id, at, job.body, job.secrets)
            try:
                answer = post(job.endpoint.url, headers, job.body)
            except Exception as error:
                log.exception("webhook_request_failed", webhook_id=str(self.webhook_id))
                answer = Answer(None, f"Failed on our side: {type(error).__name__}", 0)
            self._results.put(Result(job.due, at, answer))
            self._wake.set()
        post.close()


class _Bodies:
    """The last events as they are sent, within bounds; others are read from the log again."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._bytes = 0

    def keep(self, events: list[Event]) -> None:
        for each in events:
            if each.position not in self._kept:
                self._kept[each.position] = each.body
                self._bytes += len(each.body)
        while self._bytes > BODIES_KEPT_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1])

    def of(self, position: int) -> bytes | None:
        kept = self._kept.get(position)
        return kept if kept is not None else self._feed.body(position)
