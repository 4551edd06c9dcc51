"""What a simulated provider remembers, in a small SQLite file: the same for every process, and after a kill."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

BUSY_SECONDS = 10.0


class LedgerFile:
    """The file at ``path``, mode 0600, with ``tables`` made when they are missing.

    What is wrong with the file is raised as ``unavailable``, as if the provider were away.
    """

    def __init__(self, path: Path, tables: str, unavailable: Callable[[str], Exception]) -> None:
        self._path = path
        self._tables = tables
        self._unavailable = unavailable

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The ledger in a transaction of its own: on disk when the block has ended, or nothing of it."""
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as ledger:
                ledger.execute("BEGIN IMMEDIATE")
                ledger.execute(self._tables)
                yield ledger
                ledger.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(f"its ledger: {error}") from error
