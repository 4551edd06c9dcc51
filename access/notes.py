"""Notes about requests, written down together each second: a request pays for a note in memory and nothing more.

The same note within that second is one row that says how often. A process holds so many at most, and so many of one
actor; what comes beyond is counted under a note without details, so that nobody fills a disk by asking. Killed, a
process loses the notes of its last second or so. It must never refuse or slow down a request because of a note.
"""

import atexit
import logging
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

FLUSH_SECONDS = 1.0
NOTES_MAX = 500
NOTES_OF_ACTOR_MAX = 50
FORGET_SECONDS = 3600.0
ROWS_MAX = 2_000_000

Note = TypeVar("Note", bound=tuple[Any, ...])
log = logging.getLogger("daybook.access")


@dataclass(slots=True)
class Noted:
    """How often the same was noted, and when first and last."""

    first: datetime
    last: datetime
    times: int = 1


class Notes(Generic[Note]):
    """The notes of one process. Thread-safe; ``plainer`` takes details away.

    ``insert`` puts them into their table, from arrays: first and last time, how often, then the parts of a note.
    """

    def __init__(
        self,
        pool: ConnectionPool[psycopg.Connection[Any]],
        insert: LiteralString,
        actor_of: Callable[[Note], Hashable],
        plainer: Callable[[Note], Note],
    ) -> None:
        self._pool = pool
        self._insert = insert
        self._actor_of = actor_of
        self._plainer = plainer
        self._lock = Lock()
        self._notes: dict[Note, Noted] = {}
        self._by_actor: dict[Hashable, int] = {}
        self._writer: Thread | None = None
        self._ended = Event()

    def add(self, note: Note) -> None:
        """Note something that happened now."""
        now = datetime.now(UTC)
        with self._lock:
            self._add(note, Noted(now, now))
            if self._writer is None:
                self._writer = Thread(target=self._run, name="notes", daemon=True)
                self._writer.start()
                atexit.register(self._end)

    def now(self, note: Note) -> None:
        """Write down something before it happens. Raises psycopg.OperationalError."""
        moment = datetime.now(UTC)
        with self._pool.connection() as connection:
            self._write(connection, {note: Noted(moment, moment)})

    def flush(self) -> None:
        """Write down what is noted; while the database is away it is kept for the next time."""
        with self._lock:
            notes, self._notes, self._by_actor = self._notes, {}, {}
        if not notes:
            return
        try:
            with self._pool.connection() as connection:
                self._write(connection, notes)
        except (psycopg.OperationalError, PoolTimeout) as error:
            log.warning("notes were not written down yet: %s", type(error).__name__)
            with self._lock:
                for note, noted in notes.items():
                    self._add(note, noted)
        except psycopg.Error:
            # They would be refused again for ever, and everything noted after them too.
            log.exception("%d notes cannot be written down", len(notes))

    def _write(self, connection: psycopg.Connection[Any], notes: Mapping[Note, Noted]) -> None:
        rows = [(noted.first, noted.last, noted.times, *note) for note, noted in notes.items()]
        connection.execute(self._insert, [list(column) for column in zip(*rows, strict=True)])

    def _add(self, note: Note, noted: Noted) -> None:
        known = self._notes.get(note)
        if known is None:
            actor = self._actor_of(note)
            of_actor = self._by_actor.get(actor, 0)
            if of_actor < NOTES_OF_ACTOR_MAX and len(self._notes) < NOTES_MAX:
                self._by_actor[actor] = of_actor + 1
                self._notes[note] = noted
                return
            plain = self._plainer(note)
            known = self._notes.get(plain)
            if known is None:
                self._notes[plain] = noted
                return
        known.first, known.last = min(known.first, noted.first), max(known.last, noted.last)
        known.times += noted.times

    def _run(self) -> None:
        while not self._ended.wait(FLUSH_SECONDS):
            self.flush()

    def _end(self) -> None:
        self._ended.set()
        self.flush()


class Forgetting:
    """Takes away the notes that are older than was agreed, once an hour; a process of `daybook work`."""

    name = "forgetting"

    def __init__(
        self, pool: ConnectionPool[psycopg.Connection[Any]], *, refusals_days: int, accesses_days: int
    ) -> None:
        self._pool = pool
        self._days = (refusals_days, accesses_days)
        self._due = 0.0

    def step(self) -> bool:
        """Forget, when an hour has passed."""
        if time.monotonic() >= self._due:
            with self._pool.connection() as connection:
                connection.execute("SELECT audit.forget(%s, %s, %s)", [*self._days, ROWS_MAX])
            self._due = time.monotonic() + FORGET_SECONDS
        return False
