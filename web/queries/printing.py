"""How many documents one process prints at once: printing is work for the processor, and others want answers too.

A few wait for a turn for a moment, and who comes then is told to come again. It must never hold up what is no printing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from web.problems import RETRY_AFTER_SECONDS, Problem

AT_ONCE = 2
WAITING = 6
PATIENCE_SECONDS = 2.0


class Turns:
    """The turns of one process. Thread-safe."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._places = BoundedSemaphore(at_once + waiting)
        self._presses = BoundedSemaphore(at_once)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Print inside; raises Problem 503 when too many print already."""
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._presses.acquire(timeout=PATIENCE_SECONDS):
                raise _busy()
            try:
                yield
            finally:
                self._presses.release()
        finally:
            self._places.release()


def _busy() -> Problem:
    detail = "Too many documents are being printed at the moment."
    return Problem(503, "printing_busy", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
