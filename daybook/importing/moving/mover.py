"""Moves orders into a running server: this thread reads, workers post, an order belongs to one worker.

A refused command is written into the report of its order, and the import goes on.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from typing import Any, BinaryIO

import msgspec

from daybook.importing.client import Courier, ImportStopped, Server
from daybook.importing.moving.batch import Batch, Moving
from daybook.importing.moving.expectations import Expectations
from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.planning import Command, Plan
from daybook.importing.sources.reading import RefusedOrder

# So many does the server decide together.
ORDERS_AT_ONCE = 48
WAIT_SECONDS = 0.2

Json = dict[str, Any]


@dataclass(slots=True)
class Moved:
    """What has come of it so far, by how orders ended: new, added to, unchanged, incomplete, refused."""

    results: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    last_position: int = 0
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    stopped_because: str = ""

    @property
    def orders(self) -> int:
        return self.results.total()

    @property
    def seconds(self) -> float:
        return max((self.ended or time.monotonic()) - self.started, 1e-6)

    @property
    def complete(self) -> bool:
        return not self.results["refused"] and not self.results["incomplete"] and not self.stopped_because


Progress = Callable[[Moved], None]


class Mover:
    """One run: ``store`` is where the orders go, ``report`` gets a line of JSON per order."""

    def __init__(
        self,
        server: Server,
        *,
        store: str,
        connections: int,
        report: BinaryIO,
        expected: Expectations,
        progress: Progress,
    ) -> None:
        self._server = server
        self._store = store
        self._connections = connections
        self._report = report
        self._expected = expected
        self._progress = progress
        self._waiting: Queue[Sequence[SourceOrder] | None] = Queue(connections)
        self._stopping = Event()
        self._writing = Lock()
        self.moved = Moved()

    def run(self, orders: Iterable[SourceOrder | RefusedOrder]) -> Moved:
        workers = [Thread(target=self._work, daemon=True) for _ in range(self._connections)]
        for worker in workers:
            worker.start()
        try:
            self._read(orders)
            for _ in workers:
                self._put(None)
        except BaseException:
            self._stop("Interrupted. Run the import again: what was done is not done twice.")
            raise
        finally:
            for worker in workers:
                worker.join()
            self._report.flush()
            self.moved.ended = time.monotonic()
        return self.moved

    def _read(self, orders: Iterable[SourceOrder | RefusedOrder]) -> None:
        batch: list[SourceOrder] = []
        for order in orders:
            if isinstance(order, RefusedOrder):
                self._refused(order)
                continue
            batch.append(order)
            if len(batch) == ORDERS_AT_ONCE:
                if not self._put(batch):
                    return
                batch = []
        self._put(batch)

    def _put(self, batch: Sequence[SourceOrder] | None) -> bool:
        while not self._stopping.is_set():
            try:
                self._waiting.put(batch, timeout=WAIT_SECONDS)
            except Full:
                continue
            return True
        return False

    def _take(self) -> Sequence[SourceOrder] | None:
        while not self._stopping.is_set():
            try:
                return self._waiting.get(timeout=WAIT_SECONDS)
            except Empty:
                continue
        return None

    def _stop(self, why: str) -> None:
        self.moved.stopped_because = self.moved.stopped_because or why
        self._stopping.set()

    def _work(self) -> None:
        courier = Courier(self._server, self._stopping)
        try:
            while (orders := self._take()) is not None:
                self._move(Batch(orders, self._store, courier))
        except ImportStopped as stopped:
            self._stop(str(stopped))
        except BaseException as error:
            self._stop(f"The import failed: {error!r}")
            raise
        finally:
            courier.close()

    def _move(self, batch: Batch) -> None:
        for each in batch.move():
            if each.result != "refused":
                self._expected.expect(each.plan.order_id, each.order)
            self._tell(each)
        with self._writing:
            self.moved.last_position = max(self.moved.last_position, batch.position)

    def _tell(self, each: Moving) -> None:
        order, notes = each.order, each.order.notes.as_dict()
        told: Json = {"order_number": order.number, "place": str(order.place), "result": each.result} | notes
        self._write(told | ({"refused": each.problems} if each.problems else {}))
        with self._writing:
            self.moved.results[each.result] += 1
            self.moved.commands += each.commands
            self.moved.refused.update((problem["status"], problem["code"]) for problem in each.problems)
            self.moved.noted.update(notes.keys())
            self._progress(self.moved)

    def _refused(self, order: RefusedOrder) -> None:
        place = str(order.place)
        self._write({"order_number": order.number, "place": place, "result": "refused", "reason": order.reason})
        with self._writing:
            self.moved.results["refused"] += 1
            self._progress(self.moved)

    def _write(self, told: Json) -> None:
        with self._writing:
            self._report.write(msgspec.json.encode(told) + b"\n")


def commands_of(orders: Iterable[SourceOrder | RefusedOrder], store: str) -> Iterator[Command]:
    """What would be posted to a Daybook that has none of the orders."""
    for order in orders:
        if isinstance(order, SourceOrder):
            yield from Plan(order, store).whole()


def json_line(command: Command) -> bytes:
    """A line of a file that `daybook import` takes."""
    return msgspec.json.encode({"command": command.path, "key": command.key, "body": command.body}) + b"\n"
