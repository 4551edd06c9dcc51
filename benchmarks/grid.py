"""Pages of the orders grid over HTTP at a million orders, beside the same bytes served as a constant.

The orders come through the event store's bulk import and a rebuild. The constant is served by a Flask view under the
same granian with the same processes and threads; the details tell what a bare WSGI function would do. A page at depth
500,000 takes turns with the first page, one connection each.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from functools import partial
from statistics import median
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import psycopg

from benchmarks.command import Contender, answered, http_costs, summary
from benchmarks.harness import Bench, Database, Row, percentile
from benchmarks.http_load import CONNECTIONS, Answers, Client, Job
from benchmarks.million import projected
from benchmarks.minimal_app import CONSTANT, SCHEMA
from benchmarks.order_requests import Get
from benchmarks.processes import Costs
from benchmarks.servers import Program, api_key, daybook_web, minimal_web
from projections.paging.query import Cursor

PAGE = 50
DEPTH = 500_000
QUICK_DEPTH = 1_000
_QUESTIONS: tuple[dict[str, str | list[str]], ...] = (
    {"status": "Pending", "sort": "-purchased_at"},
    {"status": "Processing", "purchased_from": "2024-01-01", "purchased_to": "2024-01-31", "sort": "-purchased_at"},
    {"status": ["Pending", "On Hold"], "store": "outlet", "sort": "purchased_at"},
    {"status": "Pending", "sort": "-grand_total"},
    {"store": "main", "grand_total_min": "40", "sort": "grand_total"},
    {"payment_method": "bank_transfer", "status": "Processing", "sort": "-purchased_at"},
)


def run(bench: Bench) -> list[Row]:
    database = projected(bench)
    key = api_key(database)
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(SCHEMA)
    with psycopg.connect(database.projector_url, autocommit=True) as projector:
        # An automatic vacuum would come in the middle of some contender's round.
        projector.execute("VACUUM (ANALYZE) read.orders_grid")
    bench.checkpoint()
    with daybook_web(bench, database) as ours:
        paths = tuple(_path(question) for question in _QUESTIONS)
        constant = bench.folder / "page.json"
        constant.write_bytes(_fetch(ours, key, paths[0]))
        with minimal_web(bench, database, **{CONSTANT: str(constant)}) as minimal, Client() as client:
            costs = http_costs(bench, ours, client)
            pages = _pages(bench, client, costs, {"ours": ours, "minimal": minimal}, Get(key, paths))
            depths = _depths(bench, client, ours, key, database)
    return _rows(bench, pages, depths, costs.told("page"))


def _rows(bench: Bench, pages: dict[str, list[Answers]], depths: dict[str, list[float]], cost: str) -> list[Row]:
    bench.details["grid"] = {name: summary(rounds) for name, rounds in pages.items()} | {
        name: {f"p{percent}_ms": percentile(seconds, percent) * 1000 for percent in (50, 95, 99)}
        for name, seconds in depths.items()
    }
    rate = {name: median([answers.rate for answers in rounds]) for name, rounds in pages.items()}
    late = {name: percentile(seconds, 95) * 1000 for name, seconds in depths.items()}
    return [
        Row(
            "grid", f"page of {PAGE} over HTTP, filtered and sorted", "the same bytes as a constant", "pages/s",
            rate["filtered and sorted"], rate["constant"], 0.25, 0.4,
            note=f"{CONNECTIONS} connections, {len(_QUESTIONS)} kinds of question in turn", cost=cost,
        ),
        Row(
            "grid", f"page at depth {bench.pick(DEPTH, QUICK_DEPTH):,}, p95", "first page, p95", "ms",
            late["deep page"], late["first page"], 1.2, 1.0, at_most=True, note="taking turns, one connection",
        ),
    ]  # fmt: skip


def _pages(
    bench: Bench, client: Client, costs: Costs, programs: dict[str, Program], questions: Get
) -> dict[str, list[Answers]]:
    ours, minimal = programs["ours"].port, programs["minimal"].port
    contenders: dict[str, Callable[[], Answers]] = {
        "filtered and sorted": Contender(client, ours, questions, bench.seconds),
        "constant": Contender(client, minimal, Get(questions.api_key, ("/constant",)), bench.seconds),
        "constant, bare WSGI": Contender(client, minimal, Get(questions.api_key, ("/bare",)), bench.seconds),
    }
    bench.say("grid: warming up")
    bench.interleave(contenders, 1)
    bench.say(f"grid: {bench.rounds} rounds of {len(contenders)} x {bench.seconds} s")
    metered = costs.metered(contenders["filtered and sorted"], answered)
    found = bench.interleave({**contenders, "filtered and sorted": metered})
    for path in questions.paths:
        answers = client.run(Job(ours, Get(questions.api_key, (path,)), bench.seconds / 2, connections=1)).require(200)
        found[f"alone {path}"] = [answers]
    return found


def _depths(bench: Bench, client: Client, ours: Program, key: str, database: Database) -> dict[str, list[float]]:
    first = _path({"sort": "-purchased_at"})
    deep = _path({"sort": "-purchased_at", "cursor": _cursor_at(database, bench.pick(DEPTH, QUICK_DEPTH)).token()})
    job = partial(Job, ours.port, Get(key, (first, deep)), connections=1)
    client.run(job(bench.seconds / 2)).require(200)
    answers = client.run(job(bench.seconds * 2)).require(200)
    taken = list(zip(answers.names, answers.seconds, strict=True))
    return {
        "first page": [seconds for name, seconds in taken if name % 2 == 0],
        "deep page": [seconds for name, seconds in taken if name % 2 == 1],
    }


def _cursor_at(database: Database, depth: int) -> Cursor:
    """The cursor that a reader has after so many rows, newest first."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT item FROM read.orders_grid ORDER BY purchased_at DESC, order_id DESC OFFSET %s LIMIT 1", [depth - 1]
        ).fetchone()
    item = msgspec.json.decode(row[0] if row else b"{}")
    return Cursor("-purchased_at", item["purchased_at"], UUID(item["order_id"]), backward=False)


def _path(question: dict[str, str | list[str]] | dict[str, str]) -> str:
    return f"/queries/orders?{urlencode({**question, 'limit': str(PAGE)}, doseq=True)}"


def _fetch(program: Program, key: str, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    content = connection.getresponse().read()
    connection.close()
    if len(msgspec.json.decode(content)["items"]) != PAGE:
        raise AssertionError(f"not a full page: {content[:300]!r}")
    return content
