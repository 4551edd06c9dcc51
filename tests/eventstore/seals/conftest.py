"""A log with events, and what seals it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from adapters.seals.checkpoint_file import CheckpointFile
from eventstore.bulk import load
from eventstore.seals.note import SigningKey
from eventstore.seals.sealer import Sealer
from tests.eventstore.values import append, event
from tests.support.postgres import Database

ORIGIN = "shop.example.com/audit"


class SealedLog:
    """A log of one's own that grows by events and is sealed when asked to."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.file = CheckpointFile(folder / "checkpoints.txt")
        self.keys = [SigningKey.generate(ORIGIN)]
        self.connection = psycopg.connect(database.app_url, autocommit=True)
        self.owner = psycopg.connect(database.owner_url, autocommit=True)

    def append(self, streams: int, events: int = 1, **more: Any) -> None:
        """Events of so many new streams, by COPY."""
        ids = [uuid4() for _ in range(streams)]
        load(
            self.database.owner_url,
            [append(*(event(each, version, **more) for version in range(1, events + 1))) for each in ids],
        )

    def sealer(self) -> Sealer:
        return Sealer(self.connection, lambda: self.keys, self.file)

    def seal(self) -> Sealer:
        """Seal all there is, by a sealer that starts now."""
        sealer = self.sealer()
        while sealer.step():
            pass
        return sealer

    def grow(self, *sizes: int) -> None:
        """A checkpoint after each of so many events."""
        for size in sizes:
            self.append(size)
            self.seal()

    def leaves(self) -> list[bytes]:
        rows = self.owner.execute("SELECT log.leaf_bytes(e) FROM log.events e ORDER BY position").fetchall()
        return [leaf for (leaf,) in rows]

    def asked(self, query: Any, params: Any = None) -> list[Any]:
        return self.owner.execute(query, params).fetchall()

    def close(self) -> None:
        self.connection.close()
        self.owner.close()


@pytest.fixture
def log(fresh_database: Database, tmp_path: Path) -> Iterator[SealedLog]:
    """An empty one."""
    log = SealedLog(fresh_database, tmp_path)
    yield log
    log.close()


@pytest.fixture
def as_superuser(postgres: Any, log: SealedLog) -> Iterator[Callable[..., None]]:
    """What nobody can keep the owner of the whole server from: statements with every guard of ours switched off."""
    with psycopg.connect(postgres.admin_url(log.database), autocommit=True) as connection:
        for table in ("log.events", "log.number_series", "seals.checkpoints", "seals.keys", "seals.tiles"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")

        def run(*statements: str) -> None:
            for statement in statements:
                connection.execute(statement)

        yield run
