"""What processes use, as /proc says it: processor time, and memory in the share that is theirs (PSS)."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")
Clock = Callable[[], float]

_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE_SECONDS = 0.1
_BUSY, _THERE = "busy", "there"


def family(pid: int) -> list[int]:
    """A process and all its descendants that live now."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        if (fields := _stat(int(entry.name))) is not None:
            children[int(fields[1])].append(int(entry.name))
    found = [pid]
    for member in found:
        found += children[member]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that these processes have used, their ended children included."""
    used = 0
    for pid in pids:
        if (fields := _stat(pid)) is not None:
            used += sum(map(int, fields[11:15]))
    return used / _TICKS


def pss_mib(pids: Iterable[int]) -> float:
    """Memory of these processes in MiB: private pages, and of shared ones their share."""
    return sum(map(_pss_kib, pids)) / 1024


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third on (state, parent, ...)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


class Peak:
    """The most memory that processes use together at one time while the block lasts, and the most of any one of them.

    ``pids`` is asked anew for every sample, so processes may come and go.
    """

    def __init__(self, pids: Callable[[], Iterable[int]], every_seconds: float = _SAMPLE_SECONDS) -> None:
        self._pids = pids
        self._every_seconds = every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak", daemon=True)
        self.together_mib = 0.0
        self.largest_mib = 0.0

    def _watch(self) -> None:
        while not self._stop.wait(self._every_seconds):
            each = [pss_mib([pid]) for pid in self._pids()]
            self.together_mib = max(self.together_mib, sum(each))
            self.largest_mib = max(self.largest_mib, *each, 0.0)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()


class Costs:
    """Processor time of some groups of processes while one contender works, summed over its rounds.

    ``clocks`` tell the seconds that each group has used so far.
    """

    def __init__(self, clocks: Mapping[str, Clock]) -> None:
        self._clocks = dict(clocks)
        self._used = dict.fromkeys([*clocks, _BUSY, _THERE], 0.0)
        self._units = 0.0

    def metered(self, work: Callable[[], T], units: Callable[[T], float]) -> Callable[[], T]:
        """The same work, metered; ``units`` tells from what it returns how much was done."""

        def run() -> T:
            before = self._read()
            done = work()
            for name, now in self._read().items():
                self._used[name] += now - before[name]
            self._units += units(done)
            return done

        return run

    def _read(self) -> dict[str, float]:
        return {name: clock() for name, clock in self._clocks.items()} | _machine()

    def told(self, unit: str) -> str:
        """Where the time went, in a sentence; ``unit`` is what was counted."""
        each = ", ".join(f"{name} {self._used[name] / self._units * 1e6:,.1f} us" for name in self._clocks)
        busy = self._used[_BUSY] / self._used[_THERE]
        return f"processor time per {unit}: {each}; {busy:.0%} of the {os.cpu_count()} cores were busy"


def clock_of(*pids: int) -> Clock:
    """The processor time of these processes and their descendants."""
    return lambda: cpu_seconds({member for pid in pids for member in family(pid)})


def own_clock() -> float:
    """The processor time of this process and of its descendants that have ended."""
    return sum(os.times()[:4])


def _machine() -> dict[str, float]:
    """Ticks of all processors together. Waiting for a disk is not being busy."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    return {_BUSY: float(sum(ticks) - ticks[3] - ticks[4]), _THERE: float(sum(ticks))}
