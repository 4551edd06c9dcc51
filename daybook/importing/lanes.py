"""Who may go next: the commands of one order one after another, those of different orders side by side.

A lane holds the waiting lines of one order and belongs to one worker at a time. A line that names only a shipment or
an invoice runs in the lane of the order whose earlier line introduced that id. A line that concerns more than one
order waits for everything before it, and everything after it waits for it. Memory is bounded: `put` waits while
`window` lines are under way, and the oldest of `REMEMBERED` introductions is forgotten first.
"""

from collections import deque
from dataclasses import dataclass, field
from threading import Condition, Lock

from daybook.importing.lines import Line

REMEMBERED = 100_000


@dataclass(slots=True)
class Lane:
    """The lines of one order that are under way; the first of them is being posted."""

    name: str
    lines: deque[Line] = field(default_factory=deque)


class Lanes:
    """Hands lines from one reader to many workers."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._under_way = 0
        self._alone = False
        self._ended = False
        self._stopped = False
        self._lanes: dict[str, Lane] = {}
        self._ready: deque[Lane] = deque()
        self._lane_of: dict[str, str] = {}
        lock = Lock()
        self._may_put = Condition(lock)
        self._may_take = Condition(lock)

    def put(self, line: Line) -> bool:
        """Waits for room, then lets the line wait its turn; False once everything was stopped."""
        alone = not line.concerns_one_order
        with self._may_put:
            self._may_put.wait_for(lambda: self._stopped or self._has_room(alone))
            if self._stopped:
                return False
            self._alone = alone
            self._under_way += 1
            name = self._name_of(line)
            lane = self._lanes.get(name)
            if lane is None:
                lane = self._lanes[name] = Lane(name)
                self._ready.append(lane)
                self._may_take.notify()
            lane.lines.append(line)
            return True

    def take(self, finished: Lane | None) -> Lane | None:
        """Ends the first line of the lane this worker held and answers the lane to go on with, None at the end."""
        with self._may_take:
            if finished is not None and self._goes_on(finished):
                return None if self._stopped else finished
            self._may_take.wait_for(lambda: self._ready or self._ended or self._stopped)
            return self._ready.popleft() if self._ready and not self._stopped else None

    def end(self) -> None:
        """No more lines will come; the workers finish what is under way."""
        with self._may_take:
            self._ended = True
            self._may_take.notify_all()

    def stop(self) -> None:
        """Nothing more is handed out; what a worker is posting now is its last."""
        with self._may_take:
            self._stopped = True
            self._may_take.notify_all()
            self._may_put.notify_all()

    def _has_room(self, alone: bool) -> bool:
        return self._under_way == 0 if alone or self._alone else self._under_way < self._window

    def _goes_on(self, lane: Lane) -> bool:
        lane.lines.popleft()
        self._under_way -= 1
        self._may_put.notify()
        if not lane.lines:
            del self._lanes[lane.name]
        return bool(lane.lines)

    def _name_of(self, line: Line) -> str:
        subject = line.subject or f"line {line.number}"
        name = self._lane_of.get(subject, subject)
        for introduced in line.introduces:
            self._lane_of[introduced] = name
        while len(self._lane_of) > REMEMBERED:
            del self._lane_of[next(iter(self._lane_of))]
        return name
