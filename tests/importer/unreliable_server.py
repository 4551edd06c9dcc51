"""A server as an importer may meet it: it keeps its promise about keys, and breaks connections as it is told to.

It stands for the outside: what it does with a command is to remember it under its key, once.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from web.commands.results import result_of

Answer = tuple[int, dict[str, Any]]
Mishap = Callable[[str, int], str | Answer | None]
"""Asked with the key and how often it came: an answer of its own, "lose the request", "lose the answer", or None."""

BODY = re.compile(rb'"body": ?(.*)}$')


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the keys of its lines, and from when to when it took."""

    keys: tuple[str, ...]
    began: float
    ended: float


@dataclass(slots=True)
class UnreliableServer:
    """What it did, in the order it was done, and what it was asked, repeats included.

    ``instead`` is answered to whole requests, by how many came, in place of the results of their lines.
    """

    mishap: Mishap = lambda _key, _attempt: None
    instead: Callable[[int], tuple[int, bytes] | None] = lambda _number: None
    done: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    histories: set[str | None] = field(default_factory=set)
    count: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def results(self, lines: list[bytes]) -> bytes | None:
        """The results of the lines of a request; None where its answer is lost."""
        began = time.perf_counter()
        results: list[bytes] = []
        lost = False
        for number, written in enumerate(lines, 1):
            line = json.loads(written)
            told = self._answer(line["command"], line["key"], BODY.search(written))
            if told == "lose the request":
                return None
            if isinstance(told, str):
                lost = True
            else:
                results.append(json.dumps(result_of(number, line["key"], *told)).encode() + b"\n")
        keys = tuple(json.loads(line)["key"] for line in lines)
        with self.lock:
            self.requests.append(Asked(keys, began, time.perf_counter()))
        return None if lost else b"".join(results)

    def _answer(self, command: str, key: str, body: re.Match[bytes] | None) -> str | Answer:
        with self.lock:
            self.asked.append(key)
            self.paths.append(command)
            self.bodies.append(body[1] if body else b"")
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
            assert self.path == "/commands/bulk"
            lines = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
            server.histories.add(self.headers["Daybook-History"])
            with server.lock:
                server.count += 1
                instead = server.instead(server.count)
            status, content = instead or (200, server.results(lines))
            if content is None:
                self.close_connection = True
                return
            self.send_response(status)
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
