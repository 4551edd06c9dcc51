"""A cheap client: one process, one thread, many keep-alive connections, and a few microseconds for each request.

It shares the machine with the servers it measures, so it must cost far less than they do: requests are bytes made
beforehand, of an answer only status, length and end are looked at. It must never be the limit.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from types import TracebackType
from typing import Self

CONNECTIONS = 32
TIMEOUT_SECONDS = 30.0
_LENGTH = b"content-length:"

# One after the other over one connection, each once the one before was answered.
Script = list[bytes]
Scripts = Callable[[int], Script]


@dataclass(slots=True)
class Answers:
    """What came back within the time: seconds of each answer, and how many there were of each status."""

    seconds: list[float] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)  # when each was answered, on the system's monotonic clock
    names: list[int] = field(default_factory=list)  # of which script each is
    statuses: Counter[int] = field(default_factory=Counter)
    duration: float = 0.0
    used: int = 0  # scripts that were begun

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.duration

    def require(self, *statuses: int) -> Answers:
        """Refuse figures of a server that did something else than what was asked."""
        others = {status: count for status, count in self.statuses.items() if status not in statuses}
        if others or not self.seconds:
            raise AssertionError(f"answers were {dict(self.statuses)}, expected {statuses}")
        return self


class _Connection:
    """One keep-alive connection: the request under way and what was received of its answer."""

    __slots__ = ("_buffer", "_socket", "name", "script", "sent")

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self.script: Iterator[bytes] = iter(())
        self.name = 0
        self.sent = 0.0

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, request: bytes) -> None:
        self.sent = time.monotonic()
        self._socket.sendall(request)

    def receive(self) -> int | None:
        """The status of the answer once all of it is there."""
        received = self._socket.recv(262_144)
        if not received:
            raise ConnectionError("the server closed the connection")
        self._buffer += received
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._buffer[:end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].partition(b"\r\n")[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return None
        self._buffer = b""
        return int(head[9:12])

    def close(self) -> None:
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Job:
    """What to send where: as fast as it is answered, or ``rate`` scripts a second on average."""

    port: int
    scripts: Scripts
    seconds: float
    first: int = 0
    connections: int = CONNECTIONS
    rate: float | None = None


class _Run:
    """One job at work."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._answers = Answers()
        self._next = job.first
        self._selector = selectors.DefaultSelector()
        self._all = [_Connection(job.port) for _ in range(job.connections)]
        for connection in self._all:
            self._selector.register(connection, selectors.EVENT_READ, connection)
        self._idle = deque(self._all)
        self._over = False

    def run(self) -> Answers:
        started = time.monotonic()
        ends = started + self._job.seconds
        pause = 1 / self._job.rate if self._job.rate else 0.0
        due = started
        while (now := time.monotonic()) < ends or not self._answers.seconds:
            while self._idle and due <= now:
                due += pause
                self._begin(self._idle.popleft())
            self._wait((min(ends, due) if self._idle else ends) - now)
        self._answers.duration = now - started
        self._over = True
        self._finish()
        self._answers.used = self._next - self._job.first
        return self._answers

    def _begin(self, connection: _Connection) -> None:
        connection.name = self._next
        connection.script = iter(self._job.scripts(self._next))
        self._next += 1
        connection.send(next(connection.script))

    def _wait(self, seconds: float) -> None:
        for key, _ in self._selector.select(max(seconds, 0.001)):
            connection: _Connection = key.data
            status = connection.receive()
            if status is not None:
                self._answered(connection, status)

    def _answered(self, connection: _Connection, status: int) -> None:
        now = time.monotonic()
        if not self._over:
            answers = self._answers
            answers.seconds.append(now - connection.sent)
            answers.moments.append(now)
            answers.names.append(connection.name)
            answers.statuses[status] += 1
        request = next(connection.script, None)
        if request is not None:
            connection.send(request)
        elif self._job.rate or self._over:
            self._idle.append(connection)
        else:
            self._begin(connection)

    def _finish(self) -> None:
        """Let what is under way end, scripts included, so that nobody's next round meets it."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while len(self._idle) < len(self._all) and time.monotonic() < deadline:
            self._wait(0.1)
        for connection in self._all:
            connection.close()
        self._selector.close()


def run_job(job: Job) -> Answers:
    """Do a job in this process."""
    return _Run(job).run()


class Client:
    """The process that does the jobs."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve_jobs, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        if self._process.pid is None:
            raise AssertionError("the client was not started")
        return self._process.pid

    def start(self, job: Job) -> None:
        """Begin a job; ``finish`` waits for its end."""
        self._pipe.send(job)

    def finish(self) -> Answers:
        found: Answers = self._pipe.recv()
        return found

    def run(self, job: Job) -> Answers:
        self.start(job)
        return self.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pipe.send(None)
        self._process.join(5)
        self._process.kill()


def _serve_jobs(pipe: Pipe) -> None:
    while (job := pipe.recv()) is not None:
        pipe.send(run_job(job))
