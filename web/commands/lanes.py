"""Side by side, and each order in its order: whose turn it is among many commands.

Lines of one order go into one lane, one after the other; of different orders the first lines are taken together, so
that they are sent, decided and recorded together. What concerns several orders, or names none, waits until everything
before it is done, and everything after waits for it: `drain`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from threading import Condition, Lock
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)
T = TypeVar("T")


class Lanes(Generic[N, T]):
    """What one reader puts in, and workers take out: of each lane the first alone, until it is done. Thread-safe.

    ``outstanding_max`` is how many lines may be under way before putting in another waits.
    """

    def __init__(self, outstanding_max: int) -> None:
        self._outstanding_max = outstanding_max
        self._lanes: dict[N, deque[T]] = {}
        self._ready: deque[N] = deque()
        self._outstanding = 0
        self._ended = False
        lock = Lock()
        self._may_take, self._may_put = Condition(lock), Condition(lock)

    def put(self, name: N, line: T) -> None:
        """Let it be taken after everything of its lane; waits while there is too much."""
        self._until(self._outstanding_max)
        with self._may_take:
            self._outstanding += 1
            lane = self._lanes.get(name)
            if lane is not None:
                lane.append(line)
                return
            self._lanes[name] = deque([line])
            self._ready.append(name)
            self._may_take.notify()

    def take(self, most: int) -> list[tuple[N, T]]:
        """The first line of each of at most so many lanes, once there is any; none at all when it is over."""
        with self._may_take:
            self._may_take.wait_for(lambda: self._ready or self._ended)
            if self._ended:
                return []
            names = [self._ready.popleft() for _ in range(min(most, len(self._ready)))]
            return [(name, self._lanes[name][0]) for name in names]

    def done(self, names: Iterable[N]) -> None:
        """The first line of each of these lanes is done, and the next may be taken."""
        with self._may_take:
            for name in names:
                self._outstanding -= 1
                lane = self._lanes[name]
                lane.popleft()
                if lane:
                    self._ready.append(name)
                else:
                    del self._lanes[name]
            self._may_take.notify_all()
            self._may_put.notify_all()

    def drain(self) -> None:
        """Wait until everything is done, or it is over."""
        self._until(1)

    def end(self) -> None:
        """It is over: nothing more is taken."""
        with self._may_take:
            self._ended = True
            self._may_take.notify_all()
            self._may_put.notify_all()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._ended

    def _until(self, below: int) -> None:
        with self._may_put:
            self._may_put.wait_for(lambda: self._ended or self._outstanding < below)
