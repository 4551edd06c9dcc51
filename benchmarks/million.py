"""A million orders with their grid: seeded by COPY, rebuilt, and how much memory the rebuild took."""

from __future__ import annotations

import time
from dataclasses import dataclass
from multiprocessing import get_context

from benchmarks.harness import MASTER_KEY, Bench, Database
from benchmarks.processes import Peak, family
from benchmarks.seeding import bench_log, codec
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from projections.catalogue import read_model
from projections.engine.rebuild import rebuild
from projections.orders_grid.read_model import ORDERS_GRID

PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What one rebuild of all of it took: PSS of its processes together, without PostgreSQL's."""

    database: Database
    seconds: float
    peak_mib: float


def parts() -> tuple[Codec, Keyring]:
    """What a process needs to read the log."""
    return codec(), Keyring(MASTER_KEY)


def projected(bench: Bench) -> Database:
    """The log of a million orders, with its grid."""
    return rebuilt(bench).database


def rebuilt(bench: Bench) -> Rebuild:
    """Rebuild the grid of the big log once per run, in a process of its own as `daybook rebuild` is one."""

    def make() -> Rebuild:
        database = bench_log(bench)
        bench.say("rebuilding the grid")
        began = time.monotonic()
        process = get_context("spawn").Process(target=_rebuild, args=(database.projector_url,))
        process.start()
        pid = process.pid or 0
        with Peak(lambda: family(pid)) as peak:
            process.join()
        if process.exitcode:
            raise AssertionError("the rebuild failed")
        found = Rebuild(database, time.monotonic() - began, peak.together_mib)
        bench.say(f"rebuilt in {found.seconds:.1f} s")
        return found

    return bench.once("rebuilt million", make)


def _rebuild(conninfo: str) -> None:
    rebuild(conninfo, parts, read_model, ORDERS_GRID.name, processes=PROCESSES)
