"""Has the commands of an import done, many in one request, over a connection that is kept open.

What got no answer, or one that blames the server, is asked again with the same key, which the server answers like the
first time: a lost reply never becomes a second order. It must never judge a refusal, never ask again what was refused,
and never let a line of an order be judged final before the lines in front of it are.
"""

import http.client
import socket
import ssl
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import msgspec

from daybook.importing.lines import Line
from daybook.importing.wire import Answer, read_answer
from web.commands.results import answer_in

TIMEOUT_SECONDS = 60.0
PAUSES_SECONDS = (0.0, 0.1, 0.3, 1.0, 2.0, 5.0)
ATTEMPTS_AT_AN_ERROR = 3
ASK_AGAIN = {429, 502, 503, 504}
SHUT_OUT = {401, 403}
# A bulk request may have 10,000 lines and 16 MiB; a line of a file has up to 4.
REQUEST_LINES = 2000
REQUEST_BYTES = 8 * 1024 * 1024


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

    def __str__(self) -> str:
        return f"{self.status} {self.code}"


class Patience:
    """How often something was tried in vain, and when to give up."""

    def __init__(self, server: Server, stopping: Event) -> None:
        self._server = server
        self._stopping = stopping
        self.renew()

    def renew(self) -> None:
        """Something came of it: the waiting begins anew."""
        self._deadline = time.monotonic() + self._server.patience_seconds
        self.attempt = 1

    def wait(self, trouble: str) -> None:
        """Pauses before the next attempt. Raises ImportStopped once there shall be none."""
        pause = PAUSES_SECONDS[min(self.attempt, len(PAUSES_SECONDS)) - 1]
        if time.monotonic() + pause > self._deadline or self._stopping.wait(pause):
            raise ImportStopped(f"No answer from {self._server}: {trouble}. Run the import again.")
        self.attempt += 1


class Courier:
    """One connection to the server; used by one thread."""

    def __init__(self, server: Server, stopping: Event) -> None:
        self._server = server
        self._stopping = stopping
        self._headers = (
            f" HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {server.key}\r\n"
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

    def deliver(self, orders: Iterable[Iterable[Line]]) -> Iterator[tuple[Line, Reply]]:
        """Each line with what became of it; the lines of an order are done one after another.

        Raises ImportStopped when nothing comes of any within the patience.
        """
        left = [deque(lines) for lines in orders]
        patience = Patience(self._server, self._stopping)
        answers: Counter[Line] = Counter()
        while any(left):
            sent = _that_fit(left)
            replies, trouble = self._replies([line for lines in sent for line in lines])
            gained = False
            for waiting, lines in zip(left, sent, strict=True):
                for line in lines:
                    reply = replies.get(line)
                    answers[line] += 1
                    if reply is None or self._asks_again(reply, answers[line]):
                        trouble = str(reply or trouble)
                        break
                    waiting.popleft()
                    gained = True
                    yield line, reply
            if gained:
                patience.renew()
            elif any(left):
                patience.wait(trouble)

    def ask(self, path: str) -> Reply:
        """The server's answer to a GET of ``path``, such as /queries/orders. Raises ImportStopped as `deliver` does."""
        request = f"GET {self._server.path}{path}{self._headers}Accept: application/json\r\n\r\n".encode("latin-1")
        patience = Patience(self._server, self._stopping)
        while True:
            answer, trouble = self._exchange(request)
            if answer is not None:
                reply = Reply(answer.status, _read(answer.content))
                if not self._asks_again(reply, patience.attempt):
                    return reply
                trouble = str(reply)
            patience.wait(trouble)

    def _replies(self, lines: Sequence[Line]) -> tuple[dict[Line, Reply], str]:
        """What was said of lines sent in one request, and what was wrong with those of which nothing was."""
        content = b"".join([_written(line) for line in lines])
        head = (
            f"POST {self._server.path}/commands/bulk{self._headers}Accept: application/x-ndjson, application/json\r\n"
            f"Content-Type: application/x-ndjson\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        answer, trouble = self._exchange(head.encode("latin-1") + content)
        if answer is None:
            return {}, trouble
        if answer.status == http.HTTPStatus.OK:
            return _results(lines, answer.content), "the answer ended too early"
        reply = Reply(answer.status, _read(answer.content))
        if not self._asks_again(reply, 1):
            raise ImportStopped(f"{self._server} does not take commands: {reply} {reply.body.get('detail', '')}")
        self.close()  # the next connection may find a process that is less busy
        return {}, str(reply)

    def _asks_again(self, reply: Reply, attempt: int) -> bool:
        if reply.status in SHUT_OUT:
            raise ImportStopped(f"{self._server} refuses the API key: {reply}")
        return reply.status in ASK_AGAIN or (reply.status >= 500 and attempt < ATTEMPTS_AT_AN_ERROR)

    def _exchange(self, request: bytes) -> tuple[Answer | None, str]:
        """The answer, or None and why there is none."""
        try:
            open_socket, stream = self._connected()
            open_socket.sendall(request)
            answer = read_answer(stream)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return None, str(error) or type(error).__name__
        if not answer.keeps_open:
            self.close()
        return answer, ""

    def _connected(self) -> tuple[socket.socket, BufferedReader]:
        if self._socket is None or self._stream is None:
            opened = socket.create_connection((self._server.host, self._server.port), timeout=TIMEOUT_SECONDS)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_hostname=self._server.host)
            self._socket, self._stream = opened, opened.makefile("rb")
        return self._socket, self._stream


def _that_fit(left: Iterable[Iterable[Line]]) -> list[list[Line]]:
    """Of each order as many of its next lines as fit into one request; at least one line altogether."""
    sent: list[list[Line]] = []
    count = size = 0
    for lines in left:
        sent.append([])
        for line in lines:
            if count >= REQUEST_LINES or size >= REQUEST_BYTES:
                break
            count += 1
            size += len(line.body)
            sent[-1].append(line)
    return sent


def _written(line: Line) -> bytes:
    """A line of a bulk request; its body as it was read."""
    return b'{"command":%b,"key":%b,"body":%b}\n' % (_encode(line.command), _encode(line.key), line.body)


_encode = msgspec.json.Encoder().encode


def _results(lines: Sequence[Line], content: bytes) -> dict[Line, Reply]:
    """What is said of the lines of a request; a result that cannot be read is as if it had not come."""
    found: dict[Line, Reply] = {}
    for written in content.splitlines():
        result = _read(written)
        number, status = result.get("line"), result.get("status")
        if isinstance(number, int) and isinstance(status, int) and 0 < number <= len(lines):
            found[lines[number - 1]] = Reply(status, answer_in(result), result.get("replayed") is True)
    return found


def _read(content: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"code": "unreadable_answer", "detail": content[:200].decode("utf-8", "replace")}
