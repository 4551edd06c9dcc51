"""A whole Daybook as a user starts it: `daybook run` in a folder of its own, on a free port."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.described import Answered, check

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
MARK = "DAYBOOK_TEST_RUN"


class Running:
    """One `daybook run`: started, asked over HTTP, stopped or killed."""

    def __init__(self, home: Path, *, stdout: int | None = None, **environment: str) -> None:
        self.home = home
        self.port = free_port()
        self._environment = os.environ | {
            "DAYBOOK_HOME": str(home),
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "WEB_THREADS": "4",
            "PYTHONWARNINGS": "ignore",
            MARK: str(home),
            **environment,
        }
        self._output = (home.parent / f"{home.name}.out").open("a+")
        self._stdout = stdout
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "daybook", "run"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output if self._stdout is None else self._stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def start_again(self) -> None:
        self.process = self._start()

    def wait_until_ready(self) -> "Running":
        deadline = time.monotonic() + READY_SECONDS
        while "Daybook is ready" not in self.said_since_start():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"not ready: {self.said()}")
            time.sleep(0.05)
        return self

    def said(self) -> str:
        """All it has printed, over all its starts."""
        return Path(self._output.name).read_text()

    def said_since_start(self) -> str:
        return self.said().rpartition("Stopping.")[2].rpartition("Killed.")[2]

    def key(self, role: str) -> str:
        keys: dict[str, str] = json.loads((self.home / "dev-keys.json").read_text())
        return keys[role]

    def ask(
        self, path: str, role: str | None = None, body: Any = None, *, timeout: float = 30.0, **headers: str
    ) -> tuple[int, Any]:
        """GET a path, or POST it with a body: the status and the decoded answer, which is as described."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        if role:
            headers["Authorization"] = f"Bearer {self.key(role)}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            method, content = ("GET", None) if body is None else ("POST", json.dumps(body))
            connection.request(method, path, content, {name.replace("_", "-"): text for name, text in headers.items()})
            response = connection.getresponse()
            told = response.read()
            answered = Answered(method, path.partition("?")[0], response.status, response.getheaders(), told)
            check(answered, body)
            return response.status, json.loads(told)
        finally:
            connection.close()

    def processes(self) -> list[int]:
        """Every live process this run started, told by its environment."""
        mark = f"{MARK}={self.home}".encode()
        data = f"{self.home.resolve()}/postgres"
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (entry / "environ").read_bytes().split(b"\0") or str((entry / "cwd").readlink()) == data
            except OSError:
                continue
            if ours:
                found.append(int(entry.name))
        return found

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and wait; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS)

    def kill_everything(self) -> None:
        """What a power failure leaves: nothing gets to say goodbye."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        self._output.write("Killed.\n")
        self._output.flush()

    def close(self) -> None:
        if self.process.poll() is None:
            self.stop()
        self._output.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
