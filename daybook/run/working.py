"""`daybook work`: the process that does what follows from what was recorded.

Batches are booked, gateways asked again, unpaid orders expired, customers told, each by a thread of its own, so that
none waits for another. Of several such workers one works and the others stand by: a lock in the database decides, and
a crash frees it. It leaves signs of life in work.heartbeats. It must never serve requests.
"""

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event, Thread

import psycopg
import structlog

from adapters.postgres.roles import WORK
from application.processes.process import Closing, Process
from daybook import bootstrap
from daybook.run import logs
from daybook.run.children import follow_parent
from daybook.run.leading import FAILED_SECONDS, leading
from daybook.run.storage import Storage
from daybook.run.watching import CLOCK_AHEAD_SECONDS
from daybook.settings import Settings
from domain.refusals import Refusal
from eventstore.errors import LogUnavailable, OutcomeUnknown
from eventstore.reader import LogListener
from eventstore.standing import seconds_ahead

# Of two numbers: locks of one are kept from the application, for the append takes one.
WORK_LOCK = (0x44415942, 0x57)
POLL_SECONDS = 0.5
BEAT_SECONDS = 2.0
CLOCK_SECONDS = 60.0
# Who is asked to stop finishes what it is doing, for so long.
STOP_SECONDS = 8.0
# Of these for what a process does beside its steps.
CLOSE_SECONDS = 6.0

_BEAT = """
    INSERT INTO work.heartbeats (process, worker, beat_at, came_round_at, steps, failures)
    SELECT name, %s, clock_timestamp(), clock_timestamp() - make_interval(secs => age), steps, failures
    FROM unnest(%s::text[], %s::float8[], %s::bigint[], %s::bigint[]) each (name, age, steps, failures)
    ON CONFLICT (process) DO UPDATE
    SET worker = excluded.worker, beat_at = excluded.beat_at, came_round_at = excluded.came_round_at,
        steps = excluded.steps, failures = excluded.failures
"""

log = structlog.get_logger()


def work(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM."""
    follow_parent()
    logs.configure("work")
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings = replace(settings, app_login=WORK)
    processes = named_apart(bootstrap.processes(settings))
    while not stop.is_set():
        try:
            with leading(settings.app_conninfo, WORK_LOCK, stop) as connection:
                if not stop.is_set():
                    _run(processes, settings, connection, stop)
        except (psycopg.OperationalError, LogUnavailable) as error:
            log.warning("database_lost", error=str(error).strip())
            stop.wait(FAILED_SECONDS)


def named_apart(processes: Sequence[Process]) -> Sequence[Process]:
    """The same ones; RuntimeError where two have one name, under which each would take over the other's place."""
    counted = Counter(process.name for process in processes)
    if twice := [name for name, times in counted.items() if times > 1]:
        message = f"Two processes are named {', '.join(twice)}: what one has done would count as the other's."
        raise RuntimeError(message)
    return processes


class Rounds:
    """The rounds of one process in a thread: step after step while there is work, else when it is woken."""

    def __init__(self, process: Process, ended: Event, has_room: Callable[[], bool]) -> None:
        self.name = process.name
        self.steps = 0
        self.failures = 0
        self.came_round = time.monotonic()
        self.wake = Event()
        self._process = process
        self._ended = ended
        self._has_room = has_room
        self.thread = Thread(target=self._run, name=process.name, daemon=True)

    def _run(self) -> None:
        while not self._ended.is_set():
            self.wake.clear()
            busy = self._step()
            self.came_round = time.monotonic()
            if not busy:
                self.wake.wait(POLL_SECONDS)

    def _step(self) -> bool:
        """One step; a process that fails rests a while, and so does everything while there is no room to write."""
        if not self._has_room():
            log.warning("process_waits", process=self.name, error="the disk is nearly full")
            self._ended.wait(FAILED_SECONDS)
            return False
        self.steps += 1
        try:
            return self._process.step()
        except (psycopg.OperationalError, LogUnavailable, OutcomeUnknown) as error:
            log.warning("process_waits", process=self.name, error=str(error).strip())
        except Refusal as refusal:
            log.warning("process_refused", process=self.name, code=refusal.code, detail=refusal.detail)
        except Exception:
            log.exception("process_failed", process=self.name)
        self.failures += 1
        self._ended.wait(FAILED_SECONDS)
        return False


def _run(processes: Sequence[Process], settings: Settings, lock: psycopg.Connection, stop: Event) -> None:
    """Let every process make its rounds for as long as the lock is ours."""
    ended = Event()
    storage = Storage.of(settings)
    rounds = [Rounds(process, ended, storage.has_room) for process in processes]
    listener = LogListener(settings.app_conninfo)
    for each in rounds:
        each.thread.start()
    try:
        _keep_time(rounds, lock, lambda: listener.wait(POLL_SECONDS), stop)
    finally:
        ended.set()
        listener.close()
        for each in rounds:
            each.wake.set()
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            if isinstance(process, Closing):
                process.close(CLOSE_SECONDS)
        for each in rounds:
            each.thread.join(max(0.0, deadline - time.monotonic()) if stop.is_set() else None)


def _keep_time(rounds: Sequence[Rounds], lock: psycopg.Connection, appended: Callable[[], bool], stop: Event) -> None:
    """Wake the processes when something was appended, and say every few seconds that they live."""
    beat_at = clock_at = 0.0
    while not stop.is_set():
        now = time.monotonic()
        if now >= clock_at:
            _look_at_clock(lock)
            clock_at = now + CLOCK_SECONDS
        if now >= beat_at:
            _beat(rounds, lock)
            beat_at = now + BEAT_SECONDS
        else:
            lock.execute("SELECT 1")  # who lost the connection lost the lock with it
        if appended():
            for each in rounds:
                each.wake.set()


def _look_at_clock(lock: psycopg.Connection) -> None:
    """Say that the log's times are ahead of the database's clock: it jumped, and nobody sees that in the log."""
    ahead = seconds_ahead(lock)
    if ahead > CLOCK_AHEAD_SECONDS:
        log.warning("clock_set_back", ahead_seconds=round(ahead), until="the database's clock has caught up")


def _beat(rounds: Sequence[Rounds], lock: psycopg.Connection) -> None:
    now = time.monotonic()
    lock.execute(
        _BEAT,
        [
            f"{socket.gethostname()}:{os.getpid()}",
            [each.name for each in rounds],
            [now - each.came_round for each in rounds],
            [each.steps for each in rounds],
            [each.failures for each in rounds],
        ],
    )
