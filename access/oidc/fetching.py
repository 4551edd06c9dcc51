"""Asking a provider, with a limit on everything: on the time in all, on the size, and never where a redirect leads."""

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR
from ssl import create_default_context
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from access.oidc.refusals import ProviderUnavailable

TIMEOUT_SECONDS = 3.0
ANSWER_MAX_BYTES = 256 * 1024
PIECE_BYTES = 16 * 1024
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

Json = dict[str, Any]


class _NoRedirects(HTTPRedirectHandler):
    """Keys and codes come from where the provider said, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None


def is_secure(url: str) -> bool:
    """Whether nobody can come between: https, or a provider on this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL))


def ask(url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, Json]:
    """GET a URL, or POST a form to it: the status and the JSON object. Raises ProviderUnavailable.

    A socket's own timeout starts anew with each byte, so the whole is done beside, waited for no longer than a limit,
    and broken off then.
    """
    if not is_secure(url):
        raise ProviderUnavailable("names an address without TLS")
    body = urlencode(form).encode() if form is not None else None
    request = Request(url, body, {"Accept": "application/json"} | dict(headers or {}))  # noqa: S310  (is_secure)
    done: list[tuple[int, bytes] | ProviderUnavailable] = []
    opened: list[HTTPConnection] = []
    beside = threading.Thread(target=lambda: done.append(_answer(request, opened)), daemon=True, name="daybook-oidc")
    beside.start()
    beside.join(TIMEOUT_SECONDS)
    if not done:
        _break_off(opened)
        raise ProviderUnavailable("did not answer in time")
    if isinstance(done[0], ProviderUnavailable):
        raise done[0]
    status, content = done[0]
    return status, _object(content)


class _Plain(HTTPHandler):
    """Tells which connections were opened."""

    def __init__(self, opened: list[HTTPConnection]) -> None:
        super().__init__()
        self._opened = opened

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_noted(HTTPConnection, self._opened), req)


class _Tls(HTTPSHandler):
    """The same with TLS; who is there is verified as by default."""

    def __init__(self, opened: list[HTTPConnection]) -> None:
        super().__init__()
        self._opened = opened

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_noted(HTTPSConnection, self._opened), req, context=create_default_context())


def _noted(kind: type[HTTPConnection], opened: list[HTTPConnection]) -> Any:
    def connection(*args: Any, **named: Any) -> HTTPConnection:
        opened.append(kind(*args, **named))
        return opened[-1]

    return connection


def _break_off(opened: list[HTTPConnection]) -> None:
    """Let nobody go on reading what drips."""
    for connection in opened:
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(SHUT_RDWR)


def _answer(request: Request, opened: list[HTTPConnection]) -> tuple[int, bytes] | ProviderUnavailable:
    until = time.monotonic() + TIMEOUT_SECONDS
    try:
        opener = build_opener(_NoRedirects, _Plain(opened), _Tls(opened))
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, _read(answer, until)
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(ANSWER_MAX_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        return ProviderUnavailable(f"cannot be asked ({type(reason).__name__})")


def _read(answer: HTTPResponse, until: float) -> bytes:
    """What there is up to the limit, piece by piece; raises TimeoutError past ``until``."""
    content = b""
    while len(content) <= ANSWER_MAX_BYTES and (piece := answer.read1(PIECE_BYTES)):
        content += piece
        if time.monotonic() > until:
            raise TimeoutError
    return content


def _object(content: bytes) -> Json:
    try:
        told = json.loads(content) if len(content) <= ANSWER_MAX_BYTES else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise ProviderUnavailable("answered something else than a JSON object")
    return told
