"""The Daybook that is asked: with a key of every role, and with webhooks that lead to this machine and nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import schemathesis

from access.roles import Role
from tests.support.running import Running

CUSTOMER = "c-1"
ERRORS_SHOWN = 5
# Nobody is one of them: who has no key asks too.
ROLES: tuple[Role | None, ...] = (*Role, None)


@contextmanager
def running_house(folder: Path) -> Iterator[Running]:
    """A Daybook in a folder of its own for as long as the block lasts."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with patch.dict(os.environ, environment, clear=True):
        run = Running(folder / "home", DAYBOOK_WEBHOOK_ALLOW="127.0.0.0/8", WEB_THREADS="8")
        try:
            yield run.wait_until_ready()
        finally:
            run.close()


def schema_of(run: Running) -> schemathesis.BaseSchema:
    """The description that it publishes, as schemathesis reads it."""
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{run.port}/openapi.json")


def key_of(run: Running, role: Role | None) -> str | None:
    """A key of the role; that of a customer is made for the occasion."""
    if role is None:
        return None
    if role is not Role.CUSTOMER:
        return run.key(role)
    command = ["keys", "create", "--role", role, "--customer", CUSTOMER, "--name", "A customer"]
    environment = {**os.environ, "DAYBOOK_HOME": str(run.home)}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "daybook", *command], env=environment, capture_output=True, text=True, check=False
    )
    found = re.search(r"dbk_\w+", done.stdout)
    assert found, done.stdout + done.stderr
    return found[0]


def errors_of(run: Running) -> list[str]:
    """What it logged as its own fault, the last few."""
    lines = [line for path in (run.home / "logs").glob("*.log*") for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if '"level":"error"' in line.replace(": ", ":")][-ERRORS_SHOWN:]
