"""The programs that are measured, as processes of their own: Daybook's web server and projections, and the minimal app.

All are started with the same interpreter, settings and durability, on 127.0.0.1, and ended with the block that
started them.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from access.keys import create_key
from access.roles import Role
from benchmarks.harness import MASTER_KEY, Bench, Database

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
WORKERS = 2
THREADS = 16


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs: its process, its port if it serves, and the file of what it says."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path


@contextmanager
def daybook_web(bench: Bench, database: Database) -> Iterator[Program]:
    """`daybook serve`, ready."""
    with _running(bench, database, "web", ["-m", "daybook", "serve"]) as program:
        _wait_until_ready(program)
        yield program


@contextmanager
def daybook_project(bench: Bench, database: Database) -> Iterator[Program]:
    """`daybook project`: the process that keeps the read models up to date."""
    with _running(bench, database, "project", ["-m", "daybook", "project"]) as program:
        yield program


@contextmanager
def minimal_web(bench: Bench, database: Database, **environment: str) -> Iterator[Program]:
    """The minimal app under the same server, ready."""
    with _running(bench, database, "minimal", ["-m", "benchmarks.minimal_app"], **environment) as program:
        _wait_until_ready(program)
        yield program


def api_key(database: Database) -> str:
    """A key that may command and query."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        return create_key(connection, Role.INTEGRATOR, "benchmark")


@contextmanager
def _running(
    bench: Bench, database: Database, name: str, arguments: list[str], **environment: str
) -> Iterator[Program]:
    port = _free_port()
    log = bench.folder / f"{name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=_environment(bench, database, port) | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Program(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(bench: Bench, database: Database, port: int) -> dict[str, str]:
    metrics = bench.folder / f"metrics-{port}"
    metrics.mkdir()
    return os.environ | {
        "DAYBOOK_HOME": str(bench.folder),
        "DATABASE_URL": database.owner_url,
        "DATABASE_APP_URL": database.app_login,
        "DATABASE_PROJECTOR_URL": database.projector_login,
        "DAYBOOK_MASTER_KEY": MASTER_KEY.hex(),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "PYTHONUNBUFFERED": "1",
        "WEB_THREADS": str(THREADS),
        "WEB_WORKERS": str(WORKERS),
    }


def _wait_until_ready(program: Program) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(program.port):
        if program.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"not ready: {program.log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
