"""What one process of the web server does at once: so many requests at work, and any number that wait for their body.

A thread is cheap, work is not: it takes a connection of the database. So the server has a thread for every connection
(``daybook.serving``), and here each request takes one of a few turns before it works. Who reads a body steps aside
meanwhile, so that a client who sends slowly, with a key or without, keeps nobody from working; and it must be done
within a deadline. The paths in ``ASIDE`` need no turn: health is told even when everybody else is busy. Those that are
open to all have a share of the turns and no more.

It must never hold a turn while it waits for a client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask, Response

from web.problems import RETRY_AFTER_SECONDS, Problem, of_problem

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

TURNS = 16
TURN_PATIENCE_SECONDS = 10.0
BODY_SECONDS = 10.0
WATCH_SECONDS = 0.5
# A body that nobody wants is read to its end all the same, up to here, so that its sender gets to read our answer.
DISCARD_MAX_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 64 * 1024
ASIDE = frozenset({"/healthz"})
# What is open to all: of four turns it may have one, so that strangers keep nobody with a key from working.
OPEN = ("/queries/tracking/", "/webhooks/", "/track/", "/sign-in")
OPEN_SHARE = 4

ARRIVAL = "daybook.arrival"
TURN = "daybook.turn"


class Answering(Protocol):
    """What our server hands over with a request: a way to answer it, from any thread."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer; what is answered afterwards is dropped."""


class Arrival:
    """A request as our server hands it over; in environ under ARRIVAL. With another server there is none."""

    __slots__ = ("body_read", "protocol")

    def __init__(self, protocol: Answering) -> None:
        self.protocol = protocol
        self.body_read = False


class Turn:
    """The right to work, of one request; given back meanwhile by who has to wait for the client.

    It is a token of each of ``free``, taken in their order.
    """

    __slots__ = ("_free", "_taken")

    def __init__(self, *free: SimpleQueue[None]) -> None:
        self._free = free
        self._taken = 0

    def take(self) -> None:
        """Wait for a turn, no longer than TURN_PATIENCE_SECONDS for each token. Raises Problem 503."""
        try:
            for tokens in self._free:
                tokens.get(timeout=TURN_PATIENCE_SECONDS)
                self._taken += 1
        except Empty:
            self.give_back()
            raise overloaded() from None

    def another(self) -> Turn:
        """One more of the same kind, not taken yet: for what a request does side by side."""
        return Turn(*self._free)

    def give_back(self) -> None:
        while self._taken:
            self._taken -= 1
            self._free[self._taken].put(None)


@contextmanager
def aside(environ: Mapping[str, Any]) -> Iterator[None]:
    """Let others work while this request waits. Raises Problem 503 without a turn after it."""
    turn: Turn | None = environ.get(TURN)
    if turn is not None:
        turn.give_back()
    try:
        yield
    finally:
        if turn is not None:
            turn.take()


@contextmanager
def at_work(turn: Turn | None) -> Iterator[None]:
    """Work for a while in the midst of an answer that is being sent, with a turn as everybody. Raises Problem 503."""
    if turn is None:
        yield
        return
    turn.take()
    try:
        yield
    finally:
        turn.give_back()


class Deadlines:
    """The bodies that are being read in this process; who is late is answered by a thread of this one."""

    def __init__(self, seconds: float = BODY_SECONDS) -> None:
        self._seconds = seconds
        self._open: dict[int, tuple[float, Answering]] = {}
        self._unwatched = threading.Lock()

    def begin(self, protocol: Answering) -> int:
        """From now on a body has its time."""
        token = id(protocol)
        self._open[token] = (time.monotonic() + self._seconds, protocol)
        if self._unwatched.acquire(blocking=False):  # the first: nobody lets go of it again
            threading.Thread(target=self._watch, name="body-deadlines", daemon=True).start()
        return token

    def end(self, token: int) -> bool:
        """Whether the body was there in time."""
        return self._open.pop(token, None) is not None

    def _watch(self) -> None:
        while True:
            time.sleep(WATCH_SECONDS)
            now = time.monotonic()
            for token, (until, protocol) in list(self._open.items()):
                if until < now and self.end(token):
                    answer = of_problem(too_slow())
                    protocol.response_bytes(answer.status_code, list(answer.headers.items()), answer.get_data())


DEADLINES = Deadlines()


def install(app: Flask, turns: int) -> None:
    """Let ``turns`` requests of the app work at once."""
    app.wsgi_app = Admitted(app.wsgi_app, turns)  # type: ignore[method-assign]  # Flask's documented way to wrap


class Admitted:
    """WSGI middleware around the whole application: who works takes a turn."""

    def __init__(self, inner: WSGIApplication, turns: int) -> None:
        self._inner = inner
        self._free = _tokens(turns)
        self._open = _tokens(max(1, turns // OPEN_SHARE))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in ASIDE:
            return self._inner(environ, start_response)
        if path.startswith("//"):  # Flask would take it for one slash, and a proxy's rule about the path would not
            return of_problem(two_slashes())(environ, start_response)
        turn = environ[TURN] = Turn(self._open, self._free) if path.startswith(OPEN) else Turn(self._free)
        try:
            turn.take()
        except Problem as problem:
            refused: Response = of_problem(problem)
            return refused(environ, start_response)
        try:
            return self._inner(environ, start_response)
        finally:
            turn.give_back()


def _tokens(number: int) -> SimpleQueue[None]:
    tokens: SimpleQueue[None] = SimpleQueue()
    for _ in range(number):
        tokens.put(None)
    return tokens


def read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The whole body, at most ``limit`` bytes; others may work meanwhile.

    Raises Problem 413 for more, 408 when it does not come in time, 400 when it ends early, 503 without a turn after it.
    """
    if not has_body(environ):
        return b""
    length = int(environ.get("CONTENT_LENGTH") or -1)
    if length > limit:
        raise too_large(limit)
    turn: Turn | None = environ.get(TURN)
    if turn is not None:
        turn.give_back()
    raw = _in_time(environ, length if length >= 0 else limit + 1)
    if len(raw) > limit:
        raise too_large(limit)
    if len(raw) < length or not raw:
        raise Problem(400, "incomplete_body", "The body ended before it was complete. Send it again.")
    if turn is not None:
        turn.take()
    return raw


def has_body(environ: Mapping[str, Any]) -> bool:
    """Whether a body comes with the request."""
    return environ.get("CONTENT_LENGTH", "0") not in {"", "0"} or "HTTP_TRANSFER_ENCODING" in environ


def _in_time(environ: WSGIEnvironment, size: int) -> bytes:
    """Up to ``size`` bytes of the body, within the deadline where our server serves."""
    source: InputStream = environ["wsgi.input"]
    arrival: Arrival | None = environ.get(ARRIVAL)
    if arrival is None:
        return source.read(size)
    token = DEADLINES.begin(arrival.protocol)
    try:
        raw = source.read(size)
    finally:
        in_time = DEADLINES.end(token)
    if not in_time:
        raise too_slow()
    arrival.body_read = len(raw) < size or "CONTENT_LENGTH" in environ
    return raw


def discard_body(environ: Mapping[str, Any]) -> None:
    """Read on to the end of a body that was answered without it, or as far as we care.

    Otherwise the server would cut its sender off before that has read the answer.
    """
    if not has_body(environ) or "HTTP_EXPECT" in environ:  # who asked whether to send it does not
        return
    left = DISCARD_MAX_BYTES
    while left > 0 and (piece := environ["wsgi.input"].read(PIECE_BYTES)):
        left -= len(piece)


def two_slashes() -> Problem:
    return Problem(404, "not_found", "There is nothing at this path: it begins with more than one slash.")


def too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {limit // 1024} KiB.")


def too_slow() -> Problem:
    detail = f"The body was not complete within {BODY_SECONDS:.0f} s. Nothing was done."
    return Problem(408, "body_too_slow", detail, headers={"Connection": "close"})


def overloaded() -> Problem:
    detail = "More is asked than can be done at the moment. Nothing was done."
    return Problem(503, "overloaded", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
