"""Stripe's API as far as we ask it, served on this machine with the answers that Stripe documents.

Idempotency keys replay the first answer. By the last digits of the amount it declines (91), loses its
first answer after acting (93) or is down the first time (94), like the simulated gateway.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Answer = tuple[int, dict[str, Any]]


class StripeServer(ThreadingHTTPServer):
    """Remembers what it was asked to move."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.movements: list[dict[str, Any]] = []
        self.seen: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers captures, refunds and look-ups."""

    server: StripeServer

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        key = self.headers["Idempotency-Key"]
        amount = int(form.get("amount_to_capture", form.get("amount", ["0"]))[0])
        first = key not in self.server.seen
        self.server.seen.add(key)
        if amount % 100 == 94 and first:
            self._send(503, {"error": {"type": "api_error", "message": "down"}})
            return
        if key not in self.server.answers:
            self.server.answers[key] = self._act(amount)
        if amount % 100 == 93 and first:
            self.close_connection = True  # acted, and the answer never arrives
            return
        self._send(*self.server.answers[key])

    def _act(self, amount: int) -> Answer:
        if amount % 100 == 91:
            error = {"type": "card_error", "code": "card_declined", "message": "Your card has insufficient funds."}
            return 402, {"error": error}
        capture = self.path.endswith("/capture")
        self.server.movements.append({"kind": "capture" if capture else "refund", "amount": amount})
        if capture:
            intent = {"object": "payment_intent", "status": "succeeded", "amount_received": amount}
            return 200, {"id": self.path.split("/")[3], **intent}
        return 200, {"id": "re_1", "object": "refund", "status": "succeeded", "amount": amount}

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@contextmanager
def serving() -> Iterator[StripeServer]:
    """A server for as long as the block lasts."""
    server = StripeServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
