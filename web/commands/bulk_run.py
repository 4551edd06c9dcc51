"""One bulk request at work: a thread that reads its lines, two that have them done, and the caller's own that sends."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

import psycopg

from eventstore.errors import LogUnavailable
from web.capacity import ARRIVAL
from web.commands.bulk_lines import Line, key_in, lines_of
from web.commands.bulk_orders import Name, Orders
from web.commands.bulk_results import AT_WORK, Bulk, Results, met
from web.commands.endpoint import Sender
from web.commands.lanes import Lanes
from web.problems import Problem

# While what one of them decided is being recorded, the other decides.
WORKERS = 2
TOGETHER_MAX = 48
OUTSTANDING_MAX = 256
PATIENCE_SECONDS = 30.0


class TooManyLines(Problem):
    """A line, and all after it, are more than the key may send."""


class Run:
    """One bulk request."""

    def __init__(self, bulk: Bulk, sender: Sender, environ: dict[str, Any]) -> None:
        self._bulk = bulk
        self._sender = sender
        self._environ = environ
        self._freed = Event()
        self._lanes: Lanes[Name, Line] = Lanes(OUTSTANDING_MAX)
        self._work = Results(bulk, sender)
        self._results: SimpleQueue[bytes | None] = SimpleQueue()
        self._by_themselves = ThreadPoolExecutor(AT_WORK, thread_name_prefix="bulk-line")

    def results(self) -> Iterator[bytes]:
        """The lines of the answer, as they are there."""
        for name, do in ("bulk-reader", self._read), *[("bulk-worker", self._do)] * WORKERS:
            Thread(target=do, name=name, daemon=True).start()
        try:
            while True:
                try:
                    result = self._results.get(timeout=PATIENCE_SECONDS)
                except Empty:
                    detail = f"Nothing came for {PATIENCE_SECONDS:.0f} s. Send the lines without a result again."
                    yield met(None, None, Problem(408, "bulk_stopped", detail))
                    return
                if result is None:
                    return
                yield result
        finally:
            self.stop()

    def stop(self) -> None:
        """Begin nothing more."""
        self._lanes.end()
        arrival = self._environ.get(ARRIVAL)
        if arrival is not None:
            arrival.body_read = True  # or another thread still reads it
        if not self._freed.is_set():
            self._freed.set()
            self._bulk.places.release()

    def _read(self) -> None:
        orders = Orders(self._bulk.partitions_of)
        number = 0
        try:
            for number, raw in enumerate(lines_of(self._environ), 1):
                if self._lanes.ended:
                    break
                if number > 1:  # the request was counted when its key was looked at
                    self._count()
                self._take(number, raw, orders)
        except TooManyLines as spent:
            self._results.put(met(number, None, spent))
        except Exception as error:  # noqa: BLE001  (the connection broke, or the fault is ours, which logs it)
            self._results.put(met(number + 1, None, error))
        finally:
            self._lanes.drain()
            self._lanes.end()
            self._by_themselves.shutdown(wait=False)
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

    def _take(self, number: int, raw: bytes, orders: Orders) -> None:
        try:
            line = Line(number, raw, self._bulk.routes)
            order = orders.of(line)
        except (Problem, psycopg.OperationalError, LogUnavailable) as error:
            self._results.put(met(number, key_in(raw), error))
            return
        if order is not None:
            self._lanes.put(order, line)
            return
        self._lanes.drain()
        if not self._lanes.ended:
            self._results.put(self._work.alone(line))

    def _do(self) -> None:
        """Have lines done until there are no more: together, and by themselves what is special about some way."""
        while taken := self._lanes.take(TOGETHER_MAX):
            results = self._work.together([line for _, line in taken])
            left = [each for each, result in zip(taken, results, strict=True) if result is None]
            if told := b"".join([result for result in results if result is not None]):
                self._results.put(told)
            self._lanes.done({name for name, _ in taken} - {name for name, _ in left})
            for name, line in left:
                self._by_themselves.submit(self._alone, name, line)

    def _alone(self, name: Name, line: Line) -> None:
        if not self._lanes.ended:
            self._results.put(self._work.alone(line))
        self._lanes.done([name])
