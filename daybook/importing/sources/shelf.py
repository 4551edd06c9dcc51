"""What belongs to one order, put aside on disk until all of a file was read, and given back order by order.

Exports do not promise that what belongs together stands together: items, invoices, shipments and refunds may come in
other files, or pages later. A temporary database holds them, so that memory does not grow with the export; nothing
of it is left behind.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from daybook.importing.sources.order import Place

AT_ONCE = 500


class Kept(NamedTuple):
    """One thing of an order: what it is ("order", "row", "invoice", ...), where it stood, what it says."""

    kind: str
    file: str
    line: int
    value: Any

    @property
    def place(self) -> Place:
        """Where it stood."""
        return Place(self.file, self.line, "entry" if self.file.endswith("json") else "line")


class Shelf:
    """Things by the order that they belong to."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._waiting: list[tuple[str, str, str, int, str]] = []
        database.executescript(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off;"
            "CREATE TABLE thing (owner TEXT, kind TEXT, file TEXT, line INTEGER, value TEXT);"
        )

    def put(self, owner: str, kind: str, file: str, line: int, value: Any) -> None:
        """Puts aside; ``owner`` is the order's id in the source."""
        self._waiting.append((owner, kind, file, line, json.dumps(value, default=_decimal)))
        if len(self._waiting) >= AT_ONCE:
            self._write()

    def count(self) -> int:
        """How many owners there are."""
        self._write()
        (found,) = self._database.execute("SELECT count(DISTINCT owner) FROM thing").fetchone()
        return int(found)

    def owners(self) -> Iterator[tuple[str, list[Kept]]]:
        """Each owner with its things in the order in which they came; the owners in the order of their first."""
        self._write()
        self._database.execute("CREATE INDEX by_owner ON thing (owner)")
        firsts = "SELECT owner FROM thing GROUP BY owner ORDER BY min(rowid)"
        things = "SELECT kind, file, line, value FROM thing WHERE owner = ? ORDER BY rowid"
        for (owner,) in self._database.execute(firsts):
            found = self._database.execute(things, (owner,)).fetchall()
            yield owner, [Kept(kind, file, line, json.loads(value)) for kind, file, line, value in found]

    def _write(self) -> None:
        self._database.executemany("INSERT INTO thing VALUES (?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()


@contextmanager
def shelf() -> Iterator[Shelf]:
    """An empty shelf that is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="daybook-import-") as folder,
        closing(sqlite3.connect(Path(folder) / "shelf.sqlite", isolation_level=None)) as database,
    ):
        yield Shelf(database)


def _decimal(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is nothing that a file says")
