"""How many requests a key may send: so that a client which runs wild does not take everybody else's turn.

A key has so many requests for a window; what is used comes back evenly, so a burst of a whole window is fine and a
standing rate above the limit is not (GCRA). All web processes of a machine share one small file in memory, without a
lock: two requests in the same microsecond may count as one, which a limit can bear and an append cannot. It never asks
the database, costs some microseconds, and lets everybody pass when the file says what cannot be.
"""

import mmap
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zlib import crc32

from flask.globals import request_ctx

from access.roles import Caller
from web.auth import Authenticate
from web.observing import RATE_LIMIT
from web.problems import Problem

SLOTS = 65_536
_SLOT = struct.Struct("8sd")
POLICY = "key"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``requests`` in each ``window_seconds``, per key."""

    requests: int
    window_seconds: int = 60

    @property
    def policy(self) -> str:
        """As the header RateLimit-Policy names it."""
        return f'"{POLICY}";q={self.requests};w={self.window_seconds}'


class Uses(Protocol):
    """Knows until when each key has used up its requests."""

    def used_until(self, key_id: str) -> float: ...

    def use(self, key_id: str, until: float) -> None: ...


class SharedUses:
    """The uses of a machine's keys, in a file that its web processes map into memory.

    A key has a slot by the hash of its id, and its id stands in it: another key of the same slot takes it over, so that
    both may send more, never less.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            file.truncate(SLOTS * _SLOT.size)
            self._memory = mmap.mmap(file.fileno(), SLOTS * _SLOT.size)

    def used_until(self, key_id: str) -> float:
        tag = _tag(key_id)
        found, until = _SLOT.unpack_from(self._memory, _place(key_id) * _SLOT.size)
        return until if found == tag.ljust(8, b"\0") else 0.0

    def use(self, key_id: str, until: float) -> None:
        tag = _tag(key_id)
        _SLOT.pack_into(self._memory, _place(key_id) * _SLOT.size, tag, until)


def _place(key_id: str) -> int:
    return crc32(key_id.encode()) % SLOTS


def _tag(key_id: str) -> bytes:
    """What stands for a key in the file: its end, because the ids of people begin alike."""
    return key_id.encode()[-8:]


class RateLimits:
    """Counts the requests of keys. Thread-safe and shared by processes as ``uses`` is."""

    def __init__(self, limit: RateLimit, uses: Uses, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._uses = uses
        self._clock = clock
        self._apart = limit.window_seconds / limit.requests
        self._window = float(limit.window_seconds)

    def spend(self, key_id: str) -> tuple[int, float]:
        """Use one request of the key: how many are left, and in how many seconds all are back.

        Nothing is used when none is left; then the first is -1 and the second says when one is.
        """
        now = self._clock()
        until = self._uses.used_until(key_id)
        # Before now all came back long ago; further ahead than a window is from another boot of the machine.
        if not now < until <= now + self._window:
            until = now
        until += self._apart
        if until > now + self._window:
            return -1, until - now - self._window
        self._uses.use(key_id, until)
        return int((now + self._window - until) / self._apart + 1e-6), until - now


def limited(authenticate: Authenticate, limits: RateLimits) -> Authenticate:
    """Authenticates, and turns down who sends too much; notes the headers that every answer to a key carries."""

    def checked(authorization: str | None) -> Caller:
        caller = authenticate(authorization)
        left, seconds = limits.spend(caller.key_id)
        state = f'"{POLICY}";r={max(0, left)};t={int(seconds) + 1}'
        request_ctx.request.environ[RATE_LIMIT] = [("RateLimit-Policy", limits.limit.policy), ("RateLimit", state)]
        if left < 0:
            raise too_many(limits.limit, seconds)
        return caller

    return checked


def too_many(limit: RateLimit, seconds: float) -> Problem:
    detail = f"This key may send {limit.requests} requests in {limit.window_seconds} s. Nothing was done."
    return Problem(429, "rate_limited", detail, headers={"Retry-After": str(int(seconds) + 1)})
