"""Many commands in one request, beside the same commands one by one over many connections, on the same server.

Every order is placed, paid, invoiced and shipped. One by one, the answer to a command is waited for before the next of
its order is sent, over 32 connections; in bulk the lines are sent as fast as they are taken, in one request, which one
process works off, and in as many at once as `daybook import` has. They take turns.
"""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from threading import Event, Thread
from typing import Any
from uuid import UUID

import msgspec

from benchmarks.command import CREATED, Contender, http_costs
from benchmarks.harness import Bench, Database, Row
from benchmarks.http_load import CONNECTIONS, Client, Script
from benchmarks.order_requests import fulfilment, order_body, post
from benchmarks.servers import api_key, daybook_web

LINES = 10_000
QUICK_LINES = 800
PIECE_LINES = 50
AT_ONCE = 4
SINGLE, ONE, SEVERAL = "one by one", "one request", "several requests"
BULK = {ONE: 1, SEVERAL: AT_ONCE}
TIMEOUT_SECONDS = 120.0
_encode = msgspec.json.Encoder().encode
Step = tuple[str, str, dict[str, Any]]


def life(order: UUID, name: str) -> list[Step]:
    """The commands of an order: path, idempotency key and body of each."""
    number = order.int % 10**10
    placed = ("orders", f"place-{name}", order_body(number) | {"order_id": str(order)})
    return [placed, *((f"orders/{order}/{verb}", f"{verb}-{name}", body) for verb, body in fulfilment(number))]


COMMANDS_OF_AN_ORDER = len(life(UUID(int=0), ""))


@dataclass(frozen=True, slots=True)
class OneByOne:
    """Scripts of an order's commands, each a request of its own."""

    api_key: str

    def __call__(self, number: int) -> Script:
        order = UUID(int=0x1991_0000_0000_7000_8000_0000_0000_0000 + number)
        return [post(path, self.api_key, key, _encode(body)) for path, key, body in life(order, f"one-{number}")]


@dataclass(frozen=True, slots=True)
class Told:
    """How a bulk request went: its commands per second, and after how long its first result came."""

    commands: int
    rate: float
    first_result_seconds: float


class InBulk:
    """Bulk requests of new orders, so many at once; all of them together have so many lines."""

    def __init__(self, port: int, key: str, lines: int, at_once: int) -> None:
        self._port, self._key, self._at_once = port, key, at_once
        self._orders = lines // COMMANDS_OF_AN_ORDER // at_once
        self._numbers = count(at_once << 64)

    def __call__(self) -> Told:
        requests = [self._lines() for _ in range(self._at_once)]
        began = time.monotonic()
        with ThreadPoolExecutor(self._at_once) as pool:
            told = list(pool.map(partial(exchange, self._port, self._key), requests))
        commands = sum(each.commands for each in told)
        return Told(commands, commands / (time.monotonic() - began), max(each.first_result_seconds for each in told))

    def _lines(self) -> list[bytes]:
        return [
            _encode({"command": path, "key": key, "body": body}) + b"\n"
            for number in islice(self._numbers, self._orders)
            for path, key, body in life(UUID(int=0x1992_0000_0000_7000_8000_0000_0000_0000 + number), f"bulk-{number}")
        ]


def exchange(port: int, key: str, lines: list[bytes]) -> Told:
    """Send lines in one request while its results are read, the last of them only when a first result is there.

    Raises AssertionError unless all were done.
    """
    head = (
        f"POST /commands/bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    first_is_there = Event()

    def send() -> None:
        connection.sendall(head.encode())
        for start in range(0, len(lines), PIECE_LINES):
            if start + PIECE_LINES >= len(lines):
                first_is_there.wait(TIMEOUT_SECONDS)
            piece = b"".join(lines[start : start + PIECE_LINES])
            connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\n\r\n")

    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
        began, first = time.monotonic(), 0.0
        sender = Thread(target=send)
        sender.start()
        pieces = []
        while piece := connection.recv(262_144):
            pieces.append(piece)
            if not first and b'{"line":' in piece:
                first = time.monotonic()
                first_is_there.set()
        ended = time.monotonic()
        sender.join()
    answer = b"".join(pieces)
    done = answer.count(b'"events":[')
    assert done == len(lines), f"{done} of {len(lines)} lines were done: {answer[-1500:]!r}"
    return Told(len(lines), len(lines) / (ended - began), first - began)


def run(bench: Bench) -> list[Row]:
    with bench.database("bulk") as database:
        found, costs = _measured(bench, database)
    rates = {name: [round(each.rate, 1) for each in found[name]] for name in found}
    firsts = {name: [round(each.first_result_seconds * 1000) for each in found[name]] for name in BULK}
    bench.details["bulk"] = {"commands per second": rates, "first result ms": firsts}
    medians = {name: statistics.median(rates[name]) for name in rates}
    lines = f"{bench.pick(LINES, QUICK_LINES):,} mixed commands in"
    row = partial(
        Row, "bulk", against="the same one by one", theirs=medians[SINGLE], unit="commands/s",
        note=f"one by one over {CONNECTIONS} connections", cost=costs,
    )  # fmt: skip
    return [
        row(ours_is=f"{lines} one request", ours=medians[ONE], reach=2.0, stretch=3.0),
        row(ours_is=f"{lines} {AT_ONCE} requests at once", ours=medians[SEVERAL], reach=2.0, stretch=3.0),
    ]


def _measured(bench: Bench, database: Database) -> tuple[dict[str, list[Any]], str]:
    key, lines = api_key(database), bench.pick(LINES, QUICK_LINES)
    with daybook_web(bench, database) as ours, Client() as client:
        one_by_one = Contender(client, ours.port, OneByOne(key), bench.seconds)
        bulk = {name: InBulk(ours.port, key, lines, at_once) for name, at_once in BULK.items()}
        contenders: dict[str, Callable[[], Any]] = {SINGLE: lambda: one_by_one().require(*CREATED), **bulk}
        bench.say("bulk: warming up")
        bench.interleave(contenders, 1)
        bench.say(f"bulk: {bench.rounds} rounds")
        bench.checkpoint()
        costs = {name: http_costs(bench, ours, client) for name in contenders}
        contenders[SINGLE] = costs[SINGLE].metered(contenders[SINGLE], lambda answers: len(answers.seconds))
        for name, each in bulk.items():
            contenders[name] = costs[name].metered(each, lambda told: told.commands)
        found = bench.interleave(contenders)
    return found, "; ".join(f"{name}: {each.told('command')}" for name, each in costs.items())
