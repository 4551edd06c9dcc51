"""Removing mails of who was erased, where this machine keeps them: the mailbox of development.

Follows the log behind a cursor of its own, and does the same twice without harm. A mail that left cannot be called
back; the access report tells which did.
"""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from domain.erasure import PersonalDataErased
from domain.notification import Notification
from eventstore.cursors import Cursor
from eventstore.reader import LogReader

EVENTS_AT_ONCE = 100
# How far the log may run ahead of the cursor before it is moved though there was nothing to do.
IDLE_EVENTS = 1000


class KeptMails(Protocol):
    """Mails that lie on this machine."""

    def forget(self, message_ids: Collection[UUID]) -> None:
        """Remove these, as far as they are there."""


class Forgetting:
    """Follows the log and removes mails."""

    name = "mails-of-the-erased"

    def __init__(self, reader: LogReader, cursor: Cursor, mails: KeptMails) -> None:
        self._reader = reader
        self._cursor = cursor
        self._mails = mails
        self._position: int | None = None

    def step(self) -> bool:
        """Remove the mails of the next orders that were erased; tells whether there may be more."""
        if self._position is None:
            self._position = self._cursor.position() or 0
        head = self._reader.head()
        rows = self._reader.read_matching(self._position, head, EVENTS_AT_ONCE, [PersonalDataErased.TOPIC])
        for row in rows:
            events = self._reader.read_partition(row.partition_id).events
            self._mails.forget({each.stream_id for each in events if each.aggregate == Notification.NAME})
        more = len(rows) == EVENTS_AT_ONCE
        reached = rows[-1].position if more else head
        if rows or reached - self._position > IDLE_EVENTS:
            self._cursor.move(reached)
            self._position = reached
        return more
