"""Keeping a run going: its database started again for as long as it takes, its user told where anybody listens.

A full disk ends PostgreSQL and keeps it from starting; so do other things that pass or that somebody puts right. None
of them ends the run: it is tried again every few seconds, and what is wrong is said once.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from adapters.postgres.binaries import PostgresUnavailable
from adapters.postgres.embedded import EmbeddedPostgres
from daybook.run.storage import Storage

AGAIN_SECONDS = 5.0


class KeptDatabase:
    """The embedded PostgreSQL of a run; ``say`` tells its user."""

    def __init__(self, database: EmbeddedPostgres, say: Callable[[str], None]) -> None:
        self._database = database
        self._say = say
        self._down = False
        self._again_at = 0.0
        self._said = ""

    def restart_when_due(self, stopping: Callable[[], bool]) -> None:
        """Start the database again when it has ended."""
        status = self._database.poll()
        if not self._down and status is None:
            return
        if not self._down:
            self._down, self._again_at = True, 0.0
            self._say(f"PostgreSQL ended with status {status} (see {self._database.log}); starting it again.")
        if time.monotonic() < self._again_at:
            return
        try:
            self._database.start(stopping)
        except (PostgresUnavailable, OSError, psycopg.Error) as error:
            self._tell(f"{str(error).strip()}; it is tried again every {AGAIN_SECONDS:.0f} s.")
            self._again_at = time.monotonic() + AGAIN_SECONDS
            return
        if not stopping():
            self._say("PostgreSQL runs again.")
            self._down, self._said = False, ""

    def _tell(self, sentence: str) -> None:
        """Say what is wrong, once as long as it is the same."""
        if sentence != self._said:
            self._said = sentence
            self._say(sentence)


class RoomWarning:
    """Tells the user when the disk gets full, and when it no longer is."""

    def __init__(self, storage: Storage, say: Callable[[str], None]) -> None:
        self._storage = storage
        self._say = say
        self._told = "enough"

    def look(self) -> None:
        """Say so when that has changed."""
        level = self._storage.level()
        if level != self._told:
            self._told = level
            self._say(self._storage.warning() or "There is enough room on the disk again.")


def heard_or_not(say: Callable[[str], None]) -> Callable[[str], None]:
    """Say it, and go on where nobody can hear it: a closed pipe, a file on a full disk."""

    def said(sentence: str) -> None:
        try:
            say(sentence)
        except BrokenPipeError:
            # What could not be said stays in the stream and would be tried again at the end.
            with Path(os.devnull).open("wb") as nothing:
                os.dup2(nothing.fileno(), sys.stdout.fileno())
        except OSError:
            return

    return said
