"""A whole Daybook seals by itself, also after its sealer was killed, and what it sealed is proved elsewhere."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import Running
from tests.web.edge import ORDER

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("seals") / "home").wait_until_ready()
    yield running
    running.close()


def placed(running: Running, reference: str) -> int:
    """An order is recorded: its position."""
    status, answer = running.ask("/commands/orders", "integrator", ORDER | {"external_reference": reference})
    assert status == 201, answer
    position: int = answer["position"]
    return position


def proved(running: Running, position: int) -> dict[str, object]:
    """The proof of an event, as soon as there is one."""
    deadline = time.monotonic() + 60
    while True:
        status, answer = running.ask(f"/audit/events/{position}/proof", "auditor")
        if status == 200:
            found: dict[str, object] = answer
            return found
        assert (status, answer["code"]) == (503, "not_sealed_yet")
        assert time.monotonic() < deadline, "never sealed"
        time.sleep(0.1)


def test_the_sealer_goes_on_where_it_was_killed(running: Running, tmp_path: Path) -> None:
    first = proved(running, placed(running, "before"))
    os.kill(sealer_of(running), signal.SIGKILL)
    second = proved(running, placed(running, "after"))
    assert "The process of the sealer was ended by SIGKILL" in running.said()
    status, consistency = running.ask(f"/audit/consistency?from={first['tree_size']}", "auditor")
    assert status == 200
    key = (running.home / "seals" / "verifier-keys.txt").read_text().strip()
    for name, answer in (("first", first), ("second", second), ("consistency", consistency)):
        (tmp_path / name).write_text(json.dumps(answer))
        command = [sys.executable, "-I", "-S", str(ROOT / "verifier" / "verify.py"), str(tmp_path / name), "--key", key]
        done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def sealer_of(running: Running) -> int:
    for pid in running.processes():
        if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[-2:-1] == [b"seal"]:
            return pid
    raise AssertionError("there is no sealer")
