"""Requests go to addresses that were judged, over connections made to those, within a deadline, and follow nobody."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.webhooks.posting import Poster
from tests.adapters.certificates import server_context, trusting
from webhooks.addresses import Allowance
from webhooks.ports import Answer

LOCAL = Allowance.of("127.0.0.0/8")
SENT = {"webhook-id": "1"}


def asked(url: str, *, timeout: float = 15.0, tls: ssl.SSLContext | None = None, allowed: Allowance = LOCAL) -> Answer:
    """What one request came to."""
    post = Poster(allowed, timeout=timeout, tls=tls)
    try:
        return post(url, SENT, b"{}")
    finally:
        post.close()


@contextmanager
def answering(
    answer: bytes, *, tls: ssl.SSLContext | None = None, slowly: float = 0.0
) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads a request and answers these bytes; its port, and the heads of the requests."""
    heads: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=[client], daemon=True).start()

    def talk(client: socket.socket) -> None:
        try:
            with tls.wrap_socket(client, server_side=True) if tls else client as line:
                heads.append(line.recv(65536))
                for at in range(0, len(answer), 1) if slowly else [0]:
                    line.sendall(answer[at : at + 1] if slowly else answer)
                    time.sleep(slowly)
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], heads
    finally:
        listener.close()


OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_the_name_is_kept_for_tls_and_host_while_the_address_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with answering(OK, tls=server_context(tmp_path, "erp.example.com")) as (port, heads):
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        answer = asked(f"https://erp.example.com:{port}/hook?a=b", tls=trusting(tmp_path))
        other = asked(f"https://other.example.com:{port}/", tls=trusting(tmp_path))
    assert (answer.status, answer.error) == (204, None)
    assert heads[0].startswith(b"POST /hook?a=b HTTP/1.1\r\nhost: erp.example.com:")
    assert looked_up == ["erp.example.com", "other.example.com"]
    assert "CERTIFICATE_VERIFY_FAILED" in (other.error or "")


def test_a_name_that_changes_its_mind_is_judged_at_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "169.254.169.254"])
    connected: list[Any] = []
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]
    )
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: connected.append(address))
    allowance = Allowance()
    allowance.resolved(allowance.target("https://rebind.example.com/"))  # as when it is saved
    for address in ("127.0.0.1", "169.254.169.254"):
        answer = asked("https://rebind.example.com/", allowed=allowance)
        assert answer.error == f"rebind.example.com leads to {address}, which is no public address."
    assert connected == []


def test_one_address_of_several_that_must_not_be_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert "10.0.0.1" in (asked("https://both.example.com/", allowed=Allowance()).error or "")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with answering(OK) as (port, _):
        assert asked(f"http://127.0.0.1:{port}/").status == 204


def test_an_answer_that_drips_is_cut_off_at_the_deadline() -> None:
    with answering(b"HTTP/1.1 204 No Content\r\n" + 500 * b"x: y\r\n", slowly=0.05) as (port, _):
        began = time.monotonic()
        answer = asked(f"http://127.0.0.1:{port}/", timeout=0.6)
    assert answer.error == "No answer within 0.6 s."
    assert time.monotonic() - began < 2


def test_of_a_long_answer_little_is_read() -> None:
    body = b"HTTP/1.1 500 No\r\ncontent-length: 900000000\r\n\r\n" + 10**6 * b"a"
    with answering(body) as (port, _):
        answer = asked(f"http://127.0.0.1:{port}/", timeout=5)
    assert answer.status == 500
    assert len(answer.error or "") == 200
    assert answer.ms < 4000


def test_an_endless_head_is_refused() -> None:
    with answering(b"HTTP/1.1 200 OK\r\n" + 10_000 * b"x: yyyyyyyy\r\n") as (port, _):
        answer = asked(f"http://127.0.0.1:{port}/", timeout=5)
    assert answer.status is None
    assert "RemoteProtocolError" in (answer.error or "")


def test_a_receiver_says_when_to_come_again() -> None:
    with answering(b"HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n") as (port, _):
        answer = asked(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.retry_after) == (429, 7.0)
