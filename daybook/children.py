"""The processes that one run of Daybook starts, and how each follows its parent's end.

A child lives in a session of its own: a Ctrl-C in the terminal reaches the supervisor alone, which then stops its
children in order. A child must never outlive the supervisor, not even one that was killed.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

SUPERVISED = "DAYBOOK_SUPERVISED"
_STOP_SECONDS = 10.0
_WATCH_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0


class Child:
    """One `daybook COMMAND` process: started, watched, started again after a growing pause, stopped."""

    def __init__(self, title: str, command: str, log: Path, environment: dict[str, str]) -> None:
        self.title = title
        self.log = log
        self._arguments = [sys.executable, "-m", "daybook", command]
        self._environment = environment | {SUPERVISED: str(os.getpid())}
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = 0.5
        self._restart_at = 0.0

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
        self._restart_at = 0.0

    def died(self) -> str | None:
        """How it ended, said once per end; None while it runs."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        self._end_group()
        self._process = None
        steady = time.monotonic() - self._started > _STEADY_SECONDS
        self._pause = 1.0 if steady else min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
        self._restart_at = time.monotonic() + self._pause
        return f"{self._how(status)}; it starts again in {self._pause:.0f} s."

    def restart_when_due(self) -> None:
        if self._process is None and self._restart_at and time.monotonic() >= self._restart_at:
            self.start()

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
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_STOP_SECONDS)
    os._exit(1)
