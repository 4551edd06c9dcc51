"""How much room is left where Daybook's data lies, and what that means: a warning first, then no more commands.

A database that has run out of room stops in the middle of a write and does not come back before there is some. So
commands are refused while there is still enough left for everything that is under way.
"""

import os
import time
from pathlib import Path
from typing import Self

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from daybook.settings import Settings

TOLD_FOR_SECONDS = 1.0
_MB = 2**20


class Storage:
    """The free room of the file system that ``path`` lies on. ``warn_mb`` and ``stop_mb`` of 0 are never reached.

    Thread-safe; asks the system once a second at most.
    """

    def __init__(self, path: Path, warn_mb: int, stop_mb: int) -> None:
        self._path = path
        self._warn = warn_mb * _MB
        self._stop = stop_mb * _MB
        self._told = (0.0, 2**63)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The room in Daybook's home; of a database of somebody else's nothing is known."""
        data = settings.home / "postgres"  # which may be a link to another disk
        path = data if settings.embedded and data.exists() else settings.home
        return cls(path, settings.disk_warn_mb, settings.disk_stop_mb if settings.embedded else 0)

    def has_room(self) -> bool:
        """Whether commands are taken."""
        return self.free_bytes() >= self._stop

    def free_bytes(self) -> int:
        """How much our user may still write."""
        until, free = self._told
        now = time.monotonic()
        if now >= until:
            try:
                system = os.statvfs(self._path)
                free = system.f_bavail * system.f_frsize
            except OSError:
                free = 2**63  # who cannot be asked keeps nobody from working
            self._told = (now + TOLD_FOR_SECONDS, free)
        return free

    def level(self) -> str:
        """In a word: "enough", "low", or "none" when commands are refused."""
        free = self.free_bytes()
        if free < self._stop:
            return "none"
        return "low" if free < self._warn else "enough"

    def warning(self) -> str | None:
        """What somebody has to know, in a sentence."""
        level, free = self.level(), self.free_bytes()
        if level == "enough":
            return None
        told = f"{free // _MB} MB are free on the disk of {self._path}"
        if level == "none":
            return f"Commands are refused: {told}, and {self._stop // _MB} MB are needed (DISK_STOP_MB)."
        return f"Only {told}: below {self._stop // _MB} MB commands are refused (DISK_STOP_MB)."

    def metrics(self) -> bytes:
        """The same as a figure, in Prometheus' text format."""
        registry = CollectorRegistry()
        Gauge("daybook_disk_free_bytes", "Free room where the data lies", registry=registry).set(self.free_bytes())
        return generate_latest(registry)
