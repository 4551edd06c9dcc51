"""No wait for PostgreSQL without an end on our side.

The server ends its own statements after a while, and TCP ends connections to machines that are gone; neither helps
when the server's process itself stands still, nor on a Unix socket. So one thread of this process looks every half
second for statements that have waited too long and shuts their socket, at which libpq's wait ends with an error: no
answer came, and the connection is closed. A statement is noted and crossed out in 0.2 us, without a lock.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import Connection

LOOK_SECONDS = 0.5
# Longer than the timeouts that the server itself keeps.
PATIENCE_SECONDS = 16.0


class NoAnswer(psycopg.OperationalError):
    """The server did not answer in time; the connection is closed. Whether it does what it was asked is not known."""


class Watchman:
    """Ends waits that take too long; one of a process. Thread-safe."""

    def __init__(self) -> None:
        self._due: dict[int, float] = {}
        self._shut: set[int] = set()
        self._now = 0.0
        self._shutting = threading.Lock()
        self._running = False
        os.register_at_fork(after_in_child=self._forget)

    def start(self) -> None:
        """Look from now on; called by whoever opens a connection."""
        with self._shutting:
            if not self._running:
                self._running = True
                threading.Thread(target=self._look, name="patience", daemon=True).start()

    def begin(self, descriptor: int, seconds: float) -> None:
        """A wait on this socket begins."""
        self._due[descriptor] = self._now + seconds

    def end(self, descriptor: int) -> bool:
        """It has ended; whether by itself."""
        if self._due.pop(descriptor, None) is not None:
            return True
        with self._shutting:  # until then the number may belong to nobody else
            self._due.pop(descriptor, None)
            if descriptor not in self._shut:
                return True
            self._shut.remove(descriptor)
            return False

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            # Not the clock's time: a process or machine that was stopped for a while has not waited meanwhile.
            self._now += LOOK_SECONDS
            for descriptor, due in self._waits():
                if due < self._now:
                    self._give_up(descriptor)

    def _waits(self) -> list[tuple[int, float]]:
        try:
            return list(self._due.items())
        except RuntimeError:  # they changed meanwhile: half a second later then
            return []

    def _give_up(self, descriptor: int) -> None:
        with self._shutting:
            due = self._due.pop(descriptor, None)
            if due is None:
                return  # answered just now
            if due >= self._now:
                self._due[descriptor] = due  # that was another wait
                return
            self._shut.add(descriptor)
            with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
                copy.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        self._due.clear()
        self._shut.clear()
        self._shutting = threading.Lock()
        self._running = False


WATCHMAN = Watchman()
_begin, _end = WATCHMAN.begin, WATCHMAN.end


def bounded(connection: Connection[Any], ask: Callable[..., Any], *arguments: Any) -> Any:
    """Ask libpq something and wait for the answer. Raises NoAnswer past PATIENCE_SECONDS."""
    descriptor = connection.pgconn.socket
    _begin(descriptor, PATIENCE_SECONDS)
    try:
        answer = ask(*arguments)
    finally:
        answered = _end(descriptor)
    if not answered:
        raise no_answer(connection)
    return answer


def no_answer(connection: Connection[Any]) -> NoAnswer:
    """Close a connection whose socket was shut, and say so."""
    connection.close()
    return NoAnswer("PostgreSQL does not answer")


class BoundedConnection(Connection[Any]):
    """A connection whose every wait has an end."""

    patience_seconds = PATIENCE_SECONDS

    @classmethod
    def connect(cls, *arguments: Any, **options: Any) -> Any:
        """Connect as psycopg does; how long that may take is for ``connect_timeout`` to say."""
        WATCHMAN.start()
        return super().connect(*arguments, **options)

    def wait(self, *arguments: Any, **options: Any) -> Any:
        """Wait for something to happen on the connection. Raises NoAnswer."""
        descriptor = self.pgconn.socket
        _begin(descriptor, self.patience_seconds)
        answered = True
        try:
            try:
                return super().wait(*arguments, **options)
            finally:
                answered = _end(descriptor)
        except psycopg.OperationalError as failure:
            if answered:
                raise
            raise no_answer(self) from failure


class PatientConnection(BoundedConnection):
    """The same for who works through a lot at once."""

    patience_seconds = 120.0
