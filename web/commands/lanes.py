"""Side by side, and each order in its order: lanes that work off the lines of one bulk request.

Lines of one order go into one lane, one after the other; different orders go side by side, so that they share a commit.
What concerns several orders, or names none, waits until everything before it is done, and everything after waits for
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from threading import Condition, Event, Thread
from typing import Any
from uuid import UUID

from application.command_type import CommandType
from domain.document_kinds import READABLE
from web.commands.bulk_lines import Line

LANES = 48
OUTSTANDING_MAX = 256
_OF_AN_ORDER = [kind for kind in READABLE if not kind.spans]
CHOSEN = tuple(kind.id_name for kind in _OF_AN_ORDER)
OF_AN_ORDER = frozenset(kind.collection for kind in _OF_AN_ORDER)

PartitionsOf = Callable[[Sequence[UUID]], Mapping[UUID, UUID]]
"""By the id of an order or a document of one: the order's."""
Work = Callable[[], None]


def nothing_known(_: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """Where nobody knows which document belongs to which order."""
    return {}


class Orders:
    """Which order a line belongs to, as far as can be told: by its path, by the log, or by a line before it."""

    def __init__(self, partitions_of: PartitionsOf) -> None:
        self._partitions_of = partitions_of
        self._known: dict[UUID, UUID] = {}

    def of(self, line: Line, number: int) -> UUID | int | None:
        """The order, something of its own for a new one, None where a line may concern several."""
        command: CommandType[Any] = line.route.command
        if line.target is None:
            return self._chosen(line, None) or number if command.name == "orders" else None
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


class Lanes:
    """Threads of one request. ``stopped`` ends them between two pieces of work."""

    def __init__(self, stopped: Event, lanes: int = LANES) -> None:
        self._stopped = stopped
        self._queues: list[SimpleQueue[Work | None]] = [SimpleQueue() for _ in range(lanes)]
        self._next = 0
        self._lane_of: dict[UUID | int, int] = {}
        self._outstanding = 0
        self._done = Condition()
        for number, queue in enumerate(self._queues):
            Thread(target=self._work, args=[queue], name=f"bulk-{number}", daemon=True).start()

    def put(self, order: UUID | int | None, work: Work) -> None:
        """Have it worked off after everything of the same order; after everything at all where there is none."""
        if order is None:
            self.drain()
            self._run(work)
            return
        self._until(OUTSTANDING_MAX)
        with self._done:
            self._outstanding += 1
        lane = self._lane_of.setdefault(order, self._next)
        self._next = (self._next + 1) % len(self._queues)
        self._queues[lane].put(work)

    def drain(self) -> None:
        """Wait until everything is done."""
        self._until(1)

    def close(self) -> None:
        """Let the threads end when they are done."""
        for queue in self._queues:
            queue.put(None)

    def _until(self, below: int) -> None:
        with self._done:
            self._done.wait_for(lambda: self._outstanding < below)

    def _work(self, queue: SimpleQueue[Work | None]) -> None:
        while (work := queue.get()) is not None:
            self._run(work)
            with self._done:
                self._outstanding -= 1
                self._done.notify_all()

    def _run(self, work: Work) -> None:
        if not self._stopped.is_set():
            work()
