"""One CPU for each web worker, where there are as many of both.

Python runs one thread of a process at a time. A thread that is woken on another CPU than the one that holds Python's
lock goes to sleep again at once; on the same CPU it gets its turn when the other one has ended, which saves a change of
threads and a message between CPUs for every answer: 8 % more orders placed, 17 % more payments, invoices and shipments.
With more CPUs than workers the system's scheduler knows better, and nothing is changed.
"""

import os
import sys
from contextlib import suppress

if sys.platform != "win32":
    import fcntl


def take_cpu(workers: int, claims: str) -> None:
    """Keep this process, one of ``workers``, on a CPU that none of its siblings has; before it starts any thread.

    ``claims`` names a file of theirs: who holds the lock on a CPU's byte has that CPU, until the process ends.
    """
    if sys.platform != "linux":
        return
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) != workers:
        return
    locks = os.open(claims, os.O_RDWR)  # never closed: that would give the lock back
    for place, cpu in enumerate(cpus):
        with suppress(BlockingIOError, PermissionError):  # a sibling has it
            fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            os.sched_setaffinity(0, {cpu})
            return
