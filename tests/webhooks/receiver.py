"""A receiver of webhooks on 127.0.0.1: it checks every signature by other hands and remembers what came, in order."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError

Decide = Callable[["Got"], int]


@dataclass(slots=True)
class Got:
    """One request: when, its headers, the event, and how often this event had come before."""

    at: float
    headers: dict[str, str]
    event: dict[str, Any]
    earlier: int
    body: bytes = b""

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Answers what ``decide`` says, 204 without it; ``secrets`` are those whose signatures it takes."""

    secrets: list[str] = field(default_factory=list)
    decide: Decide = lambda _: 204
    delay_seconds: float = 0.0
    requests: list[Got] = field(default_factory=list)
    accepted: list[Got] = field(default_factory=list)
    forged: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(status)
                self.send_header("content-length", "0")
                if 300 <= status < 400:
                    self.send_header("location", f"{receiver.url}/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                return  # who was killed in the middle of a request

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Remember a request, and what to answer."""
        at = time.time()
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        with self._lock:
            got = Got(at, headers, json.loads(body), self._counts[headers["webhook-id"]], body)
            self._counts[got.event_id] += 1
            self.requests.append(got)
            if self.secrets and not any(_is_signed(secret, body, headers) for secret in self.secrets):
                self.forged += 1
                return 401
            status = self.decide(got)
            if status < 300:
                self.accepted.append(got)
            return status

    def first_times(self) -> list[Got]:
        """What was accepted, each event when it first was."""
        seen: set[str] = set()
        return [got for got in self.accepted if not (got.event_id in seen or seen.add(got.event_id))]  # type: ignore[func-returns-value]


def _is_signed(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is true; fails after so long."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)
