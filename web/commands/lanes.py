"""Side by side, and each order in its order: whose turn it is among the lines of one bulk request.

Lines of one order go into one lane, one after the other; of different orders the first lines are taken together, so
that they are decided and recorded together. What concerns several orders, or names none, waits until everything before
it is done, and everything after waits for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Condition, Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from application.command_type import CommandType
from domain.document_kinds import READABLE
from web.commands.bulk_lines import Line

OUTSTANDING_MAX = 256
_OF_AN_ORDER = [kind for kind in READABLE if not kind.spans]
CHOSEN = tuple(kind.id_name for kind in _OF_AN_ORDER)
OF_AN_ORDER = frozenset(kind.collection for kind in _OF_AN_ORDER)

T = TypeVar("T")

PartitionsOf = Callable[[Sequence[UUID]], Mapping[UUID, UUID]]
"""By the id of an order or a document of one: the order's."""
Name = UUID | int
"""Of a lane: an order, or something of its own for one that is only being placed."""


def nothing_known(_: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """Where nobody knows which document belongs to which order."""
    return {}


class Orders:
    """Which order a line belongs to, as far as can be told: by its path, by the log, or by a line before it."""

    def __init__(self, partitions_of: PartitionsOf) -> None:
        self._partitions_of = partitions_of
        self._known: dict[UUID, UUID] = {}

    def of(self, line: Line) -> Name | None:
        """The order, something of its own for a new one, None where a line may concern several."""
        command: CommandType[Any] = line.route.command
        if line.target is None:
            return self._chosen(line, None) or line.number if command.name == "orders" else None
        if command.area not in OF_AN_ORDER:
            return None
        order = self._order(line.target, command.area)
        if order is not None:
            self._chosen(line, order)
        return order

    def _order(self, target: UUID, area: str) -> UUID | None:
        if area == "orders":
            return target
        if target not in self._known:
            self._known |= self._partitions_of([target])
        return self._known.get(target)

    def _chosen(self, line: Line, order: UUID | None) -> UUID | None:
        """Note the ids that a line chooses for what it makes; those belong to its order."""
        if not isinstance(line.body, dict):
            return order
        for name in CHOSEN:
            try:
                chosen = UUID(line.body[name])
            except (KeyError, ValueError, TypeError, AttributeError):
                continue
            order = order or chosen
            self._known[chosen] = order
        return order


class Lanes(Generic[T]):
    """What one reader puts in, and workers take out: of each lane the first alone, until it is done. Thread-safe."""

    def __init__(self) -> None:
        self._lanes: dict[Name, deque[T]] = {}
        self._ready: deque[Name] = deque()
        self._outstanding = 0
        self._ended = False
        lock = Lock()
        self._may_take, self._may_put = Condition(lock), Condition(lock)

    def put(self, name: Name, line: T) -> None:
        """Let it be taken after everything of its lane; waits while there is too much."""
        self._until(OUTSTANDING_MAX)
        with self._may_take:
            self._outstanding += 1
            lane = self._lanes.get(name)
            if lane is not None:
                lane.append(line)
                return
            self._lanes[name] = deque([line])
            self._ready.append(name)
            self._may_take.notify()

    def take(self, most: int) -> list[tuple[Name, T]]:
        """The first line of each of at most so many lanes, once there is any; none at all when it is over."""
        with self._may_take:
            self._may_take.wait_for(lambda: self._ready or self._ended)
            if self._ended:
                return []
            names = [self._ready.popleft() for _ in range(min(most, len(self._ready)))]
            return [(name, self._lanes[name][0]) for name in names]

    def done(self, names: Iterable[Name]) -> None:
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
