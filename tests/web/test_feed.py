"""The feed of events: lines from a position on, a wait that ends with the next event, a stream, and what it refuses."""

import json
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from access.roles import Role
from tests.web.edge import bearer
from tests.web.live import Site, another_order


def lines(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.data.splitlines()]


def place(site: Site) -> dict[str, Any]:
    answer: dict[str, Any] = site.post("orders", another_order()).get_json()
    return answer


def test_events_come_as_lines_after_a_position(site: Site) -> None:
    first, second = place(site), place(site)
    answer = site.get(f"/queries/events?after={first['position']}", Role.INTEGRATOR)
    assert answer.content_type == "application/x-ndjson"
    assert [event["order_id"] for event in lines(answer)] == [second["order_id"]]
    assert answer.headers["Daybook-Position"] == str(second["position"])


def test_only_auditors_get_people_and_reasons(site: Site) -> None:
    placed = place(site)
    before = placed["position"] - 1
    (audited,) = lines(site.get(f"/audit/events?after={before}", Role.AUDITOR))
    (plain,) = lines(site.get(f"/queries/events?after={before}", Role.INTEGRATOR))
    assert audited["data"]["customer"]["email"]
    assert audited["actor"]["name"] == "test"
    assert "ana@example.com" not in json.dumps(plain)
    assert site.get("/audit/events", Role.INTEGRATOR).status_code == 403


def test_a_wait_ends_with_the_next_event(site: Site) -> None:
    after = place(site)["position"]

    def later() -> None:
        sleep(0.5)
        place(site)

    other = Thread(target=later)
    began = monotonic()
    other.start()
    answer = site.get(f"/queries/events?after={after}&wait=30", Role.INTEGRATOR)
    other.join()
    assert len(lines(answer)) == 1
    assert 0.4 < monotonic() - began < 20


def test_a_wait_for_what_does_not_come_ends_by_itself(site: Site) -> None:
    after = place(site)["position"]
    answer = site.get(f"/queries/events?after={after}&wait=1", Role.INTEGRATOR)
    assert (answer.status_code, answer.data, answer.headers["Daybook-Position"]) == (200, b"", str(after))


def test_a_stream_goes_on_after_the_last_event_that_was_seen(site: Site) -> None:
    first, second = place(site), place(site)
    headers = bearer(site.keys[Role.INTEGRATOR]) | {
        "Accept": "text/event-stream",
        "Last-Event-ID": str(first["position"]),
    }
    answer = site.client.get("/queries/events", headers=headers)
    pieces: Any = iter(answer.response)
    assert next(pieces).startswith(b"retry: ")
    told = next(pieces).decode().splitlines()
    assert told[:2] == [f"id: {second['position']}", "event: order.placed"]
    third = place(site)
    assert f"id: {third['position']}".encode() in next(piece for piece in pieces if b"data:" in piece)
    answer.close()


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("types=order.plcaed", 422, "invalid_parameter"),
        ("order_id=7", 400, "invalid_parameter"),
        ("wait=31", 422, "invalid_parameter"),
        ("after=9999999", 409, "position_unknown"),
        ("page=2", 400, "unknown_parameter"),
    ],
)
def test_what_cannot_be_answered_is_refused(site: Site, asked: str, status: int, code: str) -> None:
    answer = site.get(f"/queries/events?{asked}", Role.INTEGRATOR)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
