"""The processes that one run of Daybook starts, and how each follows its parent's end.

A child lives in a session of its own: a Ctrl-C in the terminal reaches the supervisor alone, which then stops its
children in order. A child must never outlive the supervisor, not even one that was killed.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

SUPERVISED = "DAYBOOK_SUPERVISED"
LOG = "DAYBOOK_LOG"
_STOP_SECONDS = 10.0
_WATCH_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# Who lives no longer than this has failed at its start.
_START_SECONDS = 10.0


class Child:
    """One `daybook COMMAND` process: started, watched, started again, stopped.

    It starts again at once; only one that keeps failing at its start does so after a growing pause.
    """

    def __init__(self, title: str, command: str, log: Path, environment: dict[str, str]) -> None:
        self.title = title
        self.log = log
        self._arguments = [sys.executable, "-m", "daybook", command]
        self._environment = environment | {SUPERVISED: str(os.getpid()), LOG: str(log)}
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._failed_starts = 0
        self._restart_at: float | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        self._started = time.monotonic()
        self._restart_at = None

    def died(self) -> str | None:
        """How it ended, said once per end; None while it runs."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        self._end_group()
        self._process = None
        pause = self._rest(time.monotonic() - self._started)
        return f"{self._how(status)}; it starts again {f'in {pause:.0f} s' if pause >= 1 else 'at once'}."

    def _rest(self, lived_seconds: float) -> float:
        """When to start again: at once, but for who has failed at its start before."""
        self._failed_starts = self._failed_starts + 1 if lived_seconds < _START_SECONDS else 0
        pause = 0.0 if self._failed_starts < 2 else min(0.5 * 2.0 ** (self._failed_starts - 2), _LONGEST_PAUSE_SECONDS)
        self._restart_at = time.monotonic() + pause
        return pause

    def restart_when_due(self) -> str | None:
        """Start again when it is time; what kept it from starting, said for the user."""
        if self._process is not None or self._restart_at is None or time.monotonic() < self._restart_at:
            return None
        try:
            self.start()
        except OSError as error:  # no room for its log, no more processes: neither ends the run
            pause = max(1.0, self._rest(0.0))
            self._restart_at = time.monotonic() + pause
            return f"The process of the {self.title} cannot be started ({error.strerror}); again in {pause:.0f} s."
        return None

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_until_stopped(self) -> None:
        """Wait for the end that was asked for, and force it when it does not come."""
        if self._process is None:
            return
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end_group()
        self._process = None

    def last_words(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            lines = []
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def _how(self, status: int) -> str:
        process = f"The process of the {self.title}"
        if status < 0:
            return f"{process} was ended by {signal.Signals(-status).name} (its log: {self.log})"
        return f"{process} ended with status {status}, saying: {self.last_words()} (all in {self.log})"

    def _end_group(self) -> None:
        """End what the process itself had started; the group is ours, made by ``start_new_session``."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


def follow_parent() -> None:
    """Under a supervisor: end this process soon after its parent has gone, however that went."""
    if supervisor := os.environ.get(SUPERVISED):
        if os.getppid() == 1 and supervisor != "1":
            os._exit(1)  # the parent went before this line was reached
        threading.Thread(target=_watch, args=[os.getppid()], name="follow-parent", daemon=True).start()


def _watch(parent: int) -> None:
    log = os.environ.get(LOG)
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
        if log:
            follow_log(log)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_STOP_SECONDS)
    os._exit(1)


def follow_log(path: str) -> None:
    """Write to the log's file again once that was renamed; where it cannot be made, go on with the renamed one."""
    with contextlib.suppress(OSError):
        try:
            if os.path.samestat(Path(path).stat(), os.fstat(2)):
                return
        except FileNotFoundError:
            pass
        opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for descriptor in (1, 2):
            os.dup2(opened, descriptor)
        os.close(opened)
