"""Waiting for something new in the log, however many wait in this process: one connection listens for all of them.

It listens while anybody waits, and a while longer. Being woken is a hint to read, never the news itself; when the
database is away all are woken now and then, so that each finds out.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic, sleep

from eventstore.errors import LogUnavailable
from eventstore.reader import LogListener

LISTEN_SECONDS = 1.0
IDLE_SECONDS = 30.0
PAUSE_SECONDS = 1.0


class LogNews:
    """Wakes those who wait when something was appended. Thread-safe; one per process, made after the fork."""

    def __init__(self, conninfo: str) -> None:
        self._open: Callable[[], LogListener] = lambda: LogListener(conninfo)
        self._told = Condition()
        self._count = 0
        self._listening = False
        self._wanted = 0.0

    def mark(self) -> int:
        """What to wait beyond: taken before reading, so that nothing is missed between reading and waiting."""
        with self._told:
            self._wanted = monotonic()
            if not self._listening:
                self._listening = True
                Thread(target=self._listen, name="log-news", daemon=True).start()
            return self._count

    def wait(self, mark: int, timeout_seconds: float) -> bool:
        """Wait until something happened after ``mark``, or for so long; tells which."""
        with self._told:
            return self._told.wait_for(lambda: self._count != mark, timeout_seconds)

    def _listen(self) -> None:
        listener = self._open()
        try:
            while self._goes_on():
                if self._heard(listener):
                    with self._told:
                        self._count += 1
                        self._told.notify_all()
        finally:
            listener.close()

    def _goes_on(self) -> bool:
        with self._told:
            self._listening = monotonic() - self._wanted < IDLE_SECONDS
            return self._listening

    @staticmethod
    def _heard(listener: LogListener) -> bool:
        try:
            return listener.wait(LISTEN_SECONDS)
        except LogUnavailable:
            sleep(PAUSE_SECONDS)
            return True
