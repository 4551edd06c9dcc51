"""What the files say must be seen of their orders, kept on disk until it is compared with what the server shows.

The figures come straight from the files' own sums, not from the commands made of them: a fault in the reading shows
here. It only reads from the server, and never excuses a difference.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from daybook.cli.asking import ask
from daybook.importing.moving.presence import minor
from daybook.importing.sources.order import SourceOrder
from domain.values import exponent, to_text

ORDERS_AT_ONCE = 50
SUMS = ("grand_total", "paid", "refunded")

Json = dict[str, Any]
Row = tuple[str, str, str, int, int, int, str | None]


@dataclass(slots=True)
class Comparison:
    """By currency the sums of both sides in minor units, the statuses of both, and every order that differs."""

    orders: int = 0
    sums: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    differences: list[Json] = field(default_factory=list)


class Expectations:
    """The figures of the orders that were taken; safe to be filled from several threads."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._lock = Lock()
        columns = "id TEXT PRIMARY KEY, number TEXT, currency TEXT, total INT, paid INT, refunded INT, status TEXT"
        database.execute(f"CREATE TABLE expected ({columns})")

    def expect(self, order_id: UUID, order: SourceOrder) -> None:
        """An order that is in several files counts as the last of them has it."""
        figures = order.figures
        row = (str(order_id), order.number, order.currency, figures.grand_total, figures.paid, figures.refunded)
        with self._lock:
            self._database.execute("REPLACE INTO expected VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, figures.status))

    def compare(self, url: str, key: str, position: int) -> Comparison:
        """Every order of the files with its row in the orders grid, once the grid has come to ``position``."""
        found = Comparison()
        for rows in self._pages():
            wanted = "&".join(f"order_id={row[0]}" for row in rows)
            path = f"/queries/orders?limit={ORDERS_AT_ONCE}&min_position={position}&{wanted}"
            shown = {item["order_id"]: item for item in ask(url, path, key)["items"]}
            for row in rows:
                _compare(row, shown.get(row[0]), found)
        return found

    def _pages(self) -> Iterator[list[Row]]:
        rows = self._database.execute("SELECT * FROM expected ORDER BY rowid")
        while page := rows.fetchmany(ORDERS_AT_ONCE):
            yield page


@contextmanager
def expectations() -> Iterator[Expectations]:
    """An empty list of expectations that is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="daybook-import-") as folder,
        closing(_opened(Path(folder) / "expected.sqlite")) as kept,
    ):
        kept.executescript("PRAGMA journal_mode = off; PRAGMA synchronous = off;")
        yield Expectations(kept)


def _opened(file: Path) -> sqlite3.Connection:
    """Used by several threads, one at a time."""
    return sqlite3.connect(file, isolation_level=None, check_same_thread=False)


def _compare(row: Row, item: Json | None, found: Comparison) -> None:
    order_id, number, currency, *amounts, status = row
    places = exponent(currency)
    found.orders += 1
    shown = [0, 0, 0]
    if item is not None:
        shown = [minor(item[name], places) for name in ("grand_total", "total_paid", "total_refunded")]
    for name, ours, theirs in zip(SUMS, amounts, shown, strict=True):
        both = found.sums.setdefault(currency, {}).setdefault(name, [0, 0])
        both[0] += ours
        both[1] += theirs
    theirs_status = item["status"] if item is not None else "not there"
    wanted = status or theirs_status
    for place, name in enumerate((wanted, theirs_status)):
        found.statuses.setdefault(name, [0, 0])[place] += 1
    if list(amounts) != shown or wanted != theirs_status:
        file = dict(zip((*SUMS, "status"), (*_texts(amounts, currency), wanted), strict=True))
        daybook = dict(zip((*SUMS, "status"), (*_texts(shown, currency), theirs_status), strict=True))
        named = {"order_number": number, "order_id": order_id, "currency": currency}
        found.differences.append(named | {"file": file, "daybook": daybook})


def _texts(amounts: list[int], currency: str) -> list[str]:
    return [to_text(amount, currency) for amount in amounts]
