"""How long after its answer a placed order shows in the grid, at half the highest rate of commands.

Everything runs: the web server, and one projection worker that follows the log with every read model. Orders arrive
at even distances whether the earlier ones were answered or not. One in four is watched: the grid is asked for it every
few milliseconds, over SQL, until it is there.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec
import psycopg

from benchmarks.harness import Bench, Database, Row, percentile
from benchmarks.http_load import Answers, Client, Job, Script
from benchmarks.order_requests import order_body, order_id, post
from benchmarks.servers import api_key, daybook_project, daybook_web

WATCHED = 4
POLL_SECONDS = 0.002
WINDOW = 64
PATIENCE_SECONDS = 30.0
SECONDS = 15
QUICK_SECONDS = 1


@dataclass(frozen=True, slots=True)
class PlaceKnown:
    """Scripts of one request: place the order of that number under an id that is known beforehand."""

    api_key: str

    def __call__(self, number: int) -> Script:
        body = order_body(number) | {"order_id": str(order_id(number))}
        return [post("orders", self.api_key, f"known-{number}", msgspec.json.encode(body))]


class Watcher:
    """Asks the grid for the watched orders, oldest first, until it has seen those up to ``last``."""

    def __init__(self, conninfo: str, first: int) -> None:
        self.seen: dict[int, float] = {}
        self.last: int | None = None
        self._conninfo = conninfo
        self._numbers = count(first + -first % WATCHED, WATCHED)
        self._thread = threading.Thread(target=self._watch, name="watcher")
        self._stop = threading.Event()
        self._thread.start()

    def finish(self, last: int) -> dict[int, float]:
        """When each watched order up to ``last`` was seen."""
        self.last = last
        self._thread.join(PATIENCE_SECONDS)
        self._stop.set()
        self._thread.join()
        return self.seen

    def _watch(self) -> None:
        waiting = {number: order_id(number) for _, number in zip(range(WINDOW), self._numbers, strict=False)}
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            while not self._stop.is_set() and (self.last is None or min(waiting) <= self.last):
                self._look(connection, waiting)
                time.sleep(POLL_SECONDS)

    def _look(self, connection: psycopg.Connection[Any], waiting: dict[int, Any]) -> None:
        rows = connection.execute(
            "SELECT order_id FROM read.orders_grid WHERE order_id = ANY (%s)", [list(waiting.values())], prepare=True
        ).fetchall()
        now = time.monotonic()
        for number in [number for number, known in waiting.items() if (known,) in rows]:
            self.seen[number] = now
            del waiting[number]
            following = next(self._numbers)
            waiting[following] = order_id(following)


def run(bench: Bench) -> list[Row]:
    with bench.database("lag") as database:
        highest, answers, lags = _measured(bench, database)
    command = percentile(answers.seconds, 99) * 1000
    lag = percentile(lags, 99) * 1000
    bench.details["lag"] = {
        "highest rate": highest, "rate": answers.rate, "watched": len(lags),
        "command": {f"p{percent}_ms": percentile(answers.seconds, percent) * 1000 for percent in (50, 95, 99)},
        "lag": {f"p{percent}_ms": percentile(lags, percent) * 1000 for percent in (50, 95, 99)},
    }  # fmt: skip
    note = f"{answers.rate:,.0f} orders/s, half of the highest rate with the projections running"
    return [Row("lag", "answered until visible, p99", "the command itself, p99", "ms", lag, command, 5, 2, True, note)]


def _measured(bench: Bench, database: Database) -> tuple[float, Answers, list[float]]:
    scripts = PlaceKnown(api_key(database))
    with daybook_web(bench, database) as web, daybook_project(bench, database), Client() as client:
        bench.say("lag: finding the highest rate")
        first = client.run(Job(web.port, scripts, bench.seconds / 2)).require(201).used
        fastest = client.run(Job(web.port, scripts, bench.seconds * 2, first)).require(201)
        first += fastest.used
        _wait_until_shown(database, first - 1)
        bench.say(f"lag: half of {fastest.rate:,.0f} orders/s")
        watcher = Watcher(database.app_url, first)
        seconds = bench.pick(SECONDS, QUICK_SECONDS)
        answers = client.run(Job(web.port, scripts, seconds, first, rate=fastest.rate / 2)).require(201)
        seen = watcher.finish(max(answers.names))
    answered = dict(zip(answers.names, answers.moments, strict=True))
    watched = [number for number in answered if number % WATCHED == 0]
    if missing := [number for number in watched if number not in seen]:
        raise AssertionError(f"{len(missing)} orders did not show within {PATIENCE_SECONDS} s")
    return fastest.rate, answers, [max(0.0, seen[number] - answered[number]) for number in watched]


def _wait_until_shown(database: Database, number: int) -> None:
    """Let the projections take in what the search for the highest rate left."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(
                "SELECT min(position) >= (SELECT max(position) FROM log.events) FROM read.positions"
            ).fetchone()
            if row == (True,):
                return
            time.sleep(0.1)
    raise AssertionError(f"the projections are still behind {number} orders after {PATIENCE_SECONDS} s")
