"""Web workers share out the CPUs among themselves: each has one to itself, or all have all."""

import os
import subprocess
import sys
from secrets import token_hex

import pytest

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
