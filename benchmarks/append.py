"""Appends per second and latency: our recorder, the eventsourcing library's default recorder and plain INSERTs.

Everything runs in one go on one server, several rounds of each in changing order, so that what else the machine does
hits all alike; medians and ratios are of the rounds. fsync, synchronous_commit and full_page_writes must be on, or it
refuses. A last round follows the log while it is written and counts what it sees.

    python -m benchmarks.append [--rounds 5] [--seconds 2] [--json FILE]     (DATABASE_URL= for a server of your own)
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.postgres_roles import APP, OWNER
from benchmarks.append_contenders import CONTENDERS, PLAIN_SCHEMA, THREADS, Contender, Urls
from eventstore.reader import LogReader, log_pool
from migrations import migrate

PROCESSES = 2
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
SETTINGS = ("server_version", *DURABLE, "shared_buffers", "wal_compression", "data_checksums", "max_connections")
REACH = (
    ("concurrent, appends/s against the library", "library", "concurrent", 9.0, 16.0),
    ("concurrent, appends/s against plain INSERT", "plain", "concurrent", 1.2, 1.8),
)


def load(contender: Contender, threads: int, seconds: float) -> list[float]:
    """Record orders from so many threads for so long; return the latency of each."""
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


def writer_process(pipe: Pipe, urls: Urls) -> None:
    """Serve ("contender", threads, seconds) requests until None comes."""
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
        self._pipes: list[Pipe] = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = context.Pipe()
            process = context.Process(target=writer_process, args=(theirs, urls), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def ask(self, name: str, mode: str, seconds: float) -> list[float]:
        """Return the latencies of one round."""
        pipes, threads = (self._pipes[:1], 1) if mode == "lone" else (self._pipes, THREADS)
        for pipe in pipes:
            pipe.send((name, threads, seconds))
        return [one for pipe in pipes for one in pipe.recv()]

    def close(self) -> None:
        for pipe, process in zip(self._pipes, self._processes, strict=True):
            pipe.send(None)
            process.join(10)


@contextmanager
def database() -> Iterator[Urls]:
    """A migrated database to write into."""
    if url := os.environ.get("DATABASE_URL"):
        name = f"daybook_bench_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        owner = make_conninfo(url, dbname=name)
        migrate(owner)
        try:
            yield Urls(make_conninfo(owner, options="-c role=daybook_app"), owner)
        finally:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        return
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        server = EmbeddedPostgres(Path(folder), {"max_connections": "200"})
        server.start()
        try:
            owner = server.url(OWNER)
            migrate(owner)
            yield Urls(make_conninfo(server.url(APP), options="-c role=daybook_app"), owner)
        finally:
            server.stop()


def settings(owner_url: str) -> dict[str, str]:
    """The server's settings that matter; refuses to measure without durability."""
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [list(SETTINGS)])
        found: dict[str, str] = dict(rows.fetchall())
    for name in DURABLE:
        if found[name] != "on":
            raise SystemExit(f"{name} is {found[name]}: such figures would mean nothing")
    return found


def measure(writers: Writers, rounds: int, seconds: float) -> dict[str, dict[str, dict[str, float]]]:
    """Return per mode and contender the medians over all rounds: appends/s, median and p95 latency in ms."""
    found: dict[str, dict[str, list[tuple[float, float, float]]]] = {
        mode: {name: [] for name in CONTENDERS} for mode in ("lone", "concurrent")
    }
    for mode in found:
        for name in CONTENDERS:
            writers.ask(name, mode, 0.5)
    for _ in range(rounds):
        for mode, results in found.items():
            for name in random.sample(list(CONTENDERS), len(CONTENDERS)):
                taken = sorted(writers.ask(name, mode, seconds))
                middle, late = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
                results[name].append((len(taken) / seconds, middle * 1000, late * 1000))
    return {
        mode: {
            name: {
                what: statistics.median(row[column] for row in rows)
                for column, what in enumerate(("appends_per_s", "median_ms", "p95_ms"))
            }
            for name, rows in results.items()
        }
        for mode, results in found.items()
    }


def gap_check(writers: Writers, app_url: str, seconds: float) -> dict[str, int]:
    """Follow the log while it is written; return what was written, seen, and seen out of order."""
    pool = log_pool(app_url, 2)
    reader = LogReader(pool)
    head, seen, disordered = reader.head(), 0, 0
    with ThreadPoolExecutor(1) as side:
        writing = side.submit(writers.ask, "ours", "concurrent", seconds)
        last = head
        while not (writing.done() and last == reader.head()):
            for event in reader.read_after(last, 1000):
                disordered += event.position != last + 1
                last = event.position
                seen += 1
        written = len(writing.result())
    pool.close()
    return {"written": written, "seen": seen, "out_of_order": disordered}


def report(found: dict[str, Any]) -> str:
    """The report as text."""
    lines = [f"{found['machine']}", ", ".join(f"{name} {value}" for name, value in found["settings"].items()), ""]
    for mode, rows in found["results"].items():
        who = "1 client" if mode == "lone" else f"{PROCESSES} processes x {THREADS} threads"
        lines.append(f"{who:<28}{'appends/s':>12}{'median ms':>12}{'p95 ms':>10}")
        for name, row in rows.items():
            lines.append(f"  {name:<26}{row['appends_per_s']:>12,.0f}{row['median_ms']:>12.2f}{row['p95_ms']:>10.2f}")
        lines.append("")
    for name, ratio in found["ratios"].items():
        lines.append(f"{name:<64}{ratio['ratio']:>8.2f}  (reach {ratio['reach']}, {ratio['says']})")
    check = found["gap_check"]
    lines.append(f"gap check: written {check['written']}, seen {check['seen']}, out of order {check['out_of_order']}")
    return "\n".join(lines)


def ratios(results: dict[str, dict[str, dict[str, float]]]) -> dict[str, dict[str, Any]]:
    """Ours against theirs, with what is to be reached."""
    found: dict[str, dict[str, Any]] = {}
    for title, other, mode, reach, _stretch in REACH:
        ratio = results[mode]["ours"]["appends_per_s"] / results[mode][other]["appends_per_s"]
        found[title] = {"ratio": ratio, "reach": reach, "says": "reached" if ratio >= reach else "not reached"}
    lone = results["lone"]["ours"]["median_ms"] / results["lone"]["library"]["median_ms"]
    found["one client, median latency against the library, at most"] = {
        "ratio": lone, "reach": 0.6, "says": "reached" if lone <= 0.6 else "not reached",
    }  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Appends per second, side by side.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one contender in one round")
    parser.add_argument("--json", type=Path, help="also write the report as JSON")
    options = parser.parse_args()
    with database() as urls:
        with psycopg.connect(urls.owner) as connection:
            connection.execute(PLAIN_SCHEMA)
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        found: dict[str, Any] = {"machine": machine, "settings": settings(urls.owner)}
        writers = Writers(urls)
        found["results"] = measure(writers, options.rounds, options.seconds)
        found["ratios"] = ratios(found["results"])
        found["gap_check"] = gap_check(writers, urls.app, options.seconds)
        writers.close()
    print(report(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
