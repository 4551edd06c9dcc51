"""Who works takes a turn; who waits for a client gives it back."""

from __future__ import annotations

import io
import time
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from web import capacity, problems
from web.capacity import ARRIVAL, Arrival, Deadlines, discard_body, read_body

LIMIT = 1000


class Sent:
    """What a server would have sent."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        assert ("Connection", "close") in headers
        self.answers.append((status, body))


class SlowBody:
    """A body that comes only when it is let."""

    def __init__(self) -> None:
        self.may_come = Event()
        self.asked_for = Event()

    def read(self, size: int = -1) -> bytes:
        assert size
        self.asked_for.set()
        assert self.may_come.wait(10)
        return b"{}"


@pytest.fixture
def client() -> FlaskClient:
    """An application in which one request works at a time."""
    app = Flask("turns")
    app.add_url_rule("/body", "body", lambda: read_body(request.environ, LIMIT), methods=["POST"])
    app.add_url_rule("/work", "work", lambda: "done")
    app.add_url_rule("/healthz", "healthz", lambda: "alive")
    problems.install(app)
    capacity.install(app, 1)
    return app.test_client()


def post(client: FlaskClient, body: Any, **environ: Any) -> Any:
    overrides = {"wsgi.input": body, "CONTENT_LENGTH": "2"} | environ
    return client.post("/body", environ_overrides=overrides)


def test_others_work_while_a_body_is_awaited(client: FlaskClient) -> None:
    body = SlowBody()
    answers: list[Any] = []
    slow = Thread(target=lambda: answers.append(post(client, body)))
    slow.start()
    assert body.asked_for.wait(5)
    assert client.get("/work").text == "done"
    body.may_come.set()
    slow.join()
    assert answers[0].data == b"{}"


def test_without_a_turn_the_answer_is_503_and_health_is_told_all_the_same(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacity, "TURN_PATIENCE_SECONDS", 0.05)
    working, go_on = Event(), Event()
    app = client.application

    def work_long() -> str:
        working.set()
        assert go_on.wait(10)
        return "done"

    app.add_url_rule("/long", view_func=work_long)
    busy = Thread(target=lambda: client.get("/long"))
    busy.start()
    assert working.wait(5)
    refused = client.get("/work")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert client.get("/healthz").text == "alive"
    go_on.set()
    busy.join()
    assert client.get("/work").status_code == 200


def test_what_is_open_to_all_never_takes_every_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "TURN_PATIENCE_SECONDS", 0.05)
    app = Flask("open")
    working, go_on = Event(), Event()

    def track(token: str) -> str:
        working.set()
        assert go_on.wait(10)
        return token

    app.add_url_rule("/queries/tracking/<token>", "tracking", track)
    app.add_url_rule("/work", "work", lambda: "done")
    problems.install(app)
    capacity.install(app, 4)
    strangers = [Thread(target=lambda: app.test_client().get("/queries/tracking/x")) for _ in range(4)]
    strangers[0].start()
    assert working.wait(5)
    for stranger in strangers[1:]:
        stranger.start()
    assert app.test_client().get("/queries/tracking/y").status_code == 503
    assert app.test_client().get("/work").text == "done"
    go_on.set()
    for stranger in strangers:
        stranger.join()
    assert app.test_client().get("/queries/tracking/y").text == "y"


def test_a_body_that_comes_too_late_was_answered_by_somebody_else(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacity, "DEADLINES", Deadlines(0.05))
    body, sent = SlowBody(), Sent()
    answers: list[Any] = []
    slow = Thread(target=lambda: answers.append(post(client, body, **{ARRIVAL: Arrival(sent)})))
    slow.start()
    deadline = time.monotonic() + 5
    while not sent.answers and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [status for status, _ in sent.answers] == [408]
    assert b"body_too_slow" in sent.answers[0][1]
    body.may_come.set()  # it is there after all, and must not be acted on
    slow.join()
    assert answers[0].status_code == 408


def test_a_body_that_was_read_leaves_nothing_to_discard(client: FlaskClient) -> None:
    arrival = Arrival(Sent())
    assert post(client, io.BytesIO(b"{}"), **{ARRIVAL: arrival}).status_code == 200
    assert arrival.body_read


def test_a_body_that_nobody_wanted_is_read_to_its_end(client: FlaskClient) -> None:
    body, arrival = io.BytesIO(b"x" * 5000), Arrival(Sent())
    refused = post(client, body, CONTENT_LENGTH="5000", **{ARRIVAL: arrival})
    assert (refused.status_code, arrival.body_read, body.tell()) == (413, False, 0)
    discard_body({"CONTENT_LENGTH": "5000", "wsgi.input": body})
    assert body.read() == b""


def test_who_asked_whether_to_send_a_body_is_not_waited_for() -> None:
    body = io.BytesIO(b"x" * 5000)
    discard_body({"CONTENT_LENGTH": "5000", "HTTP_EXPECT": "100-continue", "wsgi.input": body})
    assert body.tell() == 0
