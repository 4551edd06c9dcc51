"""POST /commands/bulk: many commands in one request, a result for each, both as lines while they come.

Each line is a command of its own, with its key and its transaction: what is wrong with one harms no other. Results
leave as they are there, in any order, and name their line. Who goes away stops what was not begun; sent again, what was
done is answered again and the rest is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Event, Thread
from typing import Any

import msgspec
import psycopg
from flask import Response, request
from marshmallow import ValidationError

from access.roles import Role
from application.command import RepeatedAnswer
from domain.refusals import Refusal
from eventstore.errors import LogUnavailable, Unreadable
from web import problems
from web.auth import forbid_unless, keep_to
from web.capacity import ARRIVAL
from web.commands.bulk_lines import BYTES_MAX, Line, key_in, lines_of, too_long
from web.commands.endpoint import Asked, Sender, command_of, sender_now
from web.commands.lanes import Lanes, Orders, PartitionsOf
from web.commands.ports import Desk
from web.commands.results import result_of
from web.commands.routes import Route
from web.guard import View
from web.noting import UNNOTED, Noting
from web.problems import RETRY_AFTER_SECONDS, Problem, invalid_header
from web.rate_limits import RateLimits
from web.requests import refuse_parameters
from web.schemas.body import BodyReader

LINES = "application/x-ndjson"
AT_ONCE = 4
# So many lines are at work in a process, of all its bulk requests. Most of them wait for the commit that they share;
# with a turn each, as single requests have, they would be too few to fill it.
AT_WORK = 48
PATIENCE_SECONDS = 30.0

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Bulk:
    """What bulk requests are done with; ``places`` is how many run at once in a process, ``working`` how many lines."""

    routes: Mapping[str, Route]
    desk: Desk
    historians: Collection[Role]
    partitions_of: PartitionsOf
    noting: Noting = UNNOTED
    limits: RateLimits | None = None
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    working: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_WORK))
    readers: dict[str, BodyReader] = field(default_factory=dict)

    def reader(self, route: Route) -> BodyReader:
        """Reads the bodies of a route; made when it is first asked for."""
        found = self.readers.get(route.name)
        return found or self.readers.setdefault(route.name, route.reader())


def bulk_view(bulk: Bulk) -> View:
    """The view."""

    def view() -> Response:
        refuse_parameters(request)
        if request.mimetype != LINES:
            raise Problem(415, "unsupported_media_type", f"The body must be {LINES} in UTF-8: a command on each line.")
        for name in ("Idempotency-Key", "If-Match"):
            if name in request.headers:
                raise invalid_header(name, "Belongs to one command: each line has its own key.")
        if int(request.environ.get("CONTENT_LENGTH") or 0) > BYTES_MAX:
            raise too_long(f"{BYTES_MAX // 1024 // 1024} MiB")
        sender = sender_now(request, bulk.historians)
        if not bulk.places.acquire(blocking=False):
            raise Problem(
                503, "bulk_busy", "As many bulk requests run as can.", headers={"Retry-After": RETRY_AFTER_SECONDS}
            )
        run = Run(bulk, sender, request.environ)
        answer = Response(run.results(), content_type=LINES, headers={"X-Accel-Buffering": "no"})
        answer.call_on_close(run.stop)
        return answer

    return view


class TooManyLines(Problem):
    """A line, and all after it, are more than the key may send."""


class Run:
    """One bulk request: a thread that reads, lanes that work, and the caller's own that sends results."""

    def __init__(self, bulk: Bulk, sender: Sender, environ: dict[str, Any]) -> None:
        self._bulk = bulk
        self._sender = sender
        self._environ = environ
        self._stopped = Event()
        self._freed = Event()
        self._results: SimpleQueue[bytes | None] = SimpleQueue()

    def results(self) -> Iterator[bytes]:
        """The lines of the answer, as they are there."""
        Thread(target=self._read, name="bulk-reader", daemon=True).start()
        try:
            while True:
                try:
                    result = self._results.get(timeout=PATIENCE_SECONDS)
                except Empty:
                    detail = f"Nothing came for {PATIENCE_SECONDS:.0f} s. Send the lines without a result again."
                    yield self._line(None, None, problems.of_problem(Problem(408, "bulk_stopped", detail)))
                    return
                if result is None:
                    return
                yield result
        finally:
            self.stop()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped.set()
        arrival = self._environ.get(ARRIVAL)
        if arrival is not None:
            arrival.body_read = True  # or another thread still reads it
        if not self._freed.is_set():
            self._freed.set()
            self._bulk.places.release()

    def _read(self) -> None:
        lanes, orders = Lanes(self._stopped), Orders(self._bulk.partitions_of)
        number = 0
        try:
            for number, raw in enumerate(lines_of(self._environ), 1):
                if self._stopped.is_set():
                    break
                if number > 1:  # the request was counted when its key was looked at
                    self._count()
                self._take(number, raw, lanes, orders)
        except TooManyLines as spent:
            self._results.put(self._line(number, None, problems.of_problem(spent)))
        except Problem as problem:
            self._results.put(self._line(number + 1, None, problems.of_problem(problem)))
        except Exception as error:  # noqa: BLE001  (the connection broke, or the fault is ours, which logs it)
            self._results.put(self._line(number + 1, None, problems.of_fault(error)))
        finally:
            lanes.drain()
            lanes.close()
            self._results.put(None)

    def _count(self) -> None:
        """Let the line count as a request. The first that is one too many ends all, or the next would overtake it."""
        limits = self._bulk.limits
        if limits is None:
            return
        left, seconds = limits.spend(self._sender.caller.key_id)
        if left < 0:
            most = f"{limits.limit.requests} requests in {limits.limit.window_seconds} s, each line counting as one"
            rest = f"The lines before this one were done; send the rest in {int(seconds) + 1} s."
            raise TooManyLines(429, "rate_limited", f"This key may send {most}. {rest}")

    def _take(self, number: int, raw: bytes, lanes: Lanes, orders: Orders) -> None:
        try:
            line = Line(raw, self._bulk.routes)
            order = orders.of(line, number)
        except (Problem, psycopg.OperationalError, LogUnavailable) as error:
            self._results.put(self._line(number, key_in(raw), _problem(error)))
            return
        lanes.put(order, lambda: self._results.put(self._done(number, line)))

    def _done(self, number: int, line: Line) -> bytes:
        """The result of a line: its answer, or its problem."""
        try:
            with self._bulk.working:
                return self._answered(number, line)
        except Exception as error:  # noqa: BLE001  (told as what it is, and logged where it is our fault)
            caller, correlation = self._sender.caller, self._sender.correlation_id
            self._bulk.noting.refused(line.route.name, line.target, caller, correlation, error)
            return self._line(number, line.key, _problem(error))

    def _answered(self, number: int, line: Line) -> bytes:
        route, caller = line.route, self._sender.caller
        forbid_unless(caller, route.right)
        if route.roles is not None:
            keep_to(caller, route.name, route.roles)
        asked = Asked(line.target, line.body, line.canonical, line.key)
        answer = self._bulk.desk.execute(command_of(route, self._bulk.reader(route), self._sender, asked))
        result = result_of(number, line.key, route.status_of(answer), answer)
        if isinstance(answer, RepeatedAnswer):
            result["replayed"] = True
        return encode(result) + b"\n"

    @staticmethod
    def _line(number: int | None, key: str | None, problem: Response) -> bytes:
        return encode(result_of(number, key, problem.status_code, msgspec.json.decode(problem.get_data()))) + b"\n"


def _problem(error: Exception) -> Response:
    """What the edge answers such an error with, wherever it was raised."""
    match error:
        case Refusal():
            return problems.of_refusal(error)
        case Problem():
            return problems.of_problem(error)
        case ValidationError():
            return problems.of_body(error)
        case psycopg.OperationalError() | LogUnavailable():
            return problems.of_database(error)
        case Unreadable():
            return problems.of_unreadable(error)
        case _:
            return problems.of_fault(error)
