"""A database that stands still: every command is answered all the same, health at once, and afterwards all goes on."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.journeys.test_run import eventually, order
from tests.support.running import Running

COMMANDS = 40
ANSWERED_WITHIN_SECONDS = 60.0
HEALTHY_WITHIN_SECONDS = 3.0


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = Running(tmp_path / "home", WEB_THREADS="16")
    yield run
    run.close()


def backends(run: Running) -> list[int]:
    """The server's processes for our connections."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    ours = set(run.processes())
    told = [line.split(None, 1) for line in listed.splitlines()[1:]]
    return [int(pid) for pid, args in told if int(pid) in ours and args.startswith("postgres: daybook")]


def test_forty_commands_and_health_are_answered_while_every_backend_stands_still(running: Running) -> None:
    running.wait_until_ready()
    assert running.ask("/commands/orders", "integrator", order("before"))[0] == 201
    stopped = backends(running)
    assert stopped

    def place(number: int) -> tuple[int, float]:
        began = time.monotonic()
        answer = running.ask("/commands/orders", "integrator", order(f"c-{number}"), timeout=ANSWERED_WITHIN_SECONDS)
        return answer[0], time.monotonic() - began

    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(COMMANDS) as pool:
            asked = [pool.submit(place, number) for number in range(COMMANDS)]
            health = []
            while not all(each.done() for each in asked):
                began = time.monotonic()
                assert running.ask("/healthz")[0] == 200
                health.append(time.monotonic() - began)
                time.sleep(0.2)
            answers = [each.result() for each in asked]
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert {status for status, _ in answers} <= {201, 503}
    assert max(took for _, took in answers) < ANSWERED_WITHIN_SECONDS
    assert max(health) < HEALTHY_WITHIN_SECONDS
    assert eventually(lambda: running.ask("/commands/orders", "integrator", order("after"))[0] == 201)
