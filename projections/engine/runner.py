"""Keeping the read models up to date: a thread per projection, woken by the log, until told to stop.

Any number of these processes, on any number of machines, share the work slice by slice. A lost
connection or an error of the database is waited out and tried again from the last committed batch; it
must never end the run, nor move a position past something that was not written.
"""

import gc
import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg

from eventstore.codec import Codec
from eventstore.errors import LogUnavailable
from eventstore.patience import PatientConnection
from eventstore.personal_data import Keyring
from eventstore.reader import LogListener
from projections.engine import slices
from projections.engine.connecting import connect
from projections.engine.decoder import Decoder
from projections.engine.follower import Follower
from projections.engine.model import ReadModel

log = logging.getLogger("daybook.projections")

# The log says when there is something new; this is for the case that the word was lost.
POLL_SECONDS = 0.5
# Between two looks at slices that others hold.
CONTESTED_SECONDS = 0.02
SHARE_SECONDS = 1.0
RETRY_SECONDS = (0.1, 0.5, 2.0, 5.0)


def run_projections(
    conninfo: str,
    keyring: Keyring,
    codec: Codec,
    models: Sequence[ReadModel[Any]],
    *,
    stop: threading.Event | None = None,
) -> None:
    """Follow the log with these read models until SIGTERM, SIGINT or ``stop``; returns when all have stopped.

    ``conninfo`` connects as the role daybook_projector. Called from the main thread it handles the signals itself.
    """
    stop = stop or threading.Event()
    _relax_collector()
    with _signals(stop):
        projectors = [_Projector(conninfo, keyring, codec, model, stop) for model in models]
        listener = threading.Thread(
            target=_listen, args=(conninfo, [each.wake for each in projectors], stop), name="listener"
        )
        threads = [listener, *(threading.Thread(target=each.run, name=each.model.name) for each in projectors)]
        for thread in threads:
            thread.start()
        stop.wait()
        for each in projectors:
            each.wake.set()
        for thread in threads:
            thread.join()


def _relax_collector() -> None:
    """Folding makes many objects and no cycles: at its usual pace the collector would take half of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


class _Projector:
    """The thread of one projection."""

    def __init__(
        self, conninfo: str, keyring: Keyring, codec: Codec, model: ReadModel[Any], stop: threading.Event
    ) -> None:
        self.model = model
        self.wake = threading.Event()
        self._conninfo = conninfo
        self._decoder = Decoder.of(model, codec, keyring)
        self._stop = stop

    def run(self) -> None:
        _until_stopped(self._follow, self._stop, self.model.name)

    def _follow(self, working: Callable[[], None]) -> None:
        with connect(self._conninfo, PatientConnection) as connection:
            slices.create(connection, self.model.name)
            slices.join(connection, self.model.name)
            follower = Follower(connection, self.model, self._decoder)
            share, share_until = slices.SLICES, 0.0
            while not self._stop.is_set():
                self.wake.clear()
                if monotonic() > share_until:
                    share = slices.fair_share(connection, self.model.name)
                    share_until = monotonic() + SHARE_SECONDS
                step = follower.step(share)
                working()
                if not step.more and not (step.events and step.held < slices.SLICES):
                    self.wake.wait(POLL_SECONDS if step.held else CONTESTED_SECONDS)


def _listen(conninfo: str, wakes: Sequence[threading.Event], stop: threading.Event) -> None:
    """Wake the projections when something was appended."""

    def follow(working: Callable[[], None]) -> None:
        listener = LogListener(conninfo)
        try:
            while not stop.is_set():
                if listener.wait(POLL_SECONDS):
                    for wake in wakes:
                        wake.set()
                working()
        finally:
            listener.close()

    _until_stopped(follow, stop, "listener")


def _until_stopped(follow: Callable[[Callable[[], None]], None], stop: threading.Event, name: str) -> None:
    """Run ``follow`` again whenever it fails, after a growing pause; it says that it works by calling its argument."""
    failures = 0

    def working() -> None:
        nonlocal failures
        failures = 0

    while not stop.is_set():
        try:
            follow(working)
        except Exception as error:
            pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
            failures += 1
            expected = isinstance(error, (psycopg.OperationalError, LogUnavailable))
            log.warning("%s: %s; again in %.1f s", name, error, pause, exc_info=not expected)
            stop.wait(pause)


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set ``stop``, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
