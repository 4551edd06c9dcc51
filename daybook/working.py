"""`daybook work`: the process that does what follows from what was recorded.

Batches are booked, gateways asked again, unpaid orders expired. Of several such processes one works and
the others stand by: a lock in the database decides, and a crash frees it. It must never serve requests.
"""

import contextlib
import signal
import time
from collections.abc import Iterator, Sequence
from threading import Event

import psycopg
import structlog

from application.processes.process import Process
from daybook import bootstrap, logs
from daybook.children import follow_parent
from daybook.settings import Settings
from domain.refusals import Refusal
from eventstore.errors import LogUnavailable
from eventstore.reader import LogListener

WORK_LOCK = 0x4441594257
POLL_SECONDS = 0.5
STANDBY_SECONDS = 2.0
FAILED_SECONDS = 5.0

log = structlog.get_logger()


def work(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM."""
    follow_parent()
    logs.configure("work")
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    processes = bootstrap.processes(settings)
    while not stop.is_set():
        try:
            with _leading(settings.app_conninfo, stop) as connection:
                _run(processes, settings.app_conninfo, connection, stop)
        except (psycopg.OperationalError, LogUnavailable) as error:
            log.warning("database_lost", error=str(error).strip())
            stop.wait(FAILED_SECONDS)


@contextlib.contextmanager
def _leading(conninfo: str, stop: Event) -> Iterator[psycopg.Connection]:
    """Hold the lock of those who work; wait as a standby until it is free."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while not stop.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", [WORK_LOCK]).fetchone()
            if row == (True,):
                break
            stop.wait(STANDBY_SECONDS)
        yield connection


def _run(processes: Sequence[Process], conninfo: str, lock: psycopg.Connection, stop: Event) -> None:
    listener = LogListener(conninfo)
    paused: dict[str, float] = {}
    try:
        while not stop.is_set():
            lock.execute("SELECT 1")  # who lost the connection lost the lock with it
            busy = [_step(process, paused) for process in processes]
            if not any(busy):
                listener.wait(POLL_SECONDS)
    finally:
        listener.close()


def _step(process: Process, paused: dict[str, float]) -> bool:
    """One step; a process that fails rests a while and does not keep the others from working."""
    if paused.get(process.name, 0.0) > time.monotonic():
        return False
    try:
        return process.step()
    except (psycopg.OperationalError, LogUnavailable):
        raise
    except Refusal as refusal:
        log.warning("process_refused", process=process.name, code=refusal.code, detail=refusal.detail)
    except Exception:
        log.exception("process_failed", process=process.name)
    paused[process.name] = time.monotonic() + FAILED_SECONDS
    return False
