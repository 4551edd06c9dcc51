"""Some orders on their way in together: every step is one request for all of them.

An order is placed first. A fresh one gets the whole of its life; of one that is known what is missing is asked from the
server and added, so that a second run changes nothing and a later export adds what is new. No order is ever called
taken that was not, and no money given back by guessing what its invoices came to.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from daybook.importing.client import Courier, Reply
from daybook.importing.lines import Line
from daybook.importing.moving.presence import changed, path_of, present_of
from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.planning import Command, Plan, Present

KNOWN = {"idempotency_key_reused", "duplicate_external_reference", "duplicate_order_number"}

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class Moving:
    """One order, and what came of it so far."""

    order: SourceOrder
    plan: Plan
    present: Present = field(default_factory=Present)
    known: bool = False  # whether it was there before
    otherwise: Json | None = None  # the body of its placing, where that is not the one it was placed with
    commands: int = 0
    problems: list[Json] = field(default_factory=list)
    given_up: str = ""

    @property
    def result(self) -> str:
        """How it ended: new, added to, unchanged, incomplete, refused."""
        if self.given_up or self.problems:
            return self.given_up or "incomplete"
        if not self.known:
            return "new"
        return "added to" if self.commands > 1 else "unchanged"

    def shown(self, detail: Json) -> None:
        """Takes what is there of it."""
        self.present = present_of(detail)
        if self.otherwise is not None:
            names = ", ".join(name.replace("_", " ") for name in changed(self.otherwise, detail))
            self.order.notes.differs.append(f"{names or 'what it says itself'} changed: it stays as it was first taken")
            self.otherwise = None

    def refused(self, command: Command, reply: Reply) -> None:
        said = {name: reply.body[name] for name in ("detail", "errors") if reply.body.get(name)}
        named = {"command": command.path.rpartition("/")[2], "key": command.key}
        self.problems.append(named | {"status": reply.status, "code": reply.code} | said)


class Batch:
    """Orders of one store that are moved by one courier; ``position`` is the last of the log that they came to."""

    def __init__(self, orders: Iterable[SourceOrder], store: str, courier: Courier) -> None:
        self.orders = [Moving(order, Plan(order, store)) for order in orders]
        self.position = 0
        self._courier = courier

    def move(self) -> Sequence[Moving]:
        """Each order with what came of it. Raises ImportStopped as the courier does."""
        for each, command, reply in self._post(lambda plan, _: [plan.place()]):
            _placed(each, command, reply)
        self._look(each for each in self._going() if each.known)
        self._add(Plan.rest)
        self._look(each for each in self._going() if each.order.refunds and each.commands > 1)
        self._add(Plan.after_all)
        return self.orders

    def _going(self) -> list[Moving]:
        return [each for each in self.orders if not each.given_up]

    def _look(self, orders: Iterable[Moving]) -> None:
        """Asks what is there of them."""
        for each in orders:
            there = self._courier.ask(path_of(each.plan.order_id))
            if there.accepted:
                each.shown(there.body)
            else:
                each.given_up = "incomplete"
                each.refused(each.plan.place(), there)

    def _add(self, missing: "Missing") -> None:
        for each, command, reply in self._post(missing):
            if not reply.accepted:
                each.refused(command, reply)

    def _post(self, commands_of: "Missing") -> Iterator[tuple[Moving, Command, Reply]]:
        """Each command with its answer; those of an order are done one after another."""
        posted: dict[Line, tuple[Moving, Command]] = {}
        orders: list[list[Line]] = []
        for each in self._going():
            commands = list(commands_of(each.plan, each.present))
            lines = [_line(command) for command in commands]
            posted.update(zip(lines, ((each, command) for command in commands), strict=True))
            each.commands += len(lines)
            orders.append(lines)
        for line, reply in self._courier.deliver(orders):
            position = reply.body.get("position")
            if isinstance(position, int):
                self.position = max(self.position, position)
            yield *posted[line], reply


Missing = Callable[[Plan, Present], Iterable[Command]]
"""The commands of an order that are still missing."""


def _placed(each: Moving, command: Command, reply: Reply) -> None:
    each.known = reply.replayed or not reply.accepted
    if reply.accepted:
        return
    if _is_ours(reply, each.plan):
        each.otherwise = command.body
    else:
        each.given_up = "refused"
        each.refused(command, reply)


def _is_ours(reply: Reply, plan: Plan) -> bool:
    """Whether it was refused because it is there: under its key, or as the holder of its number or reference."""
    holder = reply.body.get("order_id")
    return reply.code in KNOWN and (reply.code == "idempotency_key_reused" or holder == str(plan.order_id))


def _line(command: Command) -> Line:
    body = msgspec.json.encode(command.body)
    return Line(0, len(body), command.path, command.key, body, None, ())
