"""One request to a receiver: over a connection to an address that was judged, within a deadline, with a bounded answer.

The name is looked up for every new connection and the connection made to an address of that look-up, while TLS and the
header Host keep the name. No redirect is followed and no proxy of the environment is used. h11 speaks HTTP, so that
every wait on the wire is ours and one deadline covers all of them.
"""

import contextlib
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import h11

from webhooks.addresses import Allowance, BadAddress, NotFound, Target
from webhooks.ports import Answer

TIMEOUT_SECONDS = 15.0
CONNECT_SECONDS = 5.0
ADDRESSES_TRIED = 3
HEAD_MAX_BYTES = 16 * 1024
BODY_MAX_BYTES = 16 * 1024
EXCERPT_MAX = 200
ERROR_MAX = 300
# A connection is used again for so long: then its name is looked up and judged anew.
KEPT_SECONDS = 30.0
RETRY_AFTER_MAX_SECONDS = 3600.0
AGENT = "Daybook-Webhooks/1"


@dataclass(slots=True)
class _Line:
    """An open connection."""

    origin: str
    sock: socket.socket
    http: h11.Connection
    until: float


@dataclass(slots=True)
class _Received:
    status: int
    retry_after: float
    excerpt: str


class Poster:
    """Makes requests, one at a time; not thread-safe."""

    def __init__(
        self, allowance: Allowance, *, timeout: float = TIMEOUT_SECONDS, tls: ssl.SSLContext | None = None
    ) -> None:
        self._allowance = allowance
        self._timeout = timeout
        self._tls = tls or ssl.create_default_context()
        self._line: _Line | None = None

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Post, and tell what came of it."""
        began = time.monotonic()
        try:
            received = self._posted(self._allowance.target(url), headers, body, began + self._timeout)
        except TimeoutError:
            error = f"No answer within {self._timeout:g} s."
        except (BadAddress, NotFound) as refused:
            error = str(refused)
        except (OSError, h11.ProtocolError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        else:
            ms = _ms(began)
            if 200 <= received.status < 300:
                return Answer(received.status, None, ms)
            return Answer(received.status, received.excerpt or None, ms, received.retry_after)
        self.close()
        return Answer(None, _plain(error, ERROR_MAX), _ms(began))

    def close(self) -> None:
        """Close the connection."""
        if self._line is not None:
            self._line.sock.close()
            self._line = None

    def _posted(self, target: Target, headers: dict[str, str], body: bytes, until: float) -> _Received:
        line, self._line = self._line, None
        if line is not None and line.origin == target.origin and time.monotonic() < line.until:
            # One that was kept may be closed on the other side by now: then nothing was answered, and a new one is.
            with contextlib.suppress(ConnectionError, h11.RemoteProtocolError):
                return self._asked(line, target, headers, body, until)
        if line is not None:
            line.sock.close()
        return self._asked(self._connected(target, until), target, headers, body, until)

    def _connected(self, target: Target, until: float) -> _Line:
        failure: OSError = OSError("there is no address")
        for address in self._allowance.resolved(target)[:ADDRESSES_TRIED]:
            try:
                sock = self._opened(address, target, until)
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
                continue
            http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_MAX_BYTES)
            return _Line(target.origin, sock, http, time.monotonic() + KEPT_SECONDS)
        raise failure

    def _opened(self, address: str, target: Target, until: float) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(min(CONNECT_SECONDS, _left(until)))
            sock.connect((address, target.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if target.scheme == "https":
                sock.settimeout(_left(until))
                return self._tls.wrap_socket(sock, server_hostname=target.host)
        except BaseException:
            sock.close()
            raise
        return sock

    def _asked(self, line: _Line, target: Target, headers: dict[str, str], body: bytes, until: float) -> _Received:
        try:
            self._say(line, target, headers, body, until)
            received = _heard(line, until)
        except BaseException:
            line.sock.close()
            raise
        if line.http.our_state is h11.DONE and line.http.their_state is h11.DONE:
            line.http.start_next_cycle()
            self._line = line
        else:
            line.sock.close()
        return received

    @staticmethod
    def _say(line: _Line, target: Target, headers: dict[str, str], body: bytes, until: float) -> None:
        fixed = [
            ("host", target.authority),
            ("user-agent", AGENT),
            ("accept", "*/*"),
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
        ]
        asked = h11.Request(method="POST", target=target.resource, headers=[*fixed, *headers.items()])
        parts = [line.http.send(each) for each in (asked, h11.Data(body), h11.EndOfMessage())]
        line.sock.settimeout(_left(until))
        line.sock.sendall(b"".join(part for part in parts if part))


def _heard(line: _Line, until: float) -> _Received:
    """The answer; once its head is there, what goes wrong with its body only ends the connection."""
    while not isinstance(event := _next(line, until), h11.Response):
        pass
    received = _Received(event.status_code, _retry_after(event), "")
    body = b""
    with contextlib.suppress(OSError, h11.ProtocolError):
        while len(body) <= BODY_MAX_BYTES and isinstance(event := _next(line, until), h11.Data):
            body += bytes(event.data)
    received.excerpt = _plain(body[: 4 * EXCERPT_MAX].decode(errors="replace"), EXCERPT_MAX)
    return received


def _next(line: _Line, until: float) -> h11.Event:
    while (event := line.http.next_event()) is h11.NEED_DATA:
        line.sock.settimeout(_left(until))
        line.http.receive_data(line.sock.recv(HEAD_MAX_BYTES))
    if isinstance(event, (h11.ConnectionClosed, type)):
        raise ConnectionError("the connection was closed")
    return event


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _retry_after(answer: h11.Response) -> float:
    """How long the receiver asks to be left alone, within bounds."""
    value = next((value.decode("ascii", "replace") for name, value in answer.headers if name == b"retry-after"), "")
    if value.isdigit():
        return min(float(value), RETRY_AFTER_MAX_SECONDS)
    with contextlib.suppress(ValueError):
        return max(0.0, min(parsedate_to_datetime(value).timestamp() - time.time(), RETRY_AFTER_MAX_SECONDS))
    return 0.0


def _plain(text: str, longest: int) -> str:
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
