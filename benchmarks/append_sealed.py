"""What sealing costs those who append: a sealer that follows the log, as `daybook seal` does, while they write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import psycopg

from adapters.seals.checkpoint_file import CheckpointFile
from adapters.seals.key_file import KeyFile
from daybook.run.sealing import Outside, follow
from eventstore.seals.sealer import Sealer

_BEHIND = """
    SELECT coalesce((SELECT max(position) FROM log.events), 0) - coalesce((SELECT max(size) FROM seals.checkpoints), 0)
"""


class SealedMeanwhile:
    """Lets something be written while the log is sealed; ``behind`` is what was unsealed at the end, each time."""

    def __init__(self, app_url: str, folder: Path) -> None:
        self._app_url = app_url
        self._keys = KeyFile(folder / "seal.key")
        self._keys.create("bench")
        self._outside = Outside(CheckpointFile(folder / "checkpoints.txt"), None)
        self.behind: list[int] = []

    def __call__(self, write: Callable[[], list[float]]) -> list[float]:
        """What ``write`` gives; what others wrote before is sealed first, and not counted."""
        with psycopg.connect(self._app_url, autocommit=True) as connection, ThreadPoolExecutor(1) as side:
            sealer = Sealer(connection, self._keys.signing, self._outside)
            while sealer.step():
                pass
            stop = Event()
            sealing = side.submit(follow, connection, self._keys, self._outside, stop)
            try:
                return write()
            finally:
                stop.set()
                sealing.result()
                self.behind.append(self._unsealed(connection))

    @staticmethod
    def _unsealed(connection: psycopg.Connection[tuple[int]]) -> int:
        row = connection.execute(_BEHIND).fetchone()
        return row[0] if row else 0


@contextmanager
def sealed_meanwhile(app_url: str) -> Iterator[SealedMeanwhile]:
    """A sealer with a key and a file of checkpoints of its own."""
    with TemporaryDirectory() as folder:
        yield SealedMeanwhile(app_url, Path(folder))
