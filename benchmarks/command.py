"""Commands over HTTP, the whole path from the socket to the disk, beside the least a Flask program can do.

Ours authenticates, validates, looks the idempotency key up, decides, encrypts, appends and answers; the minimal app
validates with the same schema and does one INSERT. Both run under granian with the same processes and threads, get
the same bytes over the same number of connections, and take turns.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial

import psycopg

from benchmarks.harness import Bench, Database, Row, percentile
from benchmarks.http_load import CONNECTIONS, Answers, Client, Job, Scripts
from benchmarks.minimal_app import SCHEMA
from benchmarks.order_requests import Fulfil, Place, TenLineOrders
from benchmarks.processes import Costs, clock_of
from benchmarks.seeding import seed
from benchmarks.servers import Program, api_key, daybook_web, minimal_web

ORDERS = 40_000
QUICK_ORDERS = 2_000
CREATED = (200, 201)


class Contender:
    """One server under one kind of load; every round goes on where the last one ended."""

    def __init__(self, client: Client, port: int, scripts: Scripts, seconds: float) -> None:
        self._client = client
        self._port = port
        self._scripts = scripts
        self._seconds = seconds
        self._next = 0

    def __call__(self) -> Answers:
        answers = self._client.run(Job(self._port, self._scripts, self._seconds, self._next))
        self._next += answers.used
        return answers.require(*CREATED)


def run(bench: Bench) -> list[Row]:
    with bench.database("command") as database, psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(SCHEMA)
        orders = bench.pick(ORDERS, QUICK_ORDERS)
        seed(bench, database, orders, TenLineOrders)
        found, costs = _measured(bench, database, orders)
    bench.details["command"] = {name: summary(rounds) for name, rounds in found.items()}
    rate = {name: statistics.median([answers.rate for answers in rounds]) for name, rounds in found.items()}
    bench.once("highest command rate", lambda: rate["place"])
    row = partial(Row, "command", unit="requests/s")
    return [
        row(
            "placing a ten-line order over HTTP", "minimal Flask app", ours=rate["place"],
            theirs=rate["minimal place"], reach=0.9, stretch=1.4, note=f"{CONNECTIONS} connections",
            cost=costs["place"],
        ),
        row(
            "pay, invoice, ship an order", "minimal Flask app, same requests", ours=rate["fulfil"],
            theirs=rate["minimal fulfil"], reach=0.6, stretch=1.0, note=f"{CONNECTIONS} connections",
            cost=costs["fulfil"],
        ),
    ]  # fmt: skip


def _measured(bench: Bench, database: Database, orders: int) -> tuple[dict[str, list[Answers]], dict[str, str]]:
    """The rounds of each contender, and where the time of ours went."""
    key = api_key(database)
    with daybook_web(bench, database) as ours, minimal_web(bench, database) as minimal, Client() as client:
        contenders: dict[str, Callable[[], Answers]] = {}
        for name, port in (("", ours.port), ("minimal ", minimal.port)):
            contenders[f"{name}place"] = Contender(client, port, Place(key), bench.seconds)
            contenders[f"{name}fulfil"] = Contender(client, port, Fulfil(key, orders), bench.seconds)
        bench.say("command: warming up")
        bench.interleave(contenders, 1)
        bench.say(f"command: {bench.rounds} rounds of {len(contenders)} x {bench.seconds} s")
        bench.checkpoint()
        costs = {name: http_costs(bench, ours, client) for name in ("place", "fulfil")}
        for name, each in costs.items():
            contenders[name] = each.metered(contenders[name], answered)
        found = bench.interleave(contenders)
    return found, {name: each.told("command") for name, each in costs.items()}


def http_costs(bench: Bench, ours: Program, client: Client) -> Costs:
    """What answering costs a server, its PostgreSQL and the client that asks."""
    clocks = {"web server": clock_of(ours.process.pid), "PostgreSQL": bench.server_clock()}
    return Costs({**clocks, "client": clock_of(client.pid)})


def answered(answers: Answers) -> int:
    return len(answers.seconds)


def summary(rounds: list[Answers]) -> dict[str, float | list[float]]:
    """The rates of each round, and the latencies of all in ms."""
    seconds = [each for answers in rounds for each in answers.seconds]
    found: dict[str, float | list[float]] = {"rates": [round(answers.rate, 1) for answers in rounds]}
    for percent in (50, 95, 99):
        found[f"p{percent}_ms"] = round(percentile(seconds, percent) * 1000, 3)
    return found
