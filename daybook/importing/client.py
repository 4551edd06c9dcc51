"""Posts the commands of an import over one connection that is kept open.

No answer, or one that blames the server, is asked again with the same key, which the server answers like the first
time: a lost reply never becomes a second order. It must never judge a refusal, and never ask again what was refused.
"""

import http.client
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import msgspec

from daybook.importing.lines import Line
from daybook.importing.wire import read_answer

TIMEOUT_SECONDS = 60.0
PAUSES_SECONDS = (0.0, 0.1, 0.3, 1.0, 2.0, 5.0)
ATTEMPTS_AT_AN_ERROR = 3
ASK_AGAIN = {429, 502, 503, 504}


class ImportStopped(Exception):
    """Going on makes no sense; the message says why and what to do."""


HISTORY = "Daybook-History: true\r\n"
SILENT = "Daybook-Silent: true\r\n"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the commands go and with which API key; `patience_seconds` bounds how long a lost server is awaited."""

    host: str
    port: int
    tls: bool
    path: str
    key: str
    patience_seconds: float = 60.0
    history: bool = False  # whether facts of a closed period are taken, and marked
    silent: bool = True  # whether nobody is mailed about what comes in

    @classmethod
    def at(cls, url: str, key: str, patience_seconds: float = 60.0) -> "Server":
        """Raises ValueError for what is no http:// or https:// address."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isascii():
            raise ValueError(f"{url} is no address of a server; try http://127.0.0.1:8080")
        tls = parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        return cls(parts.hostname, port, tls, parts.path.rstrip("/"), key, patience_seconds)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Reply:
    """The HTTP status and the answer or problem that came with it."""

    status: int
    body: dict[str, Any]
    replayed: bool = False

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))


class Courier:
    """One connection to the server; used by one thread."""

    def __init__(self, server: Server, stopping: Event) -> None:
        self._server = server
        self._stopping = stopping
        self._path = server.path + "/commands/"
        self._headers = (
            f" HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {server.key}\r\n"
            "Accept: application/json\r\nContent-Type: application/json\r\n"
            f"{HISTORY if server.history else ''}{SILENT if server.silent else ''}"
        )
        self._tls = ssl.create_default_context() if server.tls else None
        self._socket: socket.socket | None = None
        self._stream: BufferedReader | None = None

    def close(self) -> None:
        for end in (self._stream, self._socket):
            if end is not None:
                with suppress(OSError):
                    end.close()
        self._stream = self._socket = None

    def deliver(self, line: Line) -> Reply:
        """The server's answer to the line. Raises ImportStopped when there is none within the patience."""
        head = (
            f"POST {self._path}{line.command}{self._headers}"
            f"Idempotency-Key: {line.key}\r\nContent-Length: {len(line.body)}\r\n\r\n"
        )
        return self._answer_to(head.encode("latin-1") + line.body)

    def ask(self, path: str) -> Reply:
        """The server's answer to a GET of ``path``, such as /queries/orders. Raises ImportStopped as `deliver` does."""
        return self._answer_to(f"GET {self._server.path}{path}{self._headers}\r\n".encode("latin-1"))

    def _answer_to(self, request: bytes) -> Reply:
        deadline = time.monotonic() + self._server.patience_seconds
        attempt = 0
        while True:
            attempt += 1
            try:
                reply = self._exchange(request)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                trouble = str(error) or type(error).__name__
            else:
                if not self._asks_again(reply, attempt):
                    return reply
                trouble = f"{reply.status} {reply.code}"
            pause = PAUSES_SECONDS[min(attempt, len(PAUSES_SECONDS)) - 1]
            if time.monotonic() + pause > deadline or self._stopping.wait(pause):
                raise ImportStopped(f"No answer from {self._server}: {trouble}. Run the import again.")

    def _asks_again(self, reply: Reply, attempt: int) -> bool:
        if reply.status in {401, 403}:
            raise ImportStopped(f"{self._server} refuses the API key: {reply.status} {reply.code}")
        return reply.status in ASK_AGAIN or (reply.status >= 500 and attempt < ATTEMPTS_AT_AN_ERROR)

    def _exchange(self, request: bytes) -> Reply:
        open_socket, stream = self._connected()
        open_socket.sendall(request)
        answer = read_answer(stream)
        if not answer.keeps_open:
            self.close()
        return Reply(answer.status, _read(answer.content), answer.replayed)

    def _connected(self) -> tuple[socket.socket, BufferedReader]:
        if self._socket is None or self._stream is None:
            opened = socket.create_connection((self._server.host, self._server.port), timeout=TIMEOUT_SECONDS)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_hostname=self._server.host)
            self._socket, self._stream = opened, opened.makefile("rb")
        return self._socket, self._stream


def _read(content: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"code": "unreadable_answer", "detail": content[:200].decode("utf-8", "replace")}
