"""A server as an importer may meet it: it keeps its promise about keys, and breaks connections as it is told to.

It stands for the outside: what it does with a command is to remember it under its key, once.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, Any]]
Mishap = Callable[[str, int], str | Answer | None]
"""Asked with the key and how often it came: an answer of its own, "lose the request", "lose the answer", or None."""


@dataclass(slots=True)
class UnreliableServer:
    """What it did, in the order it was done, and what it was asked, repeats included."""

    mishap: Mishap = lambda _key, _attempt: None
    done: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    histories: set[str | None] = field(default_factory=set)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, key: str, body: bytes) -> str | Answer:
        with self.lock:
            self.asked.append(key)
            self.paths.append(path)
            self.bodies.append(body)
            mishap = self.mishap(key, self.asked.count(key))
            if mishap == "lose the request" or isinstance(mishap, tuple):
                return mishap
            position = len(self.done) + 1
            answer = self.done.setdefault(key, (201, {"order_id": key, "status": "Pending", "position": position}))
            return mishap or answer


class Listening(ThreadingHTTPServer):
    request_queue_size = 64


@contextmanager
def unreliable_server(mishap: Mishap = lambda _key, _attempt: None) -> Iterator[UnreliableServer]:
    server = UnreliableServer(mishap)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.histories.add(self.headers["Daybook-History"])
            answer = server.answer(self.path, self.headers["Idempotency-Key"], body)
            if isinstance(answer, str):
                self.close_connection = True
                return
            content = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    with Listening(("127.0.0.1", 0), Handler) as http:
        server.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
