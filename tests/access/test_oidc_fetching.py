"""A provider that is slow, endless, elsewhere or no provider costs a moment, and nothing of it is believed."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from access.oidc import fetching
from access.oidc import provider as asking
from access.oidc.configuration import Configuration
from access.oidc.refusals import ProviderUnavailable

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


@contextmanager
def answering(answer: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers each connection so, side by side; its address, and what it was asked."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def one(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                asked = client.recv(65_536)
                seen.append(asked)
                answer(client, asked)

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=[client], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
        listener.shutdown(socket.SHUT_RDWR)


def dripping(client: socket.socket, _: bytes) -> None:
    """A byte now and then, so that no socket times out."""
    for byte in OK + b"X-Never: ends" * 100:
        client.sendall(bytes([byte]))
        time.sleep(0.05)


def saying(content: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda client, _: client.sendall(content)


def test_a_provider_that_drips_is_waited_for_no_longer_than_a_limit() -> None:
    began = time.monotonic()
    with answering(dripping) as (url, _), pytest.raises(ProviderUnavailable, match="in time"):
        fetching.ask(url)
    assert time.monotonic() - began < fetching.TIMEOUT_SECONDS + 3


@pytest.mark.parametrize(
    "content",
    [
        OK + b"\r\nno json",
        OK + b"\r\n[1]",
        OK + b"\r\n" + b"[" * 100_000,
        OK + b"\r\n{" + b" " * (fetching.ANSWER_MAX_BYTES + 1) + b"}",
        b"no http at all\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_short_json_object_is_no_answer(content: bytes) -> None:
    with answering(saying(content)) as (url, _), pytest.raises(ProviderUnavailable):
        fetching.ask(url)


def test_a_redirect_is_not_followed() -> None:
    with answering(saying(OK + b"\r\n{}")) as (elsewhere, seen):
        moved = b"HTTP/1.1 302 Found\r\nLocation: " + elsewhere.encode() + b"\r\nConnection: close\r\n\r\n{}"
        with answering(saying(moved)) as (url, _):
            assert fetching.ask(url)[0] == 302
    assert seen == []


@pytest.mark.parametrize(
    "url", ["http://login.example.com", "http://10.0.0.1", "file:///etc/passwd", "ftp://x", "", "None", "http://"]
)
def test_nothing_is_asked_without_tls_but_on_this_machine(url: str) -> None:
    with pytest.raises(ProviderUnavailable, match="without TLS"):
        fetching.ask(url)


def test_a_document_of_another_issuer_is_not_believed() -> None:
    document = OK + b'\r\n{"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"}'
    with answering(saying(document)) as (url, seen):
        provider = asking.Provider(Configuration(url))
        with pytest.raises(ProviderUnavailable, match="another name"):
            provider.known()
        for _ in range(20):
            with pytest.raises(ProviderUnavailable):
                provider.known()
    assert len(seen) == 1


def dripping_body(client: socket.socket, _: bytes) -> None:
    client.sendall(OK + b"\r\n")
    dripping(client, _)


@pytest.mark.parametrize("drips", [dripping, dripping_body])
def test_a_provider_that_drips_leaves_no_thread(drips: Callable[[socket.socket, bytes], None]) -> None:
    with answering(drips) as (url, _):
        with pytest.raises(ProviderUnavailable):
            fetching.ask(url)
        time.sleep(0.5)
        assert not [each for each in threading.enumerate() if each.name == "daybook-oidc"]


def test_an_issuer_that_differs_by_a_slash_is_told_so() -> None:
    with answering(lambda client, _: client.sendall(OK + b'\r\n{"issuer": "%s/"}' % at[0])) as (url, _):
        at = [url.encode()]
        with pytest.raises(ProviderUnavailable, match="slash at the end"):
            asking.Provider(Configuration(url)).known()


def test_few_wait_for_a_slow_provider_and_the_others_come_again() -> None:
    """Who sends tokens while it hangs does not take every thread of the server."""
    waited: list[float] = []

    def wait(provider: asking.Provider) -> None:
        began = time.monotonic()
        with contextlib.suppress(ProviderUnavailable):
            provider.known()
        waited.append(time.monotonic() - began)

    with answering(dripping) as (url, _):
        provider = asking.Provider(Configuration(url))
        threads = [threading.Thread(target=wait, args=[provider]) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(1 for seconds in waited if seconds > 1) <= asking.WAITING_MAX
