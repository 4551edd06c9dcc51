"""A few things at once, for processes that wait for others: what is slow holds up nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread


class SideBySide:
    """So many things at once, each in a thread; of one holder one at a time. Thread-safe."""

    def __init__(self, name: str, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._lock = Lock()
        self._holders: set[object] = set()

    @property
    def under_way(self) -> int:
        """How many are under way."""
        with self._lock:
            return len(self._holders)

    def start(self, holder: object, do: Callable[[], None]) -> bool:
        """Have something done that raises nothing; False while something of the same holder is under way."""
        with self._lock:
            if holder in self._holders:
                return False
            self._holders.add(holder)
        self._pool.submit(self._done, holder, do)
        return True

    def _done(self, holder: object, do: Callable[[], None]) -> None:
        try:
            do()
        finally:
            with self._lock:
                self._holders.discard(holder)

    def close(self, timeout_seconds: float | None = None) -> None:
        """Start nothing more and wait for what is under way, no longer than a time if one is given."""
        ended = Thread(target=self._pool.shutdown, kwargs={"cancel_futures": True})
        ended.start()
        ended.join(timeout_seconds)
