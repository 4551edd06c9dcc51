"""Noticing what customers are to be told: one recorded intent per event, template and recipient.

It follows the log behind a cursor of its own. Seeing an event twice does nothing, because the intent's stream
is named after the event: its first version is taken. What happened long before it was recorded (an import of
old orders) tells nobody anything. It must never send: that is the mailing's, once the intent is in the log.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid5

from application import message_facts
from application.due_notifications import due_claim
from application.order_log import OrderLog
from application.processes.attempts import Attempts
from application.processes.process import Origin
from domain.notification import Notification, notification_id
from domain.order import Order
from eventstore.codec import Codec
from eventstore.cursors import Cursor, position_before
from eventstore.errors import StreamConflict
from eventstore.reader import LogReader
from eventstore.records import RecordedEvent

EVENTS_AT_ONCE = 200
# What happened is told when it becomes known, up to so long after; older facts are history.
MAX_AGE = timedelta(days=7)
# Who never looked begins with what was recorded lately.
FIRST_LOOK = timedelta(hours=24)
# After a longer standstill what happened meanwhile is no news any more.
BACKLOG = timedelta(days=7)

POSITION = "position:"
TOPICS = frozenset(event_class.TOPIC for event_class in message_facts.TEMPLATES)

log = logging.getLogger("daybook.notifications")


class Notifications:
    """Follows the log and records whom to tell. Several of them do no harm."""

    name = "notifications"

    def __init__(
        self,
        log: OrderLog,
        reader: LogReader,
        codec: Codec,
        cursor: Cursor,
        origin: Origin,
        *,
        attempts: Attempts,
        max_age: timedelta = MAX_AGE,
    ) -> None:
        self._log = log
        self._reader = reader
        self._codec = codec
        self._cursor = cursor
        self._origin = origin
        self._attempts = attempts
        self._max_age = max_age
        self._position: int | None = None

    def step(self) -> bool:
        """Deal with the next events of the log; tells whether there may be more."""
        if self._position is None:
            self._position = self._start()
        for waiting in self._attempts.due():
            self._attempts.each(waiting.what, waiting.order_id, partial(self._consider_again, waiting.what))
        rows = self._reader.read_after(self._position, EVENTS_AT_ONCE)
        for row in rows:
            if row.topic in TOPICS:
                self._attempts.each(f"{POSITION}{row.position}", row.partition_id, partial(self._consider, row))
        if rows:
            self._cursor.move(rows[-1].position)
            self._position = rows[-1].position
        return len(rows) == EVENTS_AT_ONCE

    def _start(self) -> int:
        """Where to begin: where it stopped; not with old news when that is long ago, or never was.

        How long ago is told by the newest event too, in case our clock has jumped.
        """
        stopped, now = self._cursor.position(), self._origin.clock()
        if stopped is None:
            return position_before(self._reader, now - min(FIRST_LOOK, self._max_age))
        head = self._reader.head()
        newest = [row.recorded_at for row in self._reader.read_range(head, head)]
        begin = position_before(self._reader, min([now, *newest]) - BACKLOG)
        if begin > stopped:
            log.warning("nobody is told of positions %d to %d: they are older than %s", stopped + 1, begin, BACKLOG)
        return max(stopped, begin)

    def _consider_again(self, what: str) -> None:
        position = int(what.removeprefix(POSITION))
        for row in self._reader.read_range(position, position):
            self._consider(row)

    def _consider(self, row: RecordedEvent) -> None:
        if self._is_old(row):
            return
        template = message_facts.template_for(self._codec.decode(row, None))
        if template is not None:
            self._request(row, template)

    def _is_old(self, row: RecordedEvent) -> bool:
        """Whether it happened long before it was recorded.

        After a jump of the database's clock its times stay ahead until that clock has caught up, and after a jump of
        ours our time is: what is new by one of the two is news.
        """
        age = min(row.recorded_at, self._origin.clock()) - row.occurred_at
        return age > self._max_age

    def _request(self, row: RecordedEvent, template: str) -> None:
        order_id = row.partition_id
        snapshot = self._log.load_root(Order, order_id)
        recipient = message_facts.customer_of(snapshot.work).get("email")
        stream_id = notification_id(row.stream_id, row.version, template)
        if not recipient or stream_id in snapshot.work.aggregates:
            return
        notification = snapshot.work.new(Notification, stream_id)
        notification.request(template, row.stream_id, row.version, recipient, self._origin.clock())
        due = due_claim(notification.state, stream_id, order_id)
        # Caused by the event, not by the command: a repeated command is answered without it.
        cause = self._origin.cause(uuid5(row.stream_id, str(row.version)), row.correlation_id)
        try:
            self._log.append(snapshot, cause, self._origin.new_id(), claims=[due] if due else [])
        except StreamConflict:
            return  # another worker was faster


class NoNotifications:
    """Stands in while no mail is to be sent, so that switching mail on later tells nothing old."""

    name = "notifications"

    def __init__(self, reader: LogReader, cursor: Cursor, clock: Callable[[], datetime]) -> None:
        self._reader = reader
        self._cursor = cursor
        self._clock = clock
        self._next = datetime.min.replace(tzinfo=UTC)

    def step(self) -> bool:
        """Move the cursor to the end of the log, once a minute."""
        now = self._clock()
        if now >= self._next:
            self._cursor.move(self._reader.head())
            self._next = now + timedelta(minutes=1)
        return False
