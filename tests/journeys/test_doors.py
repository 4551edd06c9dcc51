"""The real server under clients who mean no good: what they do to themselves they must not do to others."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.journeys.test_run import order
from tests.support.running import Running

SLOW = 40
FAR = "/queries/tracking/nobody?min_position=999999999"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        run = Running(tmp_path_factory.mktemp("doors") / "home")
        try:
            yield run.wait_until_ready()
        finally:
            run.close()


def begin(running: Running, length: int, sent: bytes, path: str = "/commands/orders") -> socket.socket:
    """A request whose body is announced and not finished."""
    connection = socket.create_connection(("127.0.0.1", running.port), timeout=30)
    key = running.key("integrator")
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n"
    connection.sendall(head.encode() + b"Content-Type: application/json\r\nStripe-Signature: t=1,v1=00\r\n\r\n" + sent)
    return connection


def answer_to(connection: socket.socket) -> tuple[int, str]:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, json.loads(response.read())["code"]


def test_slow_bodies_keep_nobody_waiting_and_are_answered_408(running: Running) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(begin(running, 1000, b"{")) for _ in range(SLOW)]
        began = time.monotonic()
        for number in range(5):
            assert running.ask("/healthz")[0] == 200
            assert running.ask("/commands/orders", "integrator", order(f"beside-{number}"))[0] == 201
        assert time.monotonic() - began < 5
        assert {answer_to(connection) for connection in slow} == {(408, "body_too_slow")}


def test_a_body_over_the_limit_is_answered_413_to_a_client_who_first_sends_it_all(running: Running) -> None:
    assert running.ask("/commands/orders", "integrator", {"note": "x" * 8_000_000})[0] == 413
    assert running.ask("/commands/orders", None, {"note": "x" * 8_000_000})[0] == 401


def test_a_body_that_was_cut_off_is_no_command(running: Running) -> None:
    placed = running.ask("/commands/orders", "integrator", order("cut-off"))[1]
    path = f"/commands/orders/{placed['order_id']}/cancel"
    begin(running, 100, b"", path).close()
    half_closed = begin(running, 100, b"{}", path)
    half_closed.shutdown(socket.SHUT_WR)
    half_closed.close()
    time.sleep(0.5)
    assert running.ask(f"/queries/orders/{placed['order_id']}", "admin")[1]["status"] == "Pending"


def test_a_position_that_the_log_does_not_have_is_answered_at_once(running: Running) -> None:
    began = time.monotonic()
    answers = [running.ask(FAR) for _ in range(20)]
    assert {(status, problem["code"]) for status, problem in answers} == {(409, "position_unknown")}
    assert time.monotonic() - began < 5


def test_two_headers_where_one_belongs_are_refused(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    connection.putrequest("POST", "/commands/orders")
    connection.putheader("Authorization", f"Bearer {running.key('integrator')}")
    for key in ("k-1", "k-2"):
        connection.putheader("Idempotency-Key", key)
    connection.putheader("Content-Length", "2")
    connection.endheaders(b"{}")
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["code"]) == (400, "invalid_header")
    connection.close()


def test_a_path_with_two_slashes_is_not_the_one_with_one(running: Running) -> None:
    assert running.ask("//healthz")[0] == 404
    assert running.ask("//queries/orders", "admin")[0] == 404
