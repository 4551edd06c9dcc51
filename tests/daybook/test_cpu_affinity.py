"""Web workers share out the CPUs among themselves: each has one to itself, or all have all."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import closing
from secrets import token_hex

import pytest

from tests.support.running import free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process choose its CPUs")

WORKER = """
import os, sys
from daybook.run.cpu_affinity import take_cpu
take_cpu(int(sys.argv[1]), sys.argv[2])
print(*sorted(os.sched_getaffinity(0)), flush=True)
sys.stdin.read()
"""


class Worker:
    """A process that took its CPU, and holds it until it is killed."""

    def __init__(self, workers: int, family: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(workers), family],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.cpus = [int(cpu) for cpu in self._process.stdout.readline().split()]

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def test_as_many_workers_as_cpus_have_one_each_and_a_successor_takes_the_place_of_one_that_died() -> None:
    cpus, family = sorted(os.sched_getaffinity(0)), token_hex(8)
    workers = [Worker(len(cpus), family) for _ in cpus]
    assert sorted(worker.cpus for worker in workers) == [[cpu] for cpu in cpus]
    died = workers.pop(0)
    died.kill()
    workers.append(Worker(len(cpus), family))
    assert workers[-1].cpus == died.cpus
    for worker in workers:
        worker.kill()


def test_with_another_number_of_workers_the_scheduler_decides() -> None:
    cpus = sorted(os.sched_getaffinity(0))
    worker = Worker(len(cpus) + 1, token_hex(8))
    assert worker.cpus == cpus
    worker.kill()


SERVER = """
from daybook.run.serving import serve
from daybook.settings import Settings
serve(Settings.from_env(), "tests.daybook.test_cpu_affinity:answer_with_cpus")
"""


def answer_with_cpus() -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers with the CPUs its process may use."""

    def application(_: dict[str, object], start: Callable[[str, list[tuple[str, str]]], object]) -> list[bytes]:
        start("200 OK", [])
        return [json.dumps(sorted(os.sched_getaffinity(0))).encode()]

    return application


@pytest.mark.parametrize("setting", ["on", "off"])
def test_workers_of_the_web_server_are_left_alone_where_the_setting_says_so(setting: str) -> None:
    cpus, port = sorted(os.sched_getaffinity(0)), free_port()
    environ = os.environ | {"WEB_WORKERS": str(len(cpus)), "WEB_CPU_AFFINITY": setting, "PORT": str(port)}
    server = subprocess.Popen([sys.executable, "-c", SERVER], env=environ)
    try:
        answered = json.loads(ask(f"http://127.0.0.1:{port}/"))
    finally:
        server.terminate()
        server.wait(20)
    assert (answered == cpus) == (setting == "off" or len(cpus) == 1)


def ask(url: str) -> bytes:
    """What answers there, as soon as something does."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with closing(urllib.request.urlopen(url, timeout=5)) as response:
                return bytes(response.read())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
