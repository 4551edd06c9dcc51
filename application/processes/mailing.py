"""Sending what was recorded to be sent, at most once for each time that somebody asked for it.

The attempt is in the log before the mail server hears of it. Who dies in between leaves an attempt without an
outcome, which becomes "unknown" when its time is over and is never sent again by itself. A known failure is
tried again with growing pauses.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from uuid import UUID, uuid5

from application import labels, message_facts
from application.due_notifications import DUE, due_claim, due_text
from application.mailer import (
    Attachment,
    Attachments,
    Delivered,
    Mailer,
    Message,
    NotDelivered,
    Outcome,
    Uncertain,
    Unwritable,
)
from application.order_log import OrderLog, Snapshot
from application.processes.attempts import Attempts
from application.processes.process import Origin
from application.processes.side_by_side import SideBySide
from domain.notification import Notification, NotificationState
from domain.order import Order
from eventstore.errors import LogUnavailable, OutcomeUnknown, StreamConflict
from eventstore.records import Claim

SENDERS = 4
LOOKED_AT_ONCE = 8  # claims for each sender: those of one order wait for each other
# An outcome that is known and cannot be recorded right now: the database may come back.
RECORD_PAUSES_SECONDS = (0.0, 0.2, 1.0, 5.0, 15.0, 30.0)
# While the mail server cannot be reached, everything waits.
UNREACHABLE_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
# Messages about one order leave in the order of its events, unless one of them is held up for long.
TRIES_WAITED_FOR = 4
WAITED_FOR = timedelta(minutes=15)
LOOK_AGAIN_SECONDS = 2.0

log = logging.getLogger("daybook.mailing")


def is_leaving(state: NotificationState, now: datetime) -> bool:
    """Whether later messages about an order should wait for this one: not for ever, however it goes on failing."""
    if state.due_at is None:
        return False
    if state.state == "retrying":
        return state.tries < TRIES_WAITED_FOR
    return now < state.due_at + WAITED_FOR


class Deliveries:
    """Delivers one notification at a time. Thread-safe; ``language_of`` answers for a store."""

    def __init__(
        self,
        log: OrderLog,
        mailer: Mailer,
        origin: Origin,
        language_of: Callable[[str], str],
        attachments: Attachments | None = None,
    ) -> None:
        self._log = log
        self._mailer = mailer
        self._origin = origin
        self._language_of = language_of
        self._attachments = attachments
        self._held: dict[str, float] = {}

    def due(self, limit: int, after: str = "") -> list[Claim]:
        """What has to be looked at now and comes ``after`` a key, the longest due first."""
        now, found = due_text(self._origin.clock()), list[Claim]()
        while len(found) < limit:
            page = self._log.claims(DUE, "", limit, after)
            due = [claim for claim in page if claim.key.partition("|")[0] <= now]
            found += [claim for claim in due if not self._is_held(claim)]
            if len(due) < limit:
                break
            after = due[-1].key
        return found[:limit]

    def _is_held(self, claim: Claim) -> bool:
        return self._held.get(claim.key, 0.0) > time.monotonic()

    def _waits(self, snapshot: Snapshot, notification: Notification, claim: Claim) -> bool:
        """Whether an earlier message about the order is still to leave: then this one is looked at again shortly."""
        now = self._origin.clock()
        before = takewhile(lambda each: each is not notification, snapshot.work.aggregates.values())
        waits = any(is_leaving(each.state, now) for each in before if isinstance(each, Notification))
        if not waits and labels.awaited(snapshot.work, notification.state.event_stream):
            # Who hears of a parcel wants its number; of a label that does not come for long the mail is no hostage.
            waits = now < (notification.state.due_at or now) + WAITED_FOR
        self._held = {key: until for key, until in self._held.items() if until > time.monotonic()}
        if waits:
            self._held[claim.key] = time.monotonic() + LOOK_AGAIN_SECONDS
        return waits

    def deliver(self, claim: Claim) -> Outcome | None:
        """Send what a claim of ``due`` stands for; None when nothing was sent."""
        snapshot, notification = self._load(claim)
        if due_claim(notification.state, notification.id, snapshot.work.root.id) != claim:
            return None  # somebody else was here meanwhile
        if notification.state.state == "attempted":
            notification.lose("The sender stopped before it heard the mail server's answer.", self._origin.clock())
            self._append(snapshot, notification, claim)
            return None
        if self._waits(snapshot, notification, claim):
            return None
        recipient, message = self._write(snapshot, notification)
        if recipient is not None and message is not None:
            notification.attempt(self._origin.clock())
        if not self._append(snapshot, notification, claim) or recipient is None or message is None:
            return None
        outcome = self._mailer.deliver(recipient, message)
        self._record(claim, (snapshot, notification), outcome)
        return outcome

    def _load(self, claim: Claim) -> tuple[Snapshot, Notification]:
        snapshot = self._log.load_root(Order, claim.partition_id)
        notification = snapshot.work.aggregates[UUID(claim.key.rpartition("|")[2])]
        if not isinstance(notification, Notification):
            raise TypeError(f"{claim.key} is a {notification.NAME}")
        return snapshot, notification

    def _write(self, snapshot: Snapshot, notification: Notification) -> tuple[str | None, bytes | None]:
        """Recipient and message; without them the failure is pending instead."""
        recipient, now = notification.state.recipient, self._origin.clock()
        if recipient is None:
            notification.fail("no_recipient", None, now, final=True)
            return None, None
        try:
            return recipient, self._mailer.write(self._compose(snapshot, notification, recipient))
        except (LogUnavailable, OutcomeUnknown):
            raise
        except Unwritable as mistake:
            notification.fail("unwritable", str(mistake), now)
        except Exception as mistake:
            log.exception("notification %s cannot be written", notification.id)
            notification.fail("unwritable", f"{type(mistake).__name__}: {mistake}", now)
        return recipient, None

    def _compose(self, snapshot: Snapshot, notification: Notification, recipient: str) -> Message:
        work, state = snapshot.work, notification.state
        event = message_facts.event_of(work, state.event_stream, state.event_version)
        requested = message_facts.event_of(work, notification.id, 1)
        if event is None or requested is None:
            raise Unwritable(f"there is no event {state.event_version} of {state.event_stream}")
        facts = message_facts.facts(work, event)
        language = self._language_of(facts["store"])
        return Message(
            id=notification.id,
            template=state.template,
            language=language,
            recipient=recipient,
            recipient_name=facts["customer_name"],
            requested_at=requested.occurred_at,
            facts=facts,
            attachments=self._attach(state.template, message_facts.attached_document(event), facts),
        )

    def _attach(self, template: str, document_id: UUID | None, facts: message_facts.Facts) -> tuple[Attachment, ...]:
        """The document that the message is about."""
        if self._attachments is None or document_id is None:
            return ()
        form = template.replace("_", "-")
        printed = self._attachments.print_issued(form, document_id)
        return (Attachment(f"{form}-{facts[f'{template}_number']}.pdf", "application/pdf", printed),)

    def _record(self, claim: Claim, attempted: tuple[Snapshot, Notification], outcome: Outcome) -> None:
        """Write down what became of an attempt, even if the database rests a while.

        The order is as the attempt left it, unless somebody was faster: only then it is loaded again.
        """
        attempt = attempted[1].state.attempt
        for number, pause in enumerate(RECORD_PAUSES_SECONDS):
            time.sleep(pause)
            try:
                snapshot, notification = self._load(claim) if number else attempted
                before = due_claim(notification.state, notification.id, claim.partition_id)
                if notification.state.attempt != attempt or not self._conclude(notification, outcome):
                    return
                if self._append(snapshot, notification, before):
                    return
            except (LogUnavailable, OutcomeUnknown) as error:
                log.warning("the outcome of %s cannot be recorded yet: %s", claim.key, error)

    def _conclude(self, notification: Notification, outcome: Outcome) -> bool:
        """Trigger the event of an outcome; False when there is nothing new to say."""
        state, now = notification.state.state, self._origin.clock()
        if state not in {"attempted", "unknown"} or (state == "unknown" and isinstance(outcome, Uncertain)):
            return False
        match outcome:
            case Delivered():
                notification.sent(now)
            case NotDelivered():
                notification.fail(outcome.code, outcome.detail, now, final=outcome.final)
            case Uncertain():
                notification.lose(outcome.detail, now)
        return True

    def _append(self, snapshot: Snapshot, notification: Notification, before: Claim | None) -> bool:
        """Record what is pending, and when the notification is due next; False when somebody else was faster."""
        after = due_claim(notification.state, notification.id, snapshot.work.root.id)
        cause = self._origin.cause(uuid5(notification.id, "1"))
        try:
            self._log.append(
                snapshot,
                cause,
                self._origin.new_id(),
                claims=[after] if after else [],
                releases=[before] if before else [],
            )
        except StreamConflict:
            return False
        return True


class Mailing:
    """Keeps a few deliveries under way; a slow mail server holds up nobody else's work."""

    name = "mailing"

    def __init__(self, deliveries: Deliveries, attempts: Attempts, senders: int = SENDERS) -> None:
        self._deliveries = deliveries
        self._attempts = attempts
        self._senders = senders
        self._sending = SideBySide("mailing", senders)
        self.close = self._sending.close
        self._unreachable = 0
        self._paused_until = 0.0

    def step(self) -> bool:
        """Start what is due as far as there is room; tells whether anything was started."""
        if time.monotonic() < self._paused_until:
            return False
        room = (1 if self._unreachable else self._senders) - self._sending.under_way
        if room <= 0:
            return False
        again = [Claim(DUE, row.what, row.order_id) for row in self._attempts.due() if row.order_id is not None]
        limit = LOOKED_AT_ONCE * self._senders
        due = self._attempts.fresh(lambda after: self._deliveries.due(limit, after), limit)
        started = 0
        for claim in [*again, *due]:
            if started == room:
                break
            # One message at a time about an order.
            started += self._sending.start(claim.partition_id, partial(self._deliver, claim))
        return started > 0

    def _deliver(self, claim: Claim) -> None:
        try:
            self._hear(self._attempts.each(claim.key, claim.partition_id, partial(self._deliveries.deliver, claim)))
        except (LogUnavailable, OutcomeUnknown) as error:
            log.warning("%s waits: %s", claim.key, error)
            self._pause()

    def _hear(self, outcome: Outcome | None) -> None:
        if isinstance(outcome, NotDelivered) and outcome.code == "unreachable":
            self._pause()
        elif outcome is not None:
            self._unreachable = 0

    def _pause(self) -> None:
        self._unreachable += 1
        seconds = min(UNREACHABLE_PAUSE_SECONDS * 2 ** min(self._unreachable - 1, 10), LONGEST_PAUSE_SECONDS)
        self._paused_until = time.monotonic() + seconds
