"""One thing after the other, each failing alone: what a process cannot do is set aside, visibly, and tried again.

Whatever one order, batch, deadline, request or mail fails with counts, except for what is not its own: a database
that is away lets everything wait and sets nothing aside. A thing set aside rests after each failure twice as long as
before, is looked at at once when somebody asks for it, and is forgotten when it succeeds.
"""

import logging
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TypeVar
from uuid import UUID

from application.carrier import CarrierUnavailable
from application.gateway import GatewayUnavailable
from domain.refusals import Refusal
from eventstore.aside import LONGEST_PAUSE, Aside, SetAside
from eventstore.errors import LogUnavailable, OutcomeUnknown, Unreadable
from eventstore.records import Claim

FIRST_PAUSE = timedelta(seconds=5)
# How soon a retry that somebody asks for is noticed.
REFRESH_SECONDS = 1.0
DUE_AT_ONCE = 20
EVERYTHING_WAITS = frozenset({"log_unavailable", "outcome_unknown", "storage_low"})

T = TypeVar("T")

log = logging.getLogger("daybook.processes")


class Attempts:
    """What one process tries. Thread-safe. When everything has to wait it raises LogUnavailable or OutcomeUnknown."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._known: dict[str, SetAside] = {}
        self._fresh_until = 0.0
        self._lock = Lock()

    def knows(self, what: str) -> bool:
        """Whether something is set aside, and so not to be met in the usual way."""
        self._refresh()
        return what in self._known

    def due(self, at_most: int = DUE_AT_ONCE) -> list[SetAside]:
        """What is to be tried again now, a few at a time: who fails again lets the others come first."""
        self._refresh()
        return [row for row in list(self._known.values()) if row.due][:at_most]

    def fresh(self, page: Callable[[str], list[Claim]], at_once: int) -> list[Claim]:
        """Up to ``at_once`` claims that are not set aside; ``page`` gives those after a key, as many at a time."""
        found: list[Claim] = []
        after = ""
        while len(found) < at_once:
            claims = page(after)
            found += [claim for claim in claims if not self.knows(claim.key)]
            if len(claims) < at_once:
                break
            after = claims[-1].key
        return found[:at_once]

    def each(self, what: str, order_id: UUID | None, do: Callable[[], T]) -> T | None:
        """Do one thing; when it fails it is set aside, and None returned."""
        try:
            done = do()
        except (LogUnavailable, OutcomeUnknown):
            raise
        except Exception as error:
            if isinstance(error, Refusal) and error.code in EVERYTHING_WAITS:
                raise LogUnavailable(error.detail) from error
            self.set_aside(what, order_id, error)
            return None
        self.succeeded(what)
        return done

    def succeeded(self, what: str) -> None:
        """Forget that something was set aside."""
        if what in self._known:
            self._aside.take_back(what)
            with self._lock:
                self._known.pop(what, None)

    def set_aside(self, what: str, order_id: UUID | None, error: Exception) -> None:
        """Keep something for later with the reason."""
        known = self._known.get(what)
        pause = min(FIRST_PAUSE * 2 ** min(known.attempts if known else 0, 16), LONGEST_PAUSE)
        told = describe(error)
        log.error("%s: %s is set aside for %d s: %s", self._aside.process, what, pause.total_seconds(), told)
        if known is None and not isinstance(error, (Unreadable, CarrierUnavailable, GatewayUnavailable, Refusal)):
            log.error("%s: where %s failed", self._aside.process, what, exc_info=error)
        self._aside.put(what, order_id, told, pause)
        now = datetime.now(UTC)
        since, attempts = (known.since, known.attempts + 1) if known else (now, 1)
        row = SetAside(self._aside.process, what, order_id, told, since, attempts, now + pause, due=False)
        with self._lock:
            self._known[what] = row

    def _refresh(self) -> None:
        now = time.monotonic()
        with self._lock:
            if now < self._fresh_until:
                return
            self._fresh_until = now + REFRESH_SECONDS
        rows = self._aside.rows()
        with self._lock:
            self._known = {row.what: row for row in rows}


def describe(error: Exception) -> str:
    """What went wrong, without anything personal: words of our own, else the kind of error and where it was."""
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, Refusal):
        return f"refused: {error.code}"
    if isinstance(error, CarrierUnavailable):
        return f"the carrier did not answer: {error}"
    if isinstance(error, GatewayUnavailable):
        return f"the payment gateway did not answer: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
