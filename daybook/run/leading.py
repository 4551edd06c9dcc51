"""Of several processes of a kind one leads and the others stand by: a lock in the database decides, a crash frees it.

It must not import what the processes do: the command line loads it, whatever it is asked.
"""

import contextlib
from collections.abc import Iterator
from threading import Event

import psycopg

from eventstore.patience import BoundedConnection

STANDBY_SECONDS = 2.0
# Who failed rests so long before it tries again.
FAILED_SECONDS = 5.0


@contextlib.contextmanager
def leading(conninfo: str, lock: tuple[int, int], stop: Event) -> Iterator[psycopg.Connection]:
    """Hold a lock that one of several has; wait as a standby until it is free."""
    with BoundedConnection.connect(conninfo, autocommit=True) as connection:
        while not stop.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", lock).fetchone()
            if row == (True,):
                break
            stop.wait(STANDBY_SECONDS)
        yield connection
