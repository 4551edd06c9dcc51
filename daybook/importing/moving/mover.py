"""Moves orders into a running server: this thread reads, workers post, one order belongs to one worker.

An order is placed first. A fresh one gets the whole of its life; of one that is known what is missing is asked from the
server and added, so that a second run changes nothing and a later export adds what is new. A refused command is written
into the report of its order, and the import goes on; no order is ever called taken that was not.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from typing import Any, BinaryIO

import msgspec

from daybook.importing.client import Courier, ImportStopped, Reply, Server
from daybook.importing.lines import Line
from daybook.importing.moving.expectations import Expectations
from daybook.importing.moving.presence import path_of, present_of
from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.planning import Command, Plan, Present
from daybook.importing.sources.reading import RefusedOrder

ORDERS_UNDER_WAY_PER_CONNECTION = 4
WAIT_SECONDS = 0.2
KNOWN = {"idempotency_key_reused", "duplicate_external_reference", "duplicate_order_number"}

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
        self._waiting: Queue[SourceOrder | None] = Queue(connections * ORDERS_UNDER_WAY_PER_CONNECTION)
        self._stopping = Event()
        self._writing = Lock()
        self.moved = Moved()

    def run(self, orders: Iterable[SourceOrder | RefusedOrder]) -> Moved:
        workers = [Thread(target=self._work, daemon=True) for _ in range(self._connections)]
        for worker in workers:
            worker.start()
        try:
            for order in orders:
                if isinstance(order, RefusedOrder):
                    self._refused(order)
                elif not self._put(order):
                    break
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

    def _put(self, order: SourceOrder | None) -> bool:
        while not self._stopping.is_set():
            try:
                self._waiting.put(order, timeout=WAIT_SECONDS)
            except Full:
                continue
            return True
        return False

    def _take(self) -> SourceOrder | None:
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
            while (order := self._take()) is not None:
                self._move(order, courier)
        except ImportStopped as stopped:
            self._stop(str(stopped))
        except BaseException as error:
            self._stop(f"The import failed: {error!r}")
            raise
        finally:
            courier.close()

    def _move(self, order: SourceOrder, courier: Courier) -> None:
        plan = Plan(order, self._store)
        place = plan.place()
        reply = courier.deliver(_line(place))
        if not reply.accepted and not _is_ours(reply, plan):
            self._tell(order, "refused", 1, [_problem(place, reply)])
            return
        self._saw(reply)
        self._expected.expect(plan.order_id, order)
        present = Present()
        if reply.replayed or not reply.accepted:
            there = courier.ask(path_of(plan.order_id))
            if not there.accepted:
                self._tell(order, "incomplete", 1, [_problem(place, there)])
                return
            present = present_of(there.body)
            if not reply.accepted:
                order.notes.differs.append("what the order itself says has changed: it stays as it was first taken")
        commands = list(plan.rest(present))
        problems = [*self._post(commands, courier)]
        if order.refunds and commands:  # what each invoice came to, only Daybook knows
            there = courier.ask(path_of(plan.order_id))
            if not there.accepted:  # nothing is given back by guessing
                self._tell(order, "incomplete", len(commands) + 1, [*problems, _problem(place, there)])
                return
            present = replace(present_of(there.body), there=present.there)
        late = list(plan.after_all(present))
        problems += self._post(late, courier)
        known = "added to" if commands or late else "unchanged"
        count = 1 + len(commands) + len(late)
        self._tell(order, "incomplete" if problems else known if present.there else "new", count, problems)

    def _post(self, commands: Iterable[Command], courier: Courier) -> Iterator[Json]:
        """Posts them one after another; gives what was refused."""
        for command in commands:
            answer = courier.deliver(_line(command))
            self._saw(answer)
            if not answer.accepted:
                yield _problem(command, answer)

    def _saw(self, reply: Reply) -> None:
        position = reply.body.get("position")
        if isinstance(position, int):
            with self._writing:
                self.moved.last_position = max(self.moved.last_position, position)

    def _tell(self, order: SourceOrder, result: str, commands: int, problems: list[Json]) -> None:
        notes = order.notes.as_dict()
        told: Json = {"order_number": order.number, "place": str(order.place), "result": result} | notes
        self._write(told | ({"refused": problems} if problems else {}))
        with self._writing:
            self.moved.results[result] += 1
            self.moved.commands += commands
            self.moved.refused.update((problem["status"], problem["code"]) for problem in problems)
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


def _line(command: Command) -> Line:
    body = msgspec.json.encode(command.body)
    return Line(0, len(body), command.path, command.key, body, None, ())


def _is_ours(reply: Reply, plan: Plan) -> bool:
    """Whether it was refused because it is there: under its key, or as the holder of its number or reference."""
    holder = reply.body.get("order_id")
    return reply.code in KNOWN and (reply.code == "idempotency_key_reused" or holder == str(plan.order_id))


def _problem(command: Command, reply: Reply) -> Json:
    said = {name: reply.body[name] for name in ("detail", "errors") if reply.body.get(name)}
    named = {"command": command.path.rpartition("/")[2], "key": command.key}
    return named | {"status": reply.status, "code": reply.code} | said
