"""Events to three endpoints while the worker is killed: per order in order, none lost, none invented, and how late.

``python -m tests.webhooks.soak --events 5000 --kills 10``, or ``make soak-webhooks``. The worker is the real one, a
process of its own, as are the receivers: a fast one, one that fails half of the time, and one that takes connections
and never answers. The delay is from the recording of an event until its request has come to the fast receiver, and is
taken twice: with that receiver alone, and with the two others.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
import structlog

from tests.support.postgres import FOLDER_VARIABLE, Database, TestServer, close_session, open_session
from tests.webhooks.office import MASTER_KEY, Office, open_office
from tests.webhooks.receiver import Receiver

ORDERS_AT_ONCE = 10
EVENTS_OF_AN_ORDER = 10
# Enough for a receiver that fails half of the time, and an end that the one that never answers does not see.
RETRIES = ",".join(["0.2", "0.5", *["1"] * 40, "3600", "86400"])
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many events, at how many a second, and how often the worker is killed meanwhile."""

    events: int
    rate: float
    kills: int


@dataclass
class Outcome:
    """What came of a run: delays of the fast receiver in seconds, and everything that went wrong."""

    delays: list[float] = field(default_factory=list)
    repeated: int = 0
    wrong: list[str] = field(default_factory=list)

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


Arrival = tuple[str, str, float, float, bool]
"""Order, event, when it was recorded, when it came, whether it was accepted."""


def receive(pipe: Connection, failing: float) -> None:
    """Receive until told to stop; then tell what came, in order. Fails a share of the requests."""
    chance = random.Random(7)
    with Receiver(decide=lambda _: 500 if chance.random() < failing else 204) as receiver:
        pipe.send(receiver.url)
        receiver.secrets.append(pipe.recv())
        while True:
            asked = pipe.recv()
            if asked == "accepted":
                pipe.send(len({got.event_id for got in receiver.accepted}))
                continue
            accepted = {id(got) for got in receiver.accepted}
            arrivals: list[Arrival] = [
                (
                    got.event["order_id"],
                    got.event_id,
                    datetime.fromisoformat(got.event["recorded_at"]).timestamp(),
                    got.at,
                    id(got) in accepted,
                )
                for got in receiver.requests
            ]
            pipe.send((arrivals, receiver.forged))
            return


@contextlib.contextmanager
def receiving(office: Office, failing: float = 0.0) -> Iterator[Connection]:
    """A receiver in a process of its own, with a webhook to it."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=receive, args=(there, failing), daemon=True)
    process.start()
    try:
        here.send(office.webhook(here.recv(), "order.*")["secret"])
        yield here
    finally:
        process.kill()
        process.join()


@contextlib.contextmanager
def silence(office: Office) -> Iterator[None]:
    """A receiver that takes connections and never answers, with a webhook to it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        office.webhook(f"http://127.0.0.1:{listener.getsockname()[1]}/", "order.*")
        yield


class Worker:
    """`daybook work`, started, killed without a word, started again."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._environment = os.environ | {
            "DATABASE_URL": database.owner_url,
            "DATABASE_APP_URL": database.app_url,
            "DAYBOOK_HOME": str(folder),
            "DAYBOOK_MASTER_KEY": MASTER_KEY.hex(),
            "DAYBOOK_WEBHOOK_ALLOW": "127.0.0.0/8",
            "DAYBOOK_WEBHOOK_RETRY_SECONDS": RETRIES,
            "PYTHONWARNINGS": "ignore",
        }
        self._log = folder / "work.log"
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "daybook", "work"], env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def running(self) -> bool:
        return self._process.poll() is None


def run(database: Database, folder: Path, plan: Plan, *, others: bool) -> Outcome:
    """Record the events and follow them; with the two other endpoints or without."""
    with open_office(database) as office, contextlib.ExitStack() as stack:
        fast = stack.enter_context(receiving(office))
        halting = stack.enter_context(receiving(office, failing=0.5)) if others else None
        if others:
            stack.enter_context(silence(office))
        worker = Worker(database, folder)
        stack.callback(worker.kill)
        outcome = Outcome()
        first = office.place()
        _wait(fast, 1, "fast", outcome)  # the worker has started: from here on delays are told
        orders = [first, *_recorded(office, plan, worker)]
        wanted = {order_id: office.events(order_id) for order_id in orders}
        for name, pipe in (("fast", fast), ("halting", halting)):
            if pipe is not None:
                _wait(pipe, sum(map(len, wanted.values())), name, outcome)
                _judge(pipe, wanted, name, outcome, untold=first)
        if not worker.running():
            outcome.wrong.append("the worker ended by itself")
        with psycopg.connect(database.app_url, autocommit=True) as connection:
            connection.execute("DELETE FROM webhooks.endpoints")
        return outcome


def _recorded(office: Office, plan: Plan, worker: Worker) -> list[str]:
    """Record events at an even rate, of ten orders by turns; the worker is killed at even distances."""
    began, orders = time.monotonic(), list[str]()
    every = plan.events // (plan.kills + 1)
    for number in range(plan.events):
        time.sleep(max(0.0, began + number / plan.rate - time.monotonic()))
        if number % every == every - 1 and number // every < plan.kills:
            worker.kill()
            worker.start()
        place = number % (ORDERS_AT_ONCE * EVENTS_OF_AN_ORDER)
        if place < ORDERS_AT_ONCE:
            orders.append(office.place())
        else:
            office.do(orders[place % ORDERS_AT_ONCE - ORDERS_AT_ONCE], "comment")
    return orders


def _wait(pipe: Connection, number: int, name: str, outcome: Outcome) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        pipe.send("accepted")
        came = pipe.recv()
        if came >= number:
            time.sleep(1.0)  # what should not come has its chance
            return
        if time.monotonic() > until:
            outcome.wrong.append(f"{name}: only {came} of {number} events came")
            return
        time.sleep(0.2)


def _judge(pipe: Connection, wanted: dict[str, list[str]], name: str, outcome: Outcome, untold: str) -> None:
    """Hold what a receiver took against what the log has."""
    pipe.send("all")
    arrivals, forged = pipe.recv()
    if forged:
        outcome.wrong.append(f"{name}: {forged} requests were not signed with the secret")
    seen: dict[str, list[str]] = defaultdict(list)
    for order_id, event_id, _, _, accepted in arrivals:
        if accepted and event_id in seen[order_id]:
            outcome.repeated += 1
        elif accepted:
            seen[order_id].append(event_id)
    for order_id in seen.keys() | wanted.keys():
        if seen[order_id] != wanted.get(order_id):
            outcome.wrong.append(f"{name}: order {order_id} came as {seen[order_id]}, it was {wanted.get(order_id)}")
    if name == "fast":
        outcome.delays = _delays([each for each in arrivals if each[0] != untold])


def _delays(arrivals: list[Arrival]) -> list[float]:
    """From the recording of each event until it came for the first time."""
    first: dict[str, float] = {}
    for _, event_id, recorded, came, _ in arrivals:
        first.setdefault(event_id, came - recorded)
    return list(first.values())


def main(arguments: Any = None) -> None:
    """Print the figures; exits with 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--kills", type=int, default=10)
    given = parser.parse_args(arguments)
    plan = Plan(given.events, given.rate, given.kills)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder = open_session()
    try:
        server, wrong, p99 = TestServer(Path(os.environ[FOLDER_VARIABLE])), list[str](), dict[bool, float]()
        for others in (False, True):
            with server.database() as database:
                home = folder / f"work-{others}"
                home.mkdir()
                outcome = run(database, home, plan, others=others)
            p99[others] = outcome.percentile(99)
            wrong += outcome.wrong
            sys.stdout.write(
                f"{'with the two others' if others else 'the fast one alone'}: {plan.events} events at "
                f"{plan.rate:g}/s, {plan.kills} kills; delay p50 {outcome.percentile(50) * 1000:.0f} ms, "
                f"p90 {outcome.percentile(90) * 1000:.0f} ms, p99 {p99[others] * 1000:.0f} ms; "
                f"{outcome.repeated} came twice, {len(outcome.wrong)} faults\n"
            )
            sys.stdout.flush()
    finally:
        close_session(folder)
    sys.stdout.write(f"p99 with the others / without: {p99[True] / p99[False]:.2f}\n")
    sys.stdout.write("".join(f"FAULT {each[:300]}\n" for each in wrong[:20]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
