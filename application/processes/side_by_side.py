"""A few things at once, for processes that wait for others: what is slow holds up nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread


class SideBySide:
    """So many things at once, each in a thread; of one holder one at a time. Thread-safe.

    After `close` it may be begun with anew: a worker that loses its place gets it again.
    """

    def __init__(self, name: str, at_once: int) -> None:
        self._name = name
        self._at_once = at_once
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None
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
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._at_once, thread_name_prefix=self._name)
            future = self._pool.submit(do)
            self._holders.add(holder)
        future.add_done_callback(lambda _: self._forget(holder))  # also of what was never begun
        return True

    def _forget(self, holder: object) -> None:
        with self._lock:
            self._holders.discard(holder)

    def close(self, timeout_seconds: float | None = None) -> None:
        """Begin nothing that waits, and wait for what is under way, no longer than a time if one is given."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            ended = Thread(target=pool.shutdown, kwargs={"cancel_futures": True})
            ended.start()
            ended.join(timeout_seconds)
