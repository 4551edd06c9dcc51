"""Connections of the owner of the database, for commands that change who may do what.

The log tells what they change, and that the user of the operating system who typed the command did it.
"""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


def operator() -> str:
    """The user of the operating system who runs this, for the log."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@contextmanager
def owner_connection(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the owner, in one transaction; what it changes is told as the operator's doing."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '10s'")
        connection.execute("SELECT set_config('daybook.actor', %s, false)", [operator()])
        yield connection
