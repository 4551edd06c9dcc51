"""A bulk request whose server is killed in the middle, and which is sent again: as if nothing had happened.

BULK_LINES=10000 sends as many as a request may have; the suite sends fewer.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import msgspec
import pytest

from benchmarks.bulk import COMMANDS_OF_AN_ORDER, life
from tests.support.running import Running

ORDERS = int(os.environ.get("BULK_LINES", "600")) // COMMANDS_OF_AN_ORDER
TIMEOUT_SECONDS = 120.0
Json = dict[str, Any]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = Running(tmp_path / "home", WEB_THREADS="16")
    yield run.wait_until_ready()
    run.close()


def lines() -> list[bytes]:
    """Orders that are placed, paid, invoiced and shipped."""
    return [
        msgspec.json.encode({"command": path, "key": key, "body": body}) + b"\n"
        for number in range(1, ORDERS + 1)
        for path, key, body in life(UUID(int=0x1993_0000_0000_7000_8000_0000_0000_0000 + number), str(number))
    ]


def results(run: Running, sent: list[bytes], all_sent: Event) -> Iterator[Json]:
    """The results of one request as they come; the last line leaves only when there is a first result."""
    seen = Event()
    head = f"POST /commands/bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {run.key('integrator')}\r\n"
    head += "Content-Type: application/x-ndjson\r\nDaybook-Silent: true\r\n"
    head += "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"

    def send() -> None:
        with suppress(OSError):  # killed
            connection.sendall(head.encode())
            for number, line in enumerate(sent, 1):
                if number == len(sent):
                    seen.wait(TIMEOUT_SECONDS)
                connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            all_sent.set()
            connection.sendall(b"0\r\n\r\n")

    with socket.create_connection(("127.0.0.1", run.port), TIMEOUT_SECONDS) as connection:
        sender = Thread(target=send)
        sender.start()
        with suppress(ConnectionError):  # killed
            for line in connection.makefile("rb"):
                if line.startswith(b"{"):
                    yield msgspec.json.decode(line)
                    seen.set()
        sender.join()


def without_replay(result: Json) -> Json:
    return {name: value for name, value in result.items() if name != "replayed"}


def test_killed_in_the_middle_and_sent_again_it_ends_as_if_nothing_had_happened(running: Running) -> None:
    sent, all_sent = lines(), Event()
    told: dict[int, Json] = {}
    for result in results(running, sent, all_sent):
        assert told or not all_sent.is_set(), "the first result waited for the last line"
        told[result["line"]] = result
        if len(told) == len(sent) // 3:
            running.kill_everything()
    assert len(sent) // 3 <= len(told) < len(sent)
    running.start_again()
    running.wait_until_ready()
    again = {result["line"]: result for result in results(running, sent, Event())}
    assert {result["status"] for result in again.values()} <= {200, 201}, again
    assert len(again) == len(sent)
    assert all(again[number]["replayed"] for number in told)
    assert {number: without_replay(again[number]) for number in told} == told
    third = list(results(running, sent, Event()))
    assert all(result["replayed"] for result in third)
    assert {result["line"]: without_replay(result) for result in third} == {
        number: without_replay(result) for number, result in again.items()
    }
    assert counted(running, max(result["position"] for result in third)) == {"Complete": ORDERS}


def counted(running: Running, position: int) -> Json:
    """How many orders there are by status, once the read model has come that far."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        status, answer = running.ask("/queries/orders/counts", "integrator")
        assert status == 200
        if answer["position"] >= position:
            return {name: count for name, count in answer["counts"].items() if count}
        time.sleep(0.1)
    raise AssertionError("the read model does not follow")
