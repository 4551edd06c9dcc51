"""How many requests each carrier may have under way: one that does not answer holds up no other."""

import time
from collections.abc import Callable
from threading import Lock

from application.processes.side_by_side import SideBySide

# So many failures after each other are the carrier's, not a label's: then one request asks whether it is there again.
SILENT_AFTER = 3
SILENT_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0


class CarrierLane:
    """The requests to one carrier. What failed before takes half of the places at most. Thread-safe."""

    def __init__(self, carrier: str, at_once: int) -> None:
        self._asking = SideBySide(f"carrier-{carrier}", at_once)
        self.close = self._asking.close
        self._at_once = at_once
        self._lock = Lock()
        self._again = 0
        self._failures = 0
        self._paused_until = 0.0

    def room(self, again: bool) -> bool:
        """Whether a request may begin, one that failed before or another."""
        with self._lock:
            if time.monotonic() < self._paused_until:
                return False
            if again and self._again >= max(1, self._at_once // 2):
                return False
            places = 1 if self._failures >= SILENT_AFTER else self._at_once
        return self._asking.under_way < places

    def start(self, key: str, ask: Callable[[], None], again: bool) -> bool:
        """Begin one; False while it is under way."""

        def asked() -> None:
            try:
                ask()
            finally:
                with self._lock:
                    self._again -= again

        with self._lock:
            self._again += again
        started = self._asking.start(key, asked)
        if not started:
            with self._lock:
                self._again -= again
        return started

    def answered(self) -> None:
        """The carrier is there."""
        with self._lock:
            self._failures = 0
            self._paused_until = 0.0

    def unanswered(self) -> None:
        """It did not answer: after a few times it is left alone for a while, longer each time."""
        now = time.monotonic()
        with self._lock:
            if now < self._paused_until:
                return  # of those that were under way with the one that counted
            self._failures += 1
            if self._failures >= SILENT_AFTER:
                doubled = SILENT_PAUSE_SECONDS * 2 ** min(self._failures - SILENT_AFTER, 10)
                self._paused_until = now + min(doubled, LONGEST_PAUSE_SECONDS)
