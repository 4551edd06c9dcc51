"""The pages of the orders desk at a million orders, each beside the JSON that a program gets for the same question.

One connection takes turns: the page, then its query. What is measured is the first byte of the answer, which here is
its whole: pages are drawn before they are sent.
"""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlencode

import msgspec
import psycopg

from access.keys import create_key
from access.roles import Role
from benchmarks.harness import Bench, Row, percentile
from benchmarks.million import projected
from benchmarks.servers import daybook_web
from web.pages.visitor import COOKIE

TURNS = 100
FIRST_VISIT_BYTES = 150_000
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a page and of the API: their paths."""

    name: str
    page: str
    query: str


def run(bench: Bench) -> list[Row]:
    database = projected(bench)
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        key = create_key(owner, Role.ADMIN, "benchmark")
    with psycopg.connect(database.projector_url, autocommit=True) as projector:
        projector.execute("VACUUM (ANALYZE) read.orders_grid")
    bench.checkpoint()
    with daybook_web(bench, database) as ours:
        desk = _Desk(ours.port, key)
        order = desk.first_order()
        found = {each.name: desk.taken(each, bench.pick(TURNS, 3)) for each in _questions(order)}
        visit = desk.first_visit("/")
    bench.details["pages"] = {
        name: {
            f"{which}_p{percent}_ms": percentile(seconds, percent) * 1000
            for which, seconds in (("page", page), ("query", query))
            for percent in (50, 95)
        }
        for name, (page, query) in found.items()
    } | {"first_visit_bytes": visit}
    rows = [
        Row(
            "pages", f"{name}, first byte", "its query as JSON", "ms",
            median(page) * 1000, median(query) * 1000, 5, 3, at_most=True, note="one connection, taking turns",
        )
        for name, (page, query) in found.items()
    ]  # fmt: skip
    first = Row("pages", "first visit, all files", "", "bytes", visit, None, FIRST_VISIT_BYTES, 100_000, at_most=True)
    return [*rows, first]


def _questions(order: str) -> list[Question]:
    filters = urlencode({"status": "Processing", "purchased_from": "2024-01-01", "purchased_to": "2024-01-31"})
    return [
        Question("orders page", "/", "/queries/orders"),
        Question("orders page, filtered", f"/?{filters}", f"/queries/orders?{filters}"),
        Question("orders page, searched", "/?q=ana+silva", "/queries/orders?q=ana+silva"),
        Question("order page", f"/orders/{order}", f"/queries/orders/{order}"),
    ]


class _Desk:
    """A person who is signed in and a program with the same key, on one connection."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._bearer = {"Authorization": f"Bearer {key}"}
        self._browser = {"Accept": "text/html", "Accept-Language": "en", "Accept-Encoding": "gzip"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", "/sign-in", urlencode({"key": key}), self._browser | form)
        answer = self._connection.getresponse()
        answer.read()
        cookie = next(value for value in answer.headers.get_all("Set-Cookie", []) if value.startswith(COOKIE))
        self._browser["Cookie"] = cookie.partition(";")[0]

    def first_order(self) -> str:
        order: str = msgspec.json.decode(self._get("/queries/orders?limit=1", self._bearer)[1])["items"][0]["order_id"]
        return order

    def taken(self, question: Question, turns: int) -> tuple[list[float], list[float]]:
        """Seconds to the first byte of the page and of the query, turn by turn."""
        for _ in range(5):
            self._get(question.page, self._browser)
            self._get(question.query, self._bearer)
        page, query = [], []
        for _ in range(turns):
            page.append(self._get(question.page, self._browser)[0])
            query.append(self._get(question.query, self._bearer)[0])
        return page, query

    def first_visit(self, path: str) -> int:
        """Bytes of a page with everything that it loads, as a browser receives them."""
        shown = self._get(path, self._browser | {"Accept-Encoding": "identity"})[1].decode()
        files = sorted(set(STATIC.findall(shown)))
        return sum(len(self._get(each, self._browser)[1]) for each in [path, *files])

    def _get(self, path: str, headers: dict[str, str]) -> tuple[float, bytes]:
        began = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        taken = time.perf_counter() - began
        content = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status} {content[:200]!r}")
        return taken, content
