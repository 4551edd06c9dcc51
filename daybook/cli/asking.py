"""Asks a running server a question over HTTP, for the commands of this package that show something of it.

A read model that is still behind answers 503 and is asked again, for a bounded time. It only ever reads.
"""

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

import click

CATCH_UP_SECONDS = 120.0
PAUSE_SECONDS_MAX = 5.0
REACH_SECONDS = 5.0


class NoAnswer(click.ClickException):
    """The server could not be asked, or answered with a problem; says which."""


def ask(url: str, path: str, key: str) -> Any:
    """The JSON that `path`, such as /queries/orders?limit=1, answers at the server."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        try:
            status, retry_after, content = _get(url, path, key)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"No answer from {url}: {error}. Is the server running there?") from error
        if status == 200:
            return json.loads(content)
        if status != 503 or time.monotonic() > deadline:
            raise NoAnswer(f"GET {path}: {status} {content[:300].decode('utf-8', 'replace')}")
        time.sleep(min(float(retry_after), PAUSE_SECONDS_MAX))


def require_answer(url: str) -> None:
    """Raise NoAnswer at once unless a server answers there."""
    try:
        status, _, _ = _get(url, "/healthz", "", timeout_seconds=REACH_SECONDS)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"No answer from {url}: {error}. Start the server first, with `make run`.") from error
    if status != 200:
        raise NoAnswer(
            f"What answers at {url} is no Daybook (GET /healthz: {status}); name its port: make demo PORT=8081."
        )


def _get(url: str, path: str, key: str, timeout_seconds: float = 60.0) -> tuple[int, str, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=timeout_seconds)
    try:
        connection.request("GET", parts.path.rstrip("/") + path, headers={"Authorization": f"Bearer {key}"})
        response = connection.getresponse()
        return response.status, response.getheader("Retry-After", "1"), response.read()
    finally:
        connection.close()
