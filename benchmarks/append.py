"""Appends: our recorder beside the eventsourcing library's default recorder and plain INSERTs.

Several rounds of each in changing order, alone and with 2 processes x 16 threads. The processes share out the CPUs as
the web workers do, the same two for every contender. A last round follows the log while it is written and counts what
it sees. Ours is measured once more while the log is sealed. `python -m benchmarks --only append`.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection as Pipe
from secrets import token_hex

import psycopg

from benchmarks.append_contenders import CONTENDERS, PLAIN_SCHEMA, THREADS, Contender, Urls
from benchmarks.append_sealed import sealed_meanwhile
from benchmarks.harness import Bench, Row, medians, percentile
from benchmarks.processes import Clock, Costs, clock_of
from daybook.run.cpu_affinity import take_cpu
from eventstore.reader import LogReader, log_pool

PROCESSES = 2
CROWD = f"{PROCESSES} processes x {THREADS} threads"
UNSEALED, SEALED = "ours, not sealed", "ours, sealed meanwhile"
PAIRS = 4
WITH = "our recorder, number, idempotency key, encryption"


def load(contender: Contender, threads: int, seconds: float) -> list[float]:
    """Record orders from so many threads for so long; return the latency of each in seconds."""
    until = time.perf_counter() + seconds

    def write() -> list[float]:
        taken = []
        started = time.perf_counter()
        while started < until:
            contender.record()
            ended = time.perf_counter()
            taken.append(ended - started)
            started = ended
        return taken

    if threads == 1:
        return write()
    with ThreadPoolExecutor(threads) as pool:
        return [one for part in pool.map(lambda _: write(), range(threads)) for one in part]


def writer_process(pipe: Pipe, urls: Urls, family: str) -> None:
    """Serve (contender, threads, seconds) requests until None comes."""
    take_cpu(PROCESSES, family)
    contenders: dict[str, Contender] = {}
    while (request := pipe.recv()) is not None:
        name, threads, seconds = request
        if name not in contenders:
            contenders[name] = CONTENDERS[name](urls)
        pipe.send(load(contenders[name], threads, seconds))
    for contender in contenders.values():
        contender.close()


class Writers:
    """The writer processes; the first alone is the lone client."""

    def __init__(self, urls: Urls) -> None:
        context = multiprocessing.get_context("spawn")
        family = token_hex(8)
        self._pipes: list[Pipe] = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = context.Pipe()
            process = context.Process(target=writer_process, args=(theirs, urls, family), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def lone(self, name: str, seconds: float) -> list[float]:
        """Return the latencies of one client."""
        return self._ask(self._pipes[:1], (name, 1, seconds))

    def crowd(self, name: str, seconds: float) -> list[float]:
        """Return the latencies of all clients together."""
        return self._ask(self._pipes, (name, THREADS, seconds))

    def clock(self) -> Clock:
        """Their processor time so far."""
        return clock_of(*[process.pid for process in self._processes if process.pid])

    def _ask(self, pipes: list[Pipe], request: tuple[str, int, float]) -> list[float]:
        for pipe in pipes:
            pipe.send(request)
        return [one for pipe in pipes for one in pipe.recv()]

    def close(self) -> None:
        for pipe, process in zip(self._pipes, self._processes, strict=True):
            pipe.send(None)
            process.join(10)


def gap_check(writers: Writers, app_url: str, seconds: float) -> dict[str, int]:
    """Follow the log while it is written; return what was written, seen, and seen out of order."""
    pool = log_pool(app_url, 2)
    reader = LogReader(pool)
    last, seen, disordered = reader.head(), 0, 0
    with ThreadPoolExecutor(1) as side:
        writing = side.submit(writers.crowd, "ours", seconds)
        while not (writing.done() and last == reader.head()):
            for event in reader.read_after(last, 1000):
                disordered += event.position != last + 1
                last = event.position
                seen += 1
        written = len(writing.result())
    pool.close()
    if seen != written or disordered:
        raise SystemExit(f"the log has gaps: {written} written, {seen} seen, {disordered} out of order")
    return {"written": written, "seen": seen, "out_of_order": disordered}


def run(bench: Bench) -> list[Row]:
    """Measure; the rows of the table."""
    with bench.database("append") as database, sealed_meanwhile(database.app_url) as sealed:
        urls = Urls(database.app_url, database.owner_url)
        with psycopg.connect(urls.owner) as connection:
            connection.execute(PLAIN_SCHEMA)
        writers = Writers(urls)
        for name in CONTENDERS:  # warm, and the library's tables made by one process alone
            writers.lone(name, 0.2)
            writers.crowd(name, bench.seconds / 4)
        bench.checkpoint()
        lone = bench.interleave({name: partial(writers.lone, name, bench.seconds) for name in CONTENDERS})
        costs = Costs({"writers": writers.clock(), "PostgreSQL": bench.server_clock()})
        crowds: dict[str, Callable[[], list[float]]] = {
            name: partial(writers.crowd, name, bench.seconds) for name in CONTENDERS
        }
        crowds["ours"] = costs.metered(crowds["ours"], len)
        crowd = bench.interleave(crowds)
        ours = partial(writers.crowd, "ours", bench.seconds)
        # A few percent apart, where rounds differ by ten: that takes more of them.
        crowd |= bench.interleave({UNSEALED: ours, SEALED: partial(sealed, ours)}, PAIRS * bench.rounds)
        checked = gap_check(writers, urls.app, bench.seconds)
        writers.close()
    bench.details["append"] = {
        "1 client": _summary(lone, bench.seconds), CROWD: _summary(crowd, bench.seconds), "gap check": checked,
        "events unsealed at the end": sealed.behind,
    }  # fmt: skip
    rates = {name: one["appends per second"] for name, one in _summary(crowd, bench.seconds).items()}
    alone = {name: one["median ms"] for name, one in _summary(lone, bench.seconds).items()}
    crowded = partial(Row, "append", WITH, unit="appends/s", ours=rates["ours"], cost=costs.told("append"))
    return [
        crowded(f"library's default recorder, {CROWD}", theirs=rates["library"], reach=9.0, stretch=16.0),
        crowded(f"plain INSERT, same rows, {CROWD}", theirs=rates["plain rows"], reach=1.2, stretch=1.8),
        Row(
            "append", f"{WITH}, {CROWD}", "the same while the log is sealed", "appends/s", rates[UNSEALED],
            rates[SEALED], 1.05, 1.02, at_most=True,
        ),
        Row(
            "append, one client", WITH, "library's default recorder", "ms median", alone["ours"], alone["library"],
            0.6, 0.4, at_most=True,
        ),
    ]  # fmt: skip


def _summary(results: dict[str, list[list[float]]], seconds: float) -> dict[str, dict[str, float]]:
    """Medians over the rounds, per contender."""
    return {
        name: medians(
            {
                "appends per second": [len(taken) / seconds for taken in rounds],
                "median ms": [percentile(taken, 50) * 1000 for taken in rounds],
                "p95 ms": [percentile(taken, 95) * 1000 for taken in rounds],
            }
        )
        for name, rounds in results.items()
    }
