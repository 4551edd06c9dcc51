"""Memory of the processes that stay, under load, and of a rebuild: PSS from /proc, the peak of ten samples a second.

PSS counts private pages in full and shared ones in the share of each process, so that sums are right. PostgreSQL's
processes are not ours and not counted.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from benchmarks.harness import Bench, Database, Row
from benchmarks.http_load import Client, Job
from benchmarks.million import rebuilt
from benchmarks.order_requests import Fulfil, Get, Place, TenLineOrders
from benchmarks.processes import Peak, family
from benchmarks.seeding import seed
from benchmarks.servers import Program, api_key, daybook_project, daybook_web

ORDERS = 10_000
QUICK_ORDERS = 1_000


def run(bench: Bench) -> list[Row]:
    with bench.database("memory") as database:
        orders = bench.pick(ORDERS, QUICK_ORDERS)
        seed(bench, database, orders, TenLineOrders)
        web, worker = _under_load(bench, database, orders)
    again = rebuilt(bench)
    bench.details["memory"] = {"rebuild of 1,250,000 events, seconds": again.seconds}
    row = partial(Row, "memory", against="", unit="MiB PSS", theirs=None, at_most=True)
    return [
        row(ours_is="web server, its largest process", ours=web, reach=200, stretch=120, note="placing, paying, pages"),
        row(ours_is="projection worker", ours=worker, reach=200, stretch=120, note="following all read models"),
        row(
            ours_is="rebuild of the grid, all processes", ours=again.peak_mib, reach=800, stretch=300,
            note="coordinator and 2 workers over 1,000,000 orders, 1,250,000 events",
        ),
    ]  # fmt: skip


def _under_load(bench: Bench, database: Database, orders: int) -> tuple[float, float]:
    key = api_key(database)
    bench.say("memory: load on web server and projection worker")
    with ExitStack() as stack:
        worker = stack.enter_context(daybook_project(bench, database))
        web = stack.enter_context(daybook_web(bench, database))
        client = stack.enter_context(Client())
        peaks = [stack.enter_context(Peak(partial(_living, program))) for program in (web, worker)]
        for scripts in (Place(key), Fulfil(key, orders), Get(key, ("/queries/orders?limit=200",))):
            client.run(Job(web.port, scripts, bench.seconds * 2)).require(200, 201)
    return peaks[0].largest_mib, peaks[1].largest_mib


def _living(program: Program) -> list[int]:
    return family(program.process.pid)
