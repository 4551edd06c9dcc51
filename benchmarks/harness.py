"""What the sections of the benchmark share: one durable server of their own, rounds in changing order, rows of a table.

A section is a module with ``run(bench) -> list[Row]``. Whatever it compares, it measures in one go on one server, so
that what else the machine does hits all alike. It must never start a process it does not end, nor measure a server
that is not durable.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.postgres.embedded import EmbeddedPostgres
from adapters.postgres.processes import processes_in
from adapters.postgres.roles import OWNER, PROJECT, SUPERUSER, WEB
from benchmarks.processes import Clock, clock_of
from eventstore.personal_data import Keyring
from migrations import migrate

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
SETTINGS = (
    "server_version",
    *DURABLE,
    "data_checksums",
    "wal_level",
    "shared_buffers",
    "max_wal_size",
    "max_connections",
)
MASTER_KEY = bytes(range(32))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. Without ``theirs`` the figure itself is what is to be reached.

    Where ``at_most``, less is better: of the ratio ours / theirs, or of ours.
    """

    section: str
    ours_is: str
    against: str
    unit: str
    ours: float
    theirs: float | None
    reach: float
    stretch: float
    at_most: bool = False
    note: str = ""
    cost: str = ""  # where the time of ours went

    @property
    def ratio(self) -> float | None:
        """Ours / theirs; None without theirs."""
        if self.theirs is None:
            return None
        return self.ours / self.theirs if self.theirs else math.inf

    @property
    def reached(self) -> bool:
        return self._meets(self.reach)

    @property
    def stretched(self) -> bool:
        return self._meets(self.stretch)

    def _meets(self, goal: float) -> bool:
        figure = self.ours if self.theirs is None else self.ratio
        return figure is not None and (figure <= goal if self.at_most else figure >= goal)


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database, with the logins of who appends and who projects."""

    owner_url: str
    app_login: str
    projector_login: str

    @property
    def app_url(self) -> str:
        """Connects as daybook_app."""
        return make_conninfo(self.app_login, options="-c role=daybook_app")

    @property
    def projector_url(self) -> str:
        """Connects as daybook_projector."""
        return make_conninfo(self.projector_login, options="-c role=daybook_projector")


@dataclass
class Bench:
    """One run: its server, its patience, and what it has found out besides the table."""

    server: EmbeddedPostgres
    folder: Path
    quick: bool = False
    details: dict[str, Any] = field(default_factory=dict)
    _started: float = field(default_factory=time.monotonic)
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        return 1 if self.quick else 5

    @property
    def seconds(self) -> float:
        """How long one contender works in one round."""
        return 0.3 if self.quick else 2.0

    def pick(self, full: int, quick: int) -> int:
        """A size: the full one, or the small one of a smoke test."""
        return quick if self.quick else full

    def say(self, text: str) -> None:
        """Tell whoever waits how far it is."""
        print(f"[{time.monotonic() - self._started:6.1f} s] {text}", file=sys.stderr, flush=True)

    def keyring(self) -> Keyring:
        return Keyring(MASTER_KEY)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What several sections need and one of them makes; lives as long as the run."""
        if name not in self._kept:
            self._kept[name] = make()
        found: T = self._kept[name]
        return found

    def new_database(self, name: str) -> Database:
        """A migrated database that stays until the run ends and its folder goes."""
        with psycopg.connect(self.server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
            identifier = sql.Identifier(name)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, sql.Identifier(OWNER)))
        found = Database(self.server.url(OWNER, name), self.server.url(WEB, name), self.server.url(PROJECT, name))
        migrate(found.owner_url)
        return found

    @contextmanager
    def database(self, name: str) -> Iterator[Database]:
        """A migrated database for as long as the block lasts."""
        found = self.new_database(name)
        try:
            yield found
        finally:
            with psycopg.connect(self.server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def server_clock(self) -> Clock:
        """The processor time of PostgreSQL so far."""
        return clock_of(*processes_in(self.server.data))

    def checkpoint(self) -> None:
        """Let the server write out what earlier work left behind, so that nobody pays for another's pages."""
        with psycopg.connect(self.server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
            admin.execute("CHECKPOINT")

    def interleave(self, contenders: Mapping[str, Callable[[], T]], rounds: int | None = None) -> dict[str, list[T]]:
        """Let each contender work once per round, in changing order; what each round gave."""
        found: dict[str, list[T]] = {name: [] for name in contenders}
        order = random.Random(1)
        for _ in range(rounds or self.rounds):
            for name in order.sample(list(contenders), len(contenders)):
                found[name].append(contenders[name]())
        return found


def medians(results: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The median of each contender's rounds."""
    return {name: statistics.median(values) for name, values in results.items()}


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many percent of the values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


@contextmanager
def bench_server(*, quick: bool = False) -> Iterator[Bench]:
    """A run with an embedded PostgreSQL in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        server = EmbeddedPostgres(Path(folder), {"max_connections": "200"})
        server.start()
        try:
            yield Bench(server, Path(folder), quick)
        finally:
            server.stop()


def server_settings(bench: Bench) -> dict[str, str]:
    """The settings that matter, as the server itself says them; refuses to measure without durability."""
    with psycopg.connect(bench.server.url(OWNER)) as connection:
        rows = connection.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (%s)", [list(SETTINGS)]
        )
        found: dict[str, str] = dict(rows.fetchall())
    for name in DURABLE:
        if found[name] != "on":
            raise SystemExit(f"{name} is {found[name]}: such figures would mean nothing")
    return {name: found[name] for name in SETTINGS}
